"""A new version of the catalogue comes into force: numbered, dated, approved, never changed.

What was in force ends where the new one begins. Where that does not say what holds on each day,
nothing is stored (reference/recognition.md §2.1, "versioned catalogue with effective dates").
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from gateway.errors import ConflictError, InvalidRequestError
from gateway.recognition.catalogue.model import Catalogue
from gateway.recognition.catalogue.registry import Versions, pack, unpack
from gateway.recognition.catalogue.starter import starter
from gateway.store.records import Statement


@dataclass(frozen=True, slots=True)
class Published:
    """The version as it will stand, what must be written, and what it ends: (version, day)."""

    catalogue: Catalogue
    statements: list[Statement]
    ended: tuple[tuple[int, str], ...]


def publish(
    catalogue: Catalogue, versions: Sequence[Catalogue], *, today: str, at: int
) -> Published:
    """Return what makes a catalogue the next version; `versions` are those there are.

    InvalidRequestError, ConflictError. Without a first day of its own it counts from today.
    """
    if not catalogue.approver:
        raise InvalidRequestError("A catalogue needs an approver: --approver, or in its sheet.")
    start, end = catalogue.effective_from or today, catalogue.effective_to
    if end and end <= start:
        raise InvalidRequestError("The catalogue ends before it begins.")
    ended = _ended(start, end, versions)
    number = max((one.version for one in versions), default=0) + 1
    made = msgspec.structs.replace(catalogue, version=number, effective_from=start, defaults=False)
    row = _row(made, at)
    statements = [
        started(at),
        ("catalogue_add", (*row, number - 1)),
        *(("catalogue_end", (day, old, number, row[-1])) for old, day in ended),
    ]
    return Published(made, statements, ended)


def is_stored(store: Versions, published: Published) -> bool:
    """Return whether this became the version, and not another one at the same moment."""
    rows = store.fetch("catalogue_body", (published.catalogue.version,))
    return bool(rows) and unpack(rows[0][0]) == published.catalogue


def _ended(start: str, end: str, versions: Sequence[Catalogue]) -> tuple[tuple[int, str], ...]:
    """Return which versions end when, so that each day has one version at most."""
    ended = []
    for one in versions:
        if one.effective_to and one.effective_to <= max(start, one.effective_from):
            continue  # over by then, or never in force
        if end and one.effective_from >= end:
            continue
        if one.effective_from > start:
            raise ConflictError(
                f"Version {one.version} is to hold from {one.effective_from}: let the new one end"
                " on that day (effective_to), or begin there and so replace it."
            )
        if end and (not one.effective_to or one.effective_to > end):
            raise ConflictError(
                f"Version {one.version} holds beyond {end}, the end of the new one: what is to"
                " hold from then on cannot be told. Leave the end open."
            )
        ended.append((one.version, start))
    return tuple(ended)


def started(at: int) -> Statement:
    """Return the statement that keeps the starter catalogue as version 1 where there is none.

    It is stored, not only shipped: decisions are pinned to a version, which must stay as it was
    when the next release ships another one.
    """
    return "catalogue_start", _row(starter(), at)


def _row(catalogue: Catalogue, at: int) -> tuple[object, ...]:
    return (
        catalogue.version,
        at,
        catalogue.effective_from,
        catalogue.effective_to or None,
        catalogue.approver,
        catalogue.source,
        pack(catalogue),
    )
