"""The account of a message: parts in = facts out + named skips, and what became of each fact.

It names places and ids, never a value.
"""

from collections import Counter
from typing import Any

import msgspec

from gateway.ingest.reasons import QuarantineError
from mappers.base import Mapped, Note


class Account:
    """Gathers what one message became."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.found: list[str] = []
        """What the message tells of was there already, from another way in."""
        self._kept: Counter[str] = Counter()
        self.notes: list[Note] = []

    def keep(self, reason: str) -> None:
        """Count a fact that changed nothing: it stood there already, or something newer did."""
        self._kept[reason] += 1

    def note(self, code: str, place: str) -> None:
        """Note something that ingest found out."""
        self.notes.append(Note(code, place))

    def json(self, mapped: Mapped | None, held: QuarantineError | None = None) -> str:
        """Return the account as it is kept with the message."""
        told: dict[str, Any] = {}
        if mapped is not None:
            told = {
                "event": mapped.event,
                "received": mapped.account.received,
                "facts": mapped.account.facts,
                "skips": mapped.account.skips,
            }
        if notes := [*(mapped.notes if mapped else ()), *self.notes]:
            told["notes"] = notes
        if self._kept:
            told["unchanged"] = dict(self._kept)
        if self.made:
            told["made"] = self.made
        if self.found:
            told["found"] = self.found
        if held is not None:
            told["quarantine"] = {"code": held.code, "place": held.place}
            if held.waits_for:
                told["quarantine"]["waitsFor"] = held.waits_for
        return msgspec.json.encode(told).decode()
