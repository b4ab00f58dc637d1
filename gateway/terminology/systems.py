"""A code system as something to look codes up in.

https://hl7.org/fhir/R4/codesystem.html; grammars stand for systems whose codes nobody can list:
UCUM, languages and media types (RFC 5646, RFC 6838), countries, currencies.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, Final

from babel import Locale

from gateway.fhir import ucum
from gateway.fhir.library import Definition, Library, Resource

LISTED: Final = frozenset({"complete", "fragment", "example"})
KEPT: Final = 64
LINKS: Final = frozenset({"parent", "subsumedBy"})

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}", re.ASCII)
_MEDIA = re.compile(r"[\w.+-]+/[\w.+-]+(\s*;\s*[\w-]+=[^;]+)*|[\w.+-]+", re.ASCII)


@cache
def _english() -> Locale:
    """Return the names of countries and currencies, whose codes ISO 3166 and 4217 list."""
    return Locale("en")


GRAMMARS: Final[Mapping[str, Callable[[str], bool]]] = {
    ucum.SYSTEM: lambda code: ucum.canonical(code) is not None,
    "urn:ietf:bcp:47": lambda code: _LANGUAGE.fullmatch(code) is not None,
    "urn:ietf:bcp:13": lambda code: _MEDIA.fullmatch(code) is not None,
    "urn:iso:std:iso:3166": lambda code: code in _english().territories,
    "urn:iso:std:iso:4217": lambda code: code in _english().currencies,
}
"""Systems whose codes are told by their form, or by the Unicode CLDR."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One code and what is said of it."""

    code: str
    display: str = ""
    definition: str = ""
    designations: tuple[Resource, ...] = ()
    properties: tuple[Resource, ...] = ()
    parents: frozenset[str] = frozenset()

    def value(self, name: str) -> Any:
        """Return the value of a property, None where there is none."""
        return next((_value(one) for one in self.properties if one.get("code") == name), None)

    def values(self, name: str) -> list[Any]:
        """Return every value of a property."""
        return [_value(one) for one in self.properties if one.get("code") == name]

    @property
    def inactive(self) -> bool:
        """Whether the code is no longer to be used."""
        if self.value("inactive") is True:
            return True
        return self.value("status") in {"retired", "inactive", "deprecated"}

    @property
    def abstract(self) -> bool:
        """Whether the code only groups others."""
        return self.value("notSelectable") is True


def _value(one: Resource) -> Any:
    return next((value for name, value in one.items() if name.startswith("value")), None)


@dataclass(frozen=True, slots=True)
class System:
    """The codes of one system, in the order of the resource."""

    url: str
    name: str
    version: str
    content: str
    concepts: Mapping[str, Concept]
    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folded: Mapping[str, Concept] = field(default_factory=dict)
    """Concepts by their code in lower case, where case does not matter."""

    @property
    def whole(self) -> bool:
        """Whether all codes are here."""
        return self.content == "complete"

    def get(self, code: str) -> Concept | None:
        """Return a concept by its code."""
        return self.concepts.get(code) or self.folded.get(code.casefold())

    def below(self, code: str) -> set[str]:
        """Return a code and all below it."""
        return _reached(code, lambda one: self.children.get(one, ()))

    def above(self, code: str) -> set[str]:
        """Return a code and all above it."""
        return _reached(
            code, lambda one: self.concepts[one].parents if one in self.concepts else ()
        )


def _reached(code: str, more: Callable[[str], Iterable[str]]) -> set[str]:
    seen, todo = {code}, [code]
    while todo:
        fresh = set(more(todo.pop())) - seen
        seen |= fresh
        todo += fresh
    return seen


def find(library: Library, url: str) -> System | None:
    """Return a code system whose codes are here, all or some of them."""
    definition = library.get("CodeSystem", url)
    if definition is None or definition.resource.get("content") not in LISTED:
        return None
    # One that was sent along is made once a run, and of any number each is made once.
    name = "system", definition.key
    if name not in library.memo:
        library.memo[name] = system(definition)
    found: System = library.memo[name]
    return found


def system(definition: Definition) -> System:
    """Return a code system; what was made once is kept, since a version never changes."""
    if not definition.key[1]:
        return _made(definition.resource)
    return _kept(_Keyed(definition.key, definition.resource))


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A resource that is told from others by its key alone."""

    key: tuple[str, str, int]
    resource: Resource = field(compare=False)


@lru_cache(KEPT)
def _kept(keyed: _Keyed) -> System:
    return _made(keyed.resource)


def _made(resource: Resource) -> System:
    listed: dict[str, tuple[Resource, set[str]]] = {}
    # Taken from the end: what comes first is looked at first.
    todo: list[tuple[Resource, str]] = [(one, "") for one in reversed(resource.get("concept", ()))]
    while todo:
        row, above = todo.pop()
        code = row.get("code")
        if code is None:
            # Some say of a concept only why it has no code; those below it have one.
            todo += [(one, above) for one in reversed(row.get("concept", ()))]
            continue
        _, parents = listed.setdefault(code, (row, set()))
        parents |= {above} - {""}
        parents |= {_value(one) for one in row.get("property", ()) if one.get("code") in LINKS} - {
            None
        }
        todo += [(one, code) for one in reversed(row.get("concept", ()))]
    for code, (row, _) in listed.items():
        for child in _below(row):
            if child in listed:
                listed[child][1].add(code)
    concepts = {code: _concept(row, parents) for code, (row, parents) in listed.items()}
    folds = resource.get("caseSensitive") is False
    return System(
        url=resource.get("url", ""),
        name=resource.get("title") or resource.get("name", ""),
        version=resource.get("version", ""),
        content=resource.get("content", ""),
        concepts=concepts,
        children=_children(listed),
        # Of two that differ in case alone the first is meant.
        folded={code.casefold(): concepts[code] for code in reversed(concepts)} if folds else {},
    )


def _below(row: Resource) -> list[str]:
    """Return what a concept names as its children, beside those within it."""
    return [str(_value(one)) for one in row.get("property", ()) if one.get("code") == "child"]


def _concept(row: Resource, parents: set[str]) -> Concept:
    return Concept(
        row["code"],
        row.get("display", ""),
        row.get("definition", ""),
        tuple(row.get("designation", ())),
        tuple(row.get("property", ())),
        frozenset(str(one) for one in parents),
    )


def _children(listed: Mapping[str, tuple[Resource, set[str]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code, (row, parents) in listed.items():
        for parent in parents:
            found.setdefault(str(parent), []).append(code)
        found.setdefault(code, []).extend(_below(row))
    return {code: tuple(dict.fromkeys(below)) for code, below in found.items()}
