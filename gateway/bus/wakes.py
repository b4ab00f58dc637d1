"""Carries the notices of commits through Redis to the other processes and gateways.

Only where each process writes by itself: on SQLite the store role tells all. A commit waits for
none of it, and a notice that is lost only delays: whoever listens looks now and then all the same.
"""

import asyncio
import logging
import os
from collections.abc import Sequence
from typing import Final

import msgspec

from gateway.bus.link import Link
from gateway.store.notices import Notice, Notices

GATHER: Final = 0.002
"""Seconds in which notices gather: many commits say the same."""
PORTION: Final = 500
"""Notices of one message."""

log = logging.getLogger(__name__)


class Message(msgspec.Struct, array_like=True, frozen=True):
    """Notices, and the process that they come from."""

    sender: bytes
    notices: list[Notice]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message).decode


class Wakes:
    """The notices of one process, on their way out and in."""

    def __init__(self, notices: Notices, link: Link) -> None:
        self._notices = notices
        self._link = link
        self._name = os.urandom(8)
        self._waiting: dict[Notice, None] = {}
        # Imported here: what it counts into, it settles when it is imported, and that must be after
        # the folder in which the processes add up is known.
        from prometheus_client import CollectorRegistry, Counter  # noqa: PLC0415

        registry = CollectorRegistry()
        self._sent = Counter("hutong_bus_sent", "Notices sent to Redis.", registry=registry)
        self._received = Counter(
            "hutong_bus_received", "Notices of others that Redis brought.", registry=registry
        )
        notices.relay(self._gather, lambda: link.connected)
        link.listen(self._hear)

    def _gather(self, notices: Sequence[Notice]) -> None:
        if notices and not self._waiting:
            asyncio.get_running_loop().call_later(GATHER, self._flush)
        self._waiting.update(dict.fromkeys(notices))

    def _flush(self) -> None:
        notices, self._waiting = list(self._waiting), {}
        for start in range(0, len(notices), PORTION):
            portion = notices[start : start + PORTION]
            if self._link.publish(_encode(Message(self._name, portion))):
                self._sent.inc(len(portion))

    def _hear(self, body: bytes) -> None:
        try:
            message = _decode(body)
        except msgspec.DecodeError:
            log.warning("bus: a message on the channel is not one of ours")
            return
        # Those of this process its own listeners were told when it committed.
        if message.sender != self._name:
            self._received.inc(len(message.notices))
            self._notices.tell(message.notices)
