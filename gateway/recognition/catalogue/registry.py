"""The versions of the catalogue, held in memory: which one is in force, and any by its number.

Read anew when a "config" notice arrived or half a second has passed, as the directory is, so that
an import counts within one second even where the notice was lost.
"""

import time
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

import msgspec

from gateway.recognition.catalogue.book import Book
from gateway.recognition.catalogue.model import Catalogue, Item
from gateway.recognition.catalogue.starter import starter

STALE_AFTER: Final = 0.5
ZONE: Final = ZoneInfo("Asia/Shanghai")
KEPT: Final = 64
"""Books of past days that are kept: replays and trials ask for them."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_decoder = msgspec.json.Decoder(Catalogue)


class Versions(Protocol):
    """The part of a store that the catalogues read."""

    def fetch(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a named read statement."""

    def subscribe(self, topic: str, listener: Callable[[str, str], None]) -> None:
        """Call the listener with each notice of a topic."""


class Catalogues:
    """All versions of one consortium; a day is one of its time zone."""

    def __init__(
        self,
        store: Versions,
        clock: Callable[[], int],
        *,
        zone: ZoneInfo = ZONE,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._zone = zone
        self._ticks = ticks
        self._due = 0.0
        self._rows: list[Any] | None = None
        self._heads: tuple[Catalogue, ...] = ()
        self._bodies: dict[int, Catalogue] = {}
        self._books: dict[tuple[int, str], Book] = {}
        self._days: dict[str, Book | None] = {}
        store.subscribe("config", self._changed)

    def now(self) -> Book | None:
        """Return what is in force at this moment."""
        return self.at(self._clock())

    def at(self, us: int) -> Book | None:
        """Return what is in force at a moment, without the items that are not; None: nothing is."""
        self._fresh()
        day = self.day(us)
        if day not in self._days:
            if len(self._days) >= KEPT:
                self._days.clear()
            found = self.in_force(day)
            self._days[day] = self._book(found[0].version, day) if len(found) == 1 else None
        return self._days[day]

    def version(self, number: int, us: int | None = None) -> Book | None:
        """Return a version, as it was at a moment or else with all of its items."""
        self._fresh()
        if all(head.version != number for head in self._heads):
            return None
        return self._book(number, "" if us is None else self.day(us))

    def versions(self) -> tuple[Catalogue, ...]:
        """Return all versions without their items, oldest first."""
        self._fresh()
        return self._heads

    def codes(self) -> frozenset[str]:
        """Return the codes of all items that any version has."""
        return frozenset(
            item.code for head in self.versions() for item in self._catalogue(head.version).items
        )

    def in_force(self, day: str) -> tuple[Catalogue, ...]:
        """Return the versions that claim a day: one, unless they ended or overlap."""
        self._fresh()
        return tuple(head for head in self._heads if holds(head, day))

    def day(self, us: int) -> str:
        """Return the consortium's day of a moment."""
        at = EPOCH + timedelta(microseconds=us)
        return at.astimezone(self._zone).date().isoformat()

    def _book(self, number: int, day: str) -> Book:
        catalogue = self._catalogue(number)
        kept = tuple(one for one in catalogue.items if not day or holds(one, day))
        if len(kept) == len(catalogue.items):
            day = ""
        place = number, day
        if place not in self._books:
            if len(self._books) >= KEPT:
                self._books.clear()
            self._books[place] = Book(msgspec.structs.replace(catalogue, items=kept))
        return self._books[place]

    def _catalogue(self, number: int) -> Catalogue:
        if number not in self._bodies:
            rows = self._store.fetch("catalogue_body", (number,))
            self._bodies[number] = unpack(rows[0][0]) if rows else starter()
        # The body is as it was imported; when it ends was said later.
        head = next(one for one in self._heads if one.version == number)
        return msgspec.structs.replace(self._bodies[number], effective_to=head.effective_to)

    def _changed(self, _topic: str, _payload: str) -> None:
        self._due = 0.0

    def _fresh(self) -> None:
        now = self._ticks()
        if now < self._due:
            return
        rows = self._store.fetch("catalogues")
        self._due = now + STALE_AFTER
        if rows != self._rows:
            self._rows = rows
            self._books, self._days = {}, {}
            self._heads = tuple(map(head_of, rows)) or (
                msgspec.structs.replace(starter(), items=()),
            )


def holds(one: Catalogue | Item, day: str) -> bool:
    """Return whether a day lies between the first day and the one on which it holds no more."""
    return one.effective_from <= day and (not one.effective_to or day < one.effective_to)


def head_of(row: Sequence[Any]) -> Catalogue:
    """Return a version without its items."""
    version, _, start, end, approver, source = row
    return Catalogue(
        version=version,
        effective_from=start,
        effective_to=end or "",
        approver=approver,
        source=source,
        defaults=not approver,
    )


def pack(catalogue: Catalogue) -> bytes:
    """Return a version as it is stored."""
    return zlib.compress(msgspec.json.encode(catalogue))


def unpack(body: bytes) -> Catalogue:
    """Return the version of a stored body."""
    return _decoder.decode(zlib.decompress(body))
