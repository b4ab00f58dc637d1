"""Walks through the rows of a type as they stood at a moment, as far as a caller may see them.

Who may see a row is asked when it is read: what is hidden or gone meanwhile is not there.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from gateway.access.actor import Actor
from gateway.fhir.compartments import compartments
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.context import is_closed
from gateway.interactions.door import Door
from gateway.store.query import Clause, Either, Keys, Query
from gateway.store.stored import Stored

PAGE: Final = 500
PORTION: Final = 4 * 1024 * 1024
"""Bytes at rest that are read at a time: a few resources where they are large."""
PATIENT: Final = "Patient"

Row = tuple[Stored, int]
"""A version without its body, and how long that is at rest."""


@dataclass(frozen=True, slots=True)
class Range:
    """What is walked through: the rows of a type after one row up to the mark."""

    type: str
    after: int
    mark: int


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose rows are read: all that an actor may see, or those of the actor's own campus."""

    actor: Actor

    @property
    def values(self) -> tuple[int, int]:
        """What the statements take."""
        is_all = self.actor.campus == 0 and self.actor.has("admin")
        return int(is_all), self.actor.campus


async def page(door: Door, whose: Whose, what: Range, name: str = "walk") -> tuple[list[Row], int]:
    """Return the rows of the next page that the actor may see, and the last row of the page.

    `walk_deleted` gives tombstones. The last row is 0 where nothing is left.
    """
    values = (TYPE_IDS[what.type], what.after, what.mark, what.mark, *whose.values, PAGE)
    found = await door.store.scan(name, values)
    viewer = door.viewer(whose.actor)
    rows = [(Stored(*(*row[:8], b"", *row[9:])), row[8]) for row in found]
    seen = [row for row in rows if door.store.may_read(row[0], viewer)]
    return seen, rows[-1][0].row if rows else 0


async def bodies(
    door: Door, whose: Whose, mark: int, rows: Sequence[Row], is_inside: Callable[[Stored], bool]
) -> AsyncIterator[list[Stored]]:
    """Yield the versions of a page with their bodies, a bounded portion at a time.

    What was hidden or deleted since the page was read is not there. `is_inside` is asked of
    versions that are not current: what was looked at is what followed them.
    """
    for portion in _portions(rows):
        first, last = portion[0][0], portion[-1][0]
        values = (first.type_id, first.row, last.row, mark, *whose.values)
        scanned = await door.store.scan("walk_bodies", values)
        found = {row: (body, label, is_old) for row, body, label, is_old in scanned}
        viewer = door.viewer(whose.actor)
        whole: list[Stored] = []
        for row, _ in portion:
            if row.row not in found:
                continue
            body, label, is_old = found[row.row]
            one = msgspec.structs.replace(row, body=body, label=label)
            if door.store.may_read(one, viewer) and (not is_old or is_inside(one)):
                whole.append(one)
        yield [one for one in whole if not is_closed(door, whose.actor, one)]


def _portions(rows: Sequence[Row]) -> list[list[Row]]:
    portions: list[list[Row]] = []
    size = PORTION
    for row in rows:
        if size + row[1] > PORTION:
            portions.append([])
            size = 0
        portions[-1].append(row)
        size += row[1]
    return portions


async def of_patients(
    door: Door, what: Range, rows: Sequence[Row], members: Collection[int] | None
) -> list[Row]:
    """Return the rows that are in the compartment of one of these Patients, None: of any."""
    if not rows:
        return []
    if what.type == PATIENT:
        return [row for row in rows if members is None or row[0].key in members]
    params = compartments()[PATIENT][what.type]
    span = rows[0][0].row, rows[-1][0].row
    values = (TYPE_IDS[PATIENT], TYPE_IDS[what.type], *span, what.mark)
    found = await door.store.scan("walk_references", values)
    inside = {
        row
        for row, param, value in found
        if param in params and (members is None or value in members)
    }
    return [row for row in rows if row[0].row in inside]


async def matching(
    door: Door, actor: Actor, rows: Sequence[Row], queries: Sequence[tuple[Clause, ...]]
) -> list[Row]:
    """Return the rows that one of some searches finds; of no searches, all."""
    if not queries or not rows or () in queries:
        return list(rows)
    keys = tuple(row[0].key for row in rows)
    either = queries[0] if len(queries) == 1 else (Either(tuple(queries)),)
    asked = Query(rows[0][0].type_id, door.viewer(actor), (*either, Keys(keys)))
    found = set(await door.store.keys(asked, len(keys)) or ())
    return [row for row in rows if row[0].key in found]
