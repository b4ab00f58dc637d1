"""What the listener hands on: who calls, and one object on its way in."""

from collections.abc import Awaitable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """One association that is asked for."""

    calling_ae_title: str
    called_ae_title: str
    peer: str
    """The address it comes from, without port."""
    tls_name: str = ""
    """Whom the client certificate names, where there is one."""


class Admission(IntEnum):
    """Whether an association is admitted; else the diagnostic of A-ASSOCIATE-RJ (PS3.8 §9.3.4)."""

    ADMITTED = 0
    CALLING_AE_TITLE = 3
    CALLED_AE_TITLE = 7


class Spool(Protocol):
    """An object being written: a file that its owner keeps or discards."""

    size: int

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes."""
        ...

    def read(self, start: int, count: int) -> bytes:
        """Return a range of what was written."""
        ...

    def discard(self) -> None:
        """Let go of it."""
        ...


@dataclass(frozen=True, slots=True)
class Delivered:
    """One object of a C-STORE, complete with group 0002."""

    call: Call
    affected_sop_class_uid: str
    affected_sop_instance_uid: str
    transfer_syntax_uid: str
    spool: Spool


class ObjectSink(Protocol):
    """What becomes of associations and objects."""

    def begin(self) -> Spool:
        """Return a place for an object; any error refuses it for want of room."""
        ...

    def admit(self, call: Call) -> Awaitable[Admission]:
        """Return whether an association is admitted."""
        ...

    def take(self, delivered: Delivered) -> Awaitable[int]:
        """Return the C-STORE status once what it says is durable."""
        ...
