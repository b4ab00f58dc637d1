"""What stands of many resources, asked for together: one by one it costs three times as much."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar

from gateway.fhir.definitions import TYPE_IDS
from gateway.store.statements.resources import SIZES
from gateway.store.stored import Stored

Name = tuple[str, str]
"""Type and id."""
_MOST: Final = SIZES[-1]

T = TypeVar("T")


class Reads(Protocol):
    """The part of a store that is asked."""

    def fetch(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a named read statement."""


def standing(store: Reads, names: Iterable[Name]) -> dict[Name, Stored]:
    """Return the newest versions of resources, tombstones included; without those not there."""
    return {
        (type_, one.id): one
        for type_, its in _by_type(names).items()
        for one in _of_type(store, TYPE_IDS[type_], its)
    }


def digests(store: Reads, names: Iterable[Name]) -> dict[Name, tuple[int, bytes]]:
    """Return the newest versions of resources and their digests; without those not there."""
    return {
        (type_, id_): (version, digest)
        for type_, its in _by_type(names).items()
        for size, part in in_parts(its)
        for id_, version, digest in store.fetch(f"digests_of_{size}", (TYPE_IDS[type_], *part))
    }


def joined_by(store: Reads, holders: Iterable[Name]) -> dict[Name, set[str]]:
    """Return the Patients whom each of some Persons and merged Patients certainly joins."""
    found: dict[Name, set[str]] = {}
    for type_, its in _by_type(holders).items():
        for size, part in in_parts(its):
            for id_, patient in store.fetch(f"joined_by_{size}", (TYPE_IDS[type_], *part)):
                found.setdefault((type_, id_), set()).add(patient)
    return found


def _by_type(names: Iterable[Name]) -> dict[str, list[str]]:
    ids: dict[str, list[str]] = {}
    for type_, id_ in names:
        ids.setdefault(type_, []).append(id_)
    return ids


def _of_type(store: Reads, type_: int, ids: Sequence[str]) -> Iterator[Stored]:
    for size, part in in_parts(ids):
        yield from (Stored(*row) for row in store.fetch(f"current_of_{size}", (type_, *part)))


def in_parts(values: Sequence[T]) -> Iterator[tuple[int, Sequence[T]]]:
    """Yield the values in parts of sizes that there are statements for."""
    for at in range(0, len(values), _MOST):
        part = values[at : at + _MOST]
        size = next(size for size in SIZES if size >= len(part))
        # What is asked for twice is found once.
        yield size, [*part, *[part[-1]] * (size - len(part))]
