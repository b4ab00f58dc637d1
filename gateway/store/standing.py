"""What stands of many resources, asked for together: one by one it costs three times as much."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol

from gateway.fhir.definitions import TYPE_IDS
from gateway.store.statements.resources import SIZES
from gateway.store.stored import Stored

Name = tuple[str, str]
"""Type and id."""
_MOST: Final = SIZES[-1]


class Reads(Protocol):
    """The part of a store that is asked."""

    def fetch(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a named read statement."""


def standing(store: Reads, names: Iterable[Name]) -> dict[Name, Stored]:
    """Return the newest versions of resources, tombstones included; without those not there."""
    ids: dict[str, list[str]] = {}
    for type_, id_ in names:
        ids.setdefault(type_, []).append(id_)
    return {
        (type_, one.id): one
        for type_, its in ids.items()
        for one in _of_type(store, TYPE_IDS[type_], its)
    }


def _of_type(store: Reads, type_: int, ids: Sequence[str]) -> Iterator[Stored]:
    for at in range(0, len(ids), _MOST):
        part = list(ids[at : at + _MOST])
        size = next(size for size in SIZES if size >= len(part))
        # Asked for twice it is found once.
        part += part[-1:] * (size - len(part))
        yield from (Stored(*row) for row in store.fetch(f"current_of_{size}", (type_, *part)))
