"""What a version is found by, as far as it decides clauses without asking the store.

It is what the version's index rows were made of, so that both give the same answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from gateway.events import values
from gateway.fhir.codec import decode
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.extract import Extracted, extract
from gateway.interactions.door import Door
from gateway.store.query import (
    Campuses,
    Clause,
    Dates,
    Either,
    Ids,
    Keys,
    Missing,
    Not,
    Patients,
    Quantities,
    References,
    Strings,
    Tokens,
)
from gateway.store.stored import Stored

Key = tuple[int, str | int | None, str | None]
"""A token as (parameter, system, code), each None for any; a reference as (parameter, type, id);
the resource itself as (0, None, id) and (0, integer, None)."""

NO_PARAM: Final = 0


class Facts:
    """One version, taken apart once, and only if somebody asks."""

    def __init__(self, door: Door, stored: Stored, base: str) -> None:
        self.stored = stored
        self._door = door
        self._base = base

    @cached_property
    def resource(self) -> dict[str, Any]:
        """The resource."""
        return decode(self.stored.json())

    @cached_property
    def found(self) -> Extracted:
        """What search finds of it."""
        takes = self._door.params.takes(self.stored.type)
        return extract(self.resource, self._door.zone, self._base, takes)

    @cached_property
    def keys(self) -> frozenset[Key]:
        """All that a clause may name it by."""
        return frozenset(self._keys())

    def _keys(self) -> Iterator[Key]:
        yield NO_PARAM, None, self.stored.id
        yield NO_PARAM, self.stored.key, None
        for param, system, code in self.found.tokens:
            yield from ((param, system, code), (param, None, code), (param, system, None))
        for param, type_, id_ in self.found.references:
            yield param, TYPE_IDS.get(type_, 0), id_


def keys_of(clause: Clause) -> tuple[Key, ...] | None:
    """Return the keys of which a version must have one, None where that is not all."""
    pairs = _PAIRS.get(type(clause))
    if pairs is None or (isinstance(clause, References) and clause.keys):
        return None
    return tuple(pairs(clause))


def _of_params(clause: Tokens | References | Patients) -> Iterator[Key]:
    if isinstance(clause, Tokens):
        named: Iterable[tuple[str | int | None, str | None]] = clause.values
    elif isinstance(clause, References):
        named = clause.targets
    else:
        named = [(clause.type, id_) for id_ in clause.ids]
    yield from ((param, *one) for param in clause.params for one in named)


_PAIRS: Final[Mapping[type, Callable[[Any], Iterable[Key]]]] = {
    Ids: lambda clause: ((NO_PARAM, None, id_) for id_ in clause.ids),
    Keys: lambda clause: ((NO_PARAM, key, None) for key in clause.keys),
    Patients: _of_params,
    References: _of_params,
    Tokens: _of_params,
}


def told(clause: Clause, facts: Facts) -> bool | None:
    """Return whether a version matches a clause, None where only the store can tell."""
    keys = keys_of(clause)
    if keys is not None:
        return not facts.keys.isdisjoint(keys)
    decide = _DECIDED.get(type(clause))
    return decide(clause, facts) if decide else None


def _by_campus(clause: Campuses, facts: Facts) -> bool | None:
    return facts.stored.campus in clause.campuses


def _missing(clause: Missing, facts: Facts) -> bool | None:
    lacks = any(facts.found.present & bits == 0 for bits in clause.bits)
    return lacks == clause.missing


def _not(clause: Not, facts: Facts) -> bool | None:
    found = told(clause.clause, facts)
    return None if found is None else not found


def _either(clause: Either, facts: Facts) -> bool | None:
    found = [_all(one, facts) for one in clause.alternatives]
    if True in found:
        return True
    return None if None in found else False


def _all(clauses: Iterable[Clause], facts: Facts) -> bool | None:
    found = [told(one, facts) for one in clauses]
    if False in found:
        return False
    return None if None in found else True


_DECIDED: Final[Mapping[type, Callable[[Any, Facts], bool | None]]] = {
    Campuses: _by_campus,
    Dates: lambda clause, facts: values.dates(clause, facts.found),
    Missing: _missing,
    Not: _not,
    Either: _either,
    Quantities: lambda clause, facts: values.amounts(clause, facts.found),
    Strings: lambda clause, facts: values.strings(clause, facts.found),
}
