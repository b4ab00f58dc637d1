"""The only place where the parts are wired together."""

from gateway.app.door import address, close_door, microseconds, open_door
from gateway.app.serving import log_to_stderr, serve

__all__ = ["address", "close_door", "log_to_stderr", "microseconds", "open_door", "serve"]
