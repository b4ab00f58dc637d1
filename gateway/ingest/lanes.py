"""Lanes: messages about one patient, report or order keep their order, others pass them by."""

import asyncio
from collections.abc import Iterable
from typing import Final

from mappers.base import Mapped

ORDERED: Final = frozenset({"Patient", "Encounter", "DiagnosticReport", "ServiceRequest"})


def lanes_of(campus: int, mapped: Mapped) -> set[str]:
    """Return the names of the lanes that a message occupies."""
    keys = {draft.key for draft in mapped.drafts if draft.key.type in ORDERED}
    keys |= {link.own.key for link in mapped.orders if link.own is not None}
    for merge in mapped.merges:
        keys |= {merge.prior, merge.survivor}
    lanes = {f"{campus}|{key}" for key in keys}
    if mapped.recording is not None:
        # The same ECG may come from two campuses at once.
        lanes.add(f"ecg|{mapped.recording.hash}")
    return lanes


class Lanes:
    """Who is the last in each lane."""

    def __init__(self) -> None:
        self._last: dict[str, asyncio.Task[None]] = {}

    def before(self, lanes: Iterable[str]) -> set[asyncio.Task[None]]:
        """Return whom a message that comes now has to wait for."""
        return {self._last[lane] for lane in lanes if lane in self._last}

    def enter(self, lanes: Iterable[str], task: asyncio.Task[None]) -> None:
        """Put a message at the end of its lanes; it leaves them when its task ends."""
        occupied = tuple(lanes)
        for lane in occupied:
            self._last[lane] = task

        def leave(_: asyncio.Task[None]) -> None:
            for lane in occupied:
                if self._last.get(lane) is task:
                    del self._last[lane]

        task.add_done_callback(leave)
