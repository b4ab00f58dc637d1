"""The code systems of elements that tell none: a `code` implies that of its binding.

https://hl7.org/fhir/R4/search.html#token
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Final

from gateway.fhir import tables
from gateway.fhir.expressions import Route, kinds, routes
from gateway.fhir.leaves import LEAVES
from gateway.fhir.structures import codes, structure

Pair = tuple[str | None, str | None]
"""System and code as a search names them: None is any, "" is no system."""
Systems = Mapping[str, frozenset[str]]

SPECIAL: Final = "http://terminology.hl7.org/CodeSystem/special-values"
_BOOLEAN: Final[Systems] = MappingProxyType({SPECIAL: frozenset({"true", "false"})})
_OPEN: Final[frozenset[str]] = frozenset()
"""In place of codes: those of the system cannot be listed, as the types of media."""


@dataclass(frozen=True, slots=True)
class Implied:
    """What a parameter's values imply: system -> codes. `alone`: no value tells a system itself."""

    systems: Systems
    alone: bool = True

    def meant(self, system: str | None, code: str | None) -> list[Pair]:
        """Return what `system|code` means to values that tell no system, and to those that do."""
        listed = self.systems.get(system) if system else None
        if listed is None:
            return [(system, code)]
        bare: list[Pair] = []
        if code is None:
            bare = [("", one) for one in sorted(listed)] or [("", None)]
        elif not listed or code in listed:
            bare = [("", code)]
        # A code that the binding does not have is asked for as it is, and found nowhere.
        return bare if bare and self.alone else [*bare, (system, code)]


NOTHING: Final = Implied(MappingProxyType({}), alone=False)


@lru_cache(1_024)
def implied(base: str, expression: str) -> Implied:
    """Return what the values that an expression selects in a type imply."""
    if not base or not expression:
        return NOTHING
    found: dict[str, frozenset[str]] = {}
    alone = True
    for way in routes(expression):
        if way.truth or ("token", way.type) in LEAVES:
            systems = _of(base, way)
            alone = alone and bool(systems)
            for system, listed in systems.items():
                found[system] = found.get(system, _OPEN) | listed
    return Implied(MappingProxyType(found), alone) if found else NOTHING


def _of(base: str, way: Route) -> Systems:
    if way.truth or way.type == "boolean":
        return _BOOLEAN
    if way.type != "code":
        return {}
    holder = [base, *kinds(base, way.steps)][-2]
    element = structure(holder)[way.steps[-1].key]
    if element.binding:
        return codes(element.binding)
    system = _open().get(f"{holder}.{element.name}")
    return {system: _OPEN} if system else {}


@cache
def _open() -> dict[str, str]:
    return {row["path"]: row["system"] for row in tables.read("open")}
