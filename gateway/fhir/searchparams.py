"""The official search parameters of R4, each with its part of the expression for one type.

https://hl7.org/fhir/R4/searchparameter-registry.html
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.fhir import tables
from gateway.fhir.definitions import RESOURCE_TYPES, TYPE_IDS

CUSTOM: Final = 1_000_000
"""Where the ids of parameters begin that are none of R4's own."""
_TYPES: Final = 256
# A parameter's id is made of its type's number and its own, so that no two types share rows.
# Those of every type (`_tag`) come after those of the type.
_IDS_A_TYPE: Final = 128
_OF_EVERY_TYPE: Final = 100
# More than any type has; with those of every type they are the bits of one integer.
_LAST_OWN: Final = 48
_CANONICAL: Final = "http://hl7.org/fhir/SearchParameter/"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a custom parameter's definition says that it does not take; nothing said is all."""

    several: bool = True  # values that commas join
    repeated: bool = True
    modifiers: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    chains: frozenset[str] = frozenset()


UNLIMITED: Final = Limits()


@dataclass(frozen=True, slots=True)
class SearchParam:
    """One search parameter of one resource type."""

    id: int  # the storage key of its index rows
    base: str
    code: str
    kind: str  # token reference date string number quantity uri composite special
    targets: tuple[str, ...]  # what a reference found by it may point to, and no other type
    expression: str
    url: str
    # The parameters whose index rows answer it: itself, another that selects the same elements
    # (its references then restricted to `targets`), or several whose union it is.
    stores: tuple[int, ...]
    components: tuple[tuple[str, str], ...] = ()  # of a composite: code, expression
    number: int = 0  # of the definition that it is of, 0 for R4's own
    limits: Limits = UNLIMITED

    @property
    def present(self) -> int:
        """Return the bits of `presence` of which one tells that a resource has a value."""
        own = self.stores if not self.filtered else (self.id,)
        return functools.reduce(lambda bits, one: bits | presence(one), own, 0)

    @property
    def filtered(self) -> bool:
        """Return whether it shares rows with a parameter that leads to more types."""
        return "resolve() is" in self.expression and self.stores != (self.id,)


def custom_id(number: int, resource_type: str) -> int:
    """Return the storage key of a definition's index rows for one type."""
    return CUSTOM + number * _TYPES + TYPE_IDS[resource_type]


def presence(number: int) -> int:
    """Return the bit that stands for a parameter among all of its type."""
    place = number % _IDS_A_TYPE
    return 1 << (place - 1 if place < _OF_EVERY_TYPE else place - _OF_EVERY_TYPE + _LAST_OWN)


@functools.cache
def search_params(resource_type: str) -> Mapping[str, SearchParam]:
    """Return code -> parameter of a resource type, those of every type included."""
    found = {}
    for row, offset in (
        *((row, 0) for row in _rows(resource_type)),
        *((row, _OF_EVERY_TYPE) for row in _rows("Resource")),
    ):
        first = TYPE_IDS[resource_type] * _IDS_A_TYPE + offset
        targets = row["targets"].split()
        found[row["code"]] = SearchParam(
            id=first + int(row["number"]),
            base=resource_type,
            code=row["code"],
            kind=row["kind"],
            targets=RESOURCE_TYPES if targets == ["*"] else tuple(targets),
            expression=row["expression"].replace("Resource.", f"{resource_type}.")
            if offset
            else row["expression"],
            url=_CANONICAL + row["url"],
            stores=tuple(first + int(number) for number in row["stores"].split()),
            components=tuple(_component(one) for one in row["components"].split("; ") if one),
        )
    return MappingProxyType(found)


def _component(text: str) -> tuple[str, str]:
    code, _, expression = text.partition(" = ")
    return code, expression


@functools.cache
def _rows(name: str) -> list[dict[str, str]]:
    try:
        return tables.read(f"search/{name}")
    except FileNotFoundError:
        return []  # a type without parameters of its own: Binary, Parameters
