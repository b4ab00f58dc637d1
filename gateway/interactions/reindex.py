"""The online reindex: index rows made anew from the bodies, a portion a transaction.

A migration that brings new index tables leaves the setting `reindex` behind; the worker then goes
through what lacks rows while everything else goes on. What is written meanwhile has its rows.
"""

import asyncio
import os
from typing import Final

from gateway.errors import UnavailableError
from gateway.fhir.codec import decode
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.extract import extract
from gateway.interactions.door import Door
from gateway.interactions.prepare import index
from gateway.store.records import Batch, Reindex, Write
from gateway.store.stored import Stored

SETTING: Final = "reindex"
PENDING: Final = "pending"
PORTION: Final = 200
"""Versions of one transaction: some 50 ms that other writers wait."""
PAUSE: Final = 0.05
PATIENCE: Final = 5.0


def pending(door: Door) -> bool:
    """Return whether some resources lack index rows."""
    return door.store.fetch("setting", (SETTING,)) == [(PENDING,)]


async def step(door: Door, after: int, *, everything: bool) -> tuple[int, int]:
    """Index a portion behind a row, all or what has none; return its last row and how many."""
    found = await door.store.scan("to_index", (after, int(everything), PORTION))
    rows = [Stored(*row) for row in found]
    if not rows:
        return after, 0
    again = [Reindex(one.row, _write(door, one)) for one in rows]
    await door.store.submit(Batch(os.urandom(16), reindex=again))
    return rows[-1].row, len(rows)


async def finish(door: Door) -> None:
    """Say that every resource has its index rows."""
    done = ("setting_put", (SETTING, "done"))
    await door.store.submit(Batch(os.urandom(16), statements=[done]))


def _write(door: Door, stored: Stored) -> Write:
    write = Write(TYPE_IDS[stored.type], stored.id, stored.campus, "update")
    index(stored.type, extract(decode(stored.json()), door.zone, door.base), write)
    return write


class Reindexer:
    """A task of the worker: indexes what awaits it, then rests."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def run(self) -> None:
        """Work until cancelled."""
        after = 0
        while pending(self._door):
            try:
                after, count = await step(self._door, after, everything=False)
                if not count:
                    await finish(self._door)
            except UnavailableError:
                await asyncio.sleep(PATIENCE)
            await asyncio.sleep(PAUSE)
        await asyncio.Event().wait()
