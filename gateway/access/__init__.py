"""Who calls, what they may do, what is hidden from whom, and the record of it (DESIGN §3)."""

from gateway.access.actor import Actor
from gateway.access.audit import Recorder, event
from gateway.access.campus import Campus, Channel
from gateway.access.directory import Directory, UnknownSenderError
from gateway.access.scopes import Scopes

__all__ = [
    "Actor",
    "Campus",
    "Channel",
    "Directory",
    "Recorder",
    "Scopes",
    "UnknownSenderError",
    "event",
]
