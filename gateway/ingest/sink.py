"""The sink of the listeners: what a sender is answered, and when.

HL7 v2.9 chapter 2.9: AA once the message is durable and its envelope sound, AE where it may be sent
again, AR where that would not help (DESIGN §3, "Durable before acknowledged").
"""

import logging
import os
from typing import Final

from adapters.base import Receipt, Received
from adapters.errors import EnvelopeError
from gateway.access.directory import UnknownSenderError
from gateway.errors import UnavailableError
from gateway.ingest.alert import alert
from gateway.ingest.formats import FORMATS
from gateway.ingest.intake import Arrival, keep, open_message
from gateway.ingest.outcome import DONE, WAITS, Outcome, Outcomes
from gateway.ingest.pressure import Pressure
from gateway.ingest.reasons import REASONS
from gateway.interactions.door import Door
from gateway.store.records import Batch, Statement

PROCESSED_SECONDS: Final = 25.0
"""How long a channel with `ack=processed` waits; most senders give up after thirty."""
QUIET: Final = 1_000_000
"""Microseconds in which one alert is raised once: whoever calls in vain must not fill the disk."""
ENHANCED: Final = {"AA": "CA", "AE": "CE", "AR": "CR"}

SENDERS: Final = {
    "unknown-sender": "发送机构未登记",
    "wrong-address": "发送机构不得从此地址发送",
}

log = logging.getLogger(__name__)


class MessageSink:
    """Takes messages in; one for all connections of a process."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._pressure = Pressure(door)
        self._outcomes = Outcomes(door)
        self._raised: dict[tuple[str, str], int] = {}

    async def __call__(self, received: Received) -> Receipt:
        """Return what the sender is told; AA only for what is durable."""
        try:
            arrival = open_message(self._door, received)
        except UnknownSenderError as error:
            await self._raise(error.reason, received.peer, 0, "A sender was refused.")
            place = FORMATS[received.format].sender_place
            return Receipt("AR", SENDERS[error.reason], "204", place)
        except EnvelopeError as error:
            await self._raise("refused-message", received.peer, 0, "A message was refused.")
            return error.receipt()
        return _coded(arrival, await self._take(arrival))

    async def _take(self, arrival: Arrival) -> Receipt:
        try:
            kept = await keep(self._door, arrival)
        except UnavailableError:
            return Receipt("AE", "网关暂时无法存储，请稍后重发", "207")
        if arrival.channel.options["ack"] == "processed":
            outcome = await self._outcomes.finished(kept.id, PROCESSED_SECONDS)
            return _judged(arrival, outcome)
        if not await self._pressure.passed(kept.id):
            log.warning("ingest: the inbox is not emptied, senders are held up")
            await self._raise("full-queue", "inbox", 0, "Messages wait longer than promised.")
        return Receipt("AA")

    async def _raise(self, kind: str, place: str, campus: int, text: str) -> None:
        now = self._door.clock()
        if now - self._raised.get((kind, place), 0) < QUIET:
            return
        if len(self._raised) > 1000:  # noqa: PLR2004 - more addresses than any county has
            self._raised.clear()
        self._raised[kind, place] = now
        statements: list[Statement] = [alert(kind, place, campus, text, now)]
        try:
            await self._door.store.submit(Batch(os.urandom(16), statements=statements))
        except UnavailableError:
            log.warning("ingest: an alert could not be kept: %s", kind)


def _coded(arrival: Arrival, receipt: Receipt) -> Receipt:
    """Return the receipt in the words of the channel's mode."""
    if arrival.channel.options["mode"] != "enhanced":
        return receipt
    return Receipt(ENHANCED[receipt.code], receipt.text, receipt.error, receipt.location)


def _judged(arrival: Arrival, outcome: Outcome | None) -> Receipt:
    """Return the receipt of a channel that wants to know what became of its message."""
    if outcome is None or outcome.state == WAITS:
        return Receipt("AE", "报文已收下，尚未处理完，请稍后重发确认", "207")
    if outcome.state == DONE:
        return Receipt("AA")
    held = outcome.told().get("quarantine", {})
    text = REASONS[held["code"]].zh if held.get("code") in REASONS else "报文未能入库"
    location = FORMATS[arrival.format].location(held.get("place", ""))
    return Receipt("AE", text, "207", location)
