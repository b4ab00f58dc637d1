"""The online reindex: index rows made anew from the bodies, a portion a transaction.

A migration that brings new index tables leaves the setting `reindex` behind, a SearchParameter that
somebody defines leaves a row of `search_param`; the worker then goes through what lacks rows while
everything else goes on. What is written meanwhile has its rows. How far it is stands in the same
transaction as the rows, so that it goes on from there after a kill.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from gateway.errors import UnavailableError
from gateway.fhir.codec import decode
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.extract import extract, extract_more
from gateway.fhir.searchparams import custom_id
from gateway.fhir.taking import Take
from gateway.interactions.door import Door
from gateway.interactions.parameters import BUILDING, GOING, REINDEX, SETTING, WHOLE, Custom
from gateway.interactions.prepare import found_by, index
from gateway.store.long_names import LONGEST, short
from gateway.store.records import Batch, Reindex, StaleError, Statement, Strip, Write
from gateway.store.stored import Stored

PORTION: Final = 200
"""Versions of one transaction: some 50 ms that other writers wait."""
PAUSE: Final = 0.05
PATIENCE: Final = 5.0
WATCH: Final = 0.5
"""How long a definition waits to be seen where the notice of it was lost."""


async def step(door: Door, after: int, *, everything: bool) -> tuple[int, int]:
    """Index a portion behind a row, all or what has none; return its last row and how many."""
    generation = door.params.generation
    found = await door.store.scan("to_index", (after, int(everything), PORTION))
    rows = [Stored(*row) for row in found]
    if not rows:
        return after, 0
    again = [Reindex(one.row, _write(door, one)) for one in rows]
    batch = Batch(os.urandom(16), reindex=again, statements=_long_names(again))
    if await _submit(door, batch, generation):
        return rows[-1].row, len(rows)
    return await step(door, after, everything=everything)


def _long_names(again: Sequence[Reindex]) -> list[Statement]:
    """Return what folds names anew that are not kept whole (`refold` does the others)."""
    found = {
        short(text): folded
        for one in again
        for _, text, folded in one.write.strings
        if len(text) > LONGEST
    }
    return [("word_fold_long", (folded, text, folded)) for text, folded in found.items()]


async def finish(door: Door) -> None:
    """Say that every resource has its index rows."""
    done = ("setting_put", (*REINDEX, "done"))
    await door.store.submit(Batch(os.urandom(16), statements=[done]))
    door.params.forget()


async def define(door: Door) -> bool:
    """Do a portion of what the definitions ask for; return whether there was anything to do."""
    door.params.forget()
    for one in door.params.customs():
        if one.state == GOING:
            await _take_out(door, one)
            return True
        if one.state == BUILDING and _ready(door, one):
            await _build(door, one)
            return True
    return False


def _ready(door: Door, custom: Custom) -> bool:
    """Return whether all that a composite is made of is built."""
    parts = [code for code, _ in custom.definition.components]
    known = door.params.of(custom.definition.bases[0])
    return all(door.params.percent(known[code]) == WHOLE for code in parts if code in known)


async def _build(door: Door, custom: Custom) -> None:
    """Index a portion of what a definition is for: its types, one after the other."""
    number, bases = custom.number, custom.definition.bases
    generation = door.params.generation
    place, rows = await _next(door, custom)
    statements: list[Statement] = []
    if not custom.total:
        statements.append(("param_began", (await _total(door, bases), number)))
    if rows:
        done = custom.done + len(rows)
        statements.append(("param_went", (place, rows[-1].row, done, number)))
    else:
        statements.append(("param_built", (number,)))
    takes = door.params.takes(bases[place])
    own = custom_id(number, bases[place])
    more = [_more(door, one, {own: takes[own]}) for one in rows]
    batch = Batch(
        os.urandom(16),
        reindex=[one for one in more if one.write.holds],
        statements=statements,
        notices=[] if rows else [("config", "")],
    )
    await _submit(door, batch, generation)


async def _next(door: Door, custom: Custom) -> tuple[int, list[Stored]]:
    """Return the next versions to be indexed, and of which of the bases they are."""
    place, after = custom.base, custom.after
    for place in range(custom.base, len(custom.definition.bases)):
        type_ = custom.definition.bases[place]
        # A composite of the whole resource has no rows of its own.
        if custom_id(custom.number, type_) in door.params.takes(type_):
            rows = await door.store.scan("to_index_type", (TYPE_IDS[type_], after, PORTION))
            if rows:
                return place, [Stored(*row) for row in rows]
        after = 0
    return place, []


def _more(door: Door, stored: Stored, takes: Mapping[int, Take]) -> Reindex:
    write = Write(TYPE_IDS[stored.type], stored.id, stored.campus, "update")
    found = extract_more(decode(stored.json()), door.zone, door.base, takes)
    found_by(found, write)
    return Reindex(stored.row, write, more=True)


async def _total(door: Door, bases: Sequence[str]) -> int:
    """Return how many resources there are to be looked at."""
    counts = [await door.store.scan("count_of_type", (TYPE_IDS[type_],)) for type_ in bases]
    return sum(count for ((count,),) in counts)


async def _take_out(door: Door, custom: Custom) -> None:
    """Take out a portion of the index rows of a definition that is no more."""
    generation = door.params.generation
    ids = tuple(custom_id(custom.number, type_) for type_ in custom.definition.bases)
    for id_ in ids:
        if rows := await door.store.scan("holding", (id_, PORTION)):
            strip = [Strip(row, (id_,)) for (row,) in rows]
            await _submit(door, Batch(os.urandom(16), strip=strip), generation)
            return
    gone = Batch(os.urandom(16), statements=[("param_gone", (custom.number,))])
    await _submit(door, gone, generation)


async def _submit(door: Door, batch: Batch, generation: str | None) -> bool:
    """Write what was made of the definitions as they stood; return whether they stand so still."""
    batch.unchanged.append(("setting", (SETTING,), generation))
    try:
        await door.store.submit(batch)
    except StaleError:
        door.params.forget()
        return False
    return True


def _write(door: Door, stored: Stored) -> Write:
    write = Write(TYPE_IDS[stored.type], stored.id, stored.campus, "update")
    takes = door.params.takes(stored.type)
    index(stored.type, extract(decode(stored.json()), door.zone, door.base, takes), write)
    return write


class Reindexer:
    """A task of the worker: indexes what awaits it, then rests."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._told = asyncio.Event()
        door.store.subscribe("config", lambda _topic, _text: self._told.set())

    async def run(self) -> None:
        """Work until cancelled."""
        after = 0
        while True:
            try:
                if self._door.params.lacking():
                    after, count = await step(self._door, after, everything=False)
                    if not count:
                        await finish(self._door)
                        after = 0
                elif not await define(self._door):
                    await self._rest()
            except UnavailableError:
                await asyncio.sleep(PATIENCE)
            await asyncio.sleep(PAUSE)

    async def _rest(self) -> None:
        self._told.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(WATCH):
                await self._told.wait()
