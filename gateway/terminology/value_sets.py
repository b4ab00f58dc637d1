"""What is in a value set: all of it listed, or one code judged.

https://hl7.org/fhir/R4/valueset.html#compositions
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from gateway.errors import CostlyError, NotFoundError
from gateway.fhir import published
from gateway.fhir.library import Library, Resource
from gateway.terminology import filters, systems
from gateway.terminology.systems import GRAMMARS, System

MOST: Final = 250_000
"""Codes of one value set that are gone through: as many as the largest code systems have."""
DEEPEST: Final = 16
KEPT: Final = 8_192
LOOKS: Final = 50
"""What a filter costs where it judges one code."""
IMPLICIT: Final = "?fhir_vs"


@dataclass(frozen=True, slots=True)
class Entry:
    """One code of a value set."""

    system: str
    code: str
    display: str = ""
    designations: tuple[Resource, ...] = ()
    version: str = ""
    abstract: bool = False
    inactive: bool = False

    @property
    def name(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.system, self.code


Name = tuple[str, str]
Listing = dict[Name, Entry]


def find(library: Library, url: str) -> Resource | None:
    """Return a value set by its address; a code system's own set of all its codes is one too."""
    definition = library.get("ValueSet", url)
    if definition is not None:
        return definition.resource
    if url.endswith(IMPLICIT):
        system = url.removesuffix(IMPLICIT)
        return {
            "resourceType": "ValueSet",
            "url": url,
            "compose": {"include": [{"system": system}]},
        }
    return None


def listed(library: Library, resource: Resource, depth: int = 0) -> Listing:
    """Return every code of a value set; CostlyError beyond a bound, NotFoundError."""
    compose = resource.get("compose")
    if compose is None:
        found = dict(_expanded(resource.get("expansion", {}).get("contains", ())))
        if not found:
            raise NotFoundError("The value set lists no codes.")
        return _bounded(found)
    found = {}
    for part in compose.get("include", ()):
        more = _part(library, part, depth)
        library.spend(len(more))
        for name, one in more.items():
            found.setdefault(name, one)
        _bounded(found)
    for part in compose.get("exclude", ()):
        for name in _left_out(library, part, found, depth):
            found.pop(name, None)
    if compose.get("inactive") is False:
        found = {name: one for name, one in found.items() if not one.inactive}
    return found


def _left_out(library: Library, part: Resource, found: Listing, depth: int) -> Iterable[Name]:
    """Return what a value set leaves out, of a whole system whatever it would have."""
    library.spend(len(found))
    if _is_whole(part):
        # The system need not be here for that.
        return [name for name in found if name[0] == part["system"]]
    return _part(library, part, depth)


def _is_whole(part: Resource) -> bool:
    return "system" in part and part.keys().isdisjoint({"concept", "filter", "valueSet", "version"})


def _bounded(found: Listing) -> Listing:
    if len(found) > MOST:
        raise CostlyError(f"The value set has more than {MOST} codes.")
    return found


def _expanded(rows: Iterable[Resource]) -> Iterator[tuple[tuple[str, str], Entry]]:
    for one in rows:
        if "code" in one:
            entry = Entry(
                one.get("system", ""),
                one["code"],
                one.get("display", ""),
                tuple(one.get("designation", ())),
                one.get("version", ""),
                bool(one.get("abstract")),
                bool(one.get("inactive")),
            )
            yield entry.name, entry
        yield from _expanded(one.get("contains", ()))


def _part(library: Library, part: Resource, depth: int) -> Listing:
    """Return what one include names: its codes, and of value sets what all of them have."""
    sets = [_nested(library, url, depth) for url in _sets(part)]
    if "system" in part:
        sets.append(_of_system(library, part))
    if not sets:
        return {}
    first, *others = sets
    library.spend(len(first) * len(others))
    return {name: one for name, one in first.items() if all(name in each for each in others)}


def _sets(part: Resource) -> list[str]:
    """Return the value sets that a part names; null has but an extension."""
    return [url for url in part.get("valueSet", ()) if url is not None]


def _nested(library: Library, url: str, depth: int) -> Listing:
    if depth > DEEPEST:
        raise CostlyError("The value sets are nested too deep.")
    name = "listed", url
    if name not in library.memo:
        resource = find(library, url)
        if resource is None:
            raise NotFoundError("A value set that is named is not here.")
        library.memo[name] = listed(library, resource, depth + 1)
    found: Listing = library.memo[name]
    return found


def _address(part: Resource) -> str:
    version = part.get("version")
    return f"{part['system']}|{version}" if version else str(part["system"])


def _system(library: Library, part: Resource) -> System | None:
    # R4's own sets name versions of HL7 v3 systems by their date; the one that is here will do.
    return systems.find(library, _address(part)) or systems.find(library, part["system"])


def _of_system(library: Library, part: Resource) -> Listing:
    url = part["system"]
    if url in GRAMMARS and "concept" not in part:
        raise CostlyError("A code system of the value set cannot be listed.")
    system = _system(library, part)
    if "concept" in part:
        rows = [_named(url, one, system) for one in part["concept"] if "code" in one]
    elif system is None or not system.whole:
        raise NotFoundError("A code system of the value set is not here whole.")
    else:
        wanted = part.get("filter", ())
        library.spend(len(system.concepts) * (1 + len(wanted)))
        codes = filters.chosen(system, wanted)
        rows = [_entry(system, code) for code in system.concepts if code in codes]
    return _bounded({one.name: one for one in rows})


def _entry(system: System, code: str) -> Entry:
    concept = system.concepts[code]
    return Entry(
        system.url,
        code,
        concept.display,
        concept.designations,
        system.version,
        concept.abstract,
        concept.inactive,
    )


def _named(url: str, row: Resource, system: System | None) -> Entry:
    """Return a code that a value set lists, what it does not say taken from the system."""
    concept = system.get(row["code"]) if system else None
    entry = _entry(system, concept.code) if system and concept else Entry(url, row["code"])
    return replace(
        entry,
        system=url,
        code=row["code"],
        display=row.get("display", entry.display),
        designations=(*row.get("designation", ()), *entry.designations),
    )


# One code, without listing what it would be looked for in.


def contains(
    library: Library, resource: Resource, coding: tuple[str, str], depth: int = 0
) -> bool | None:
    """Return whether (system, code) is in a value set, None where that cannot be told here.

    System "" is any, as of an element that is a code alone.
    """
    compose = resource.get("compose")
    if compose is None:
        names = _names(library, resource)
        return coding in names if names else None
    verdicts = [_holds(library, part, coding, depth) for part in compose.get("include", ())]
    found = _any(verdicts)
    if found is False:
        return False
    without = compose.get("exclude", ())
    left_out = _any([_excludes(library, part, coding, depth) for part in without])
    if left_out is True or (
        compose.get("inactive") is False and _is_inactive(library, compose, coding)
    ):
        return False
    return None if left_out is None or found is None else True


def _excludes(library: Library, part: Resource, coding: Name, depth: int) -> bool | None:
    if _is_whole(part) and coding[0] == part["system"]:
        return True
    return _holds(library, part, coding, depth)


def _is_inactive(library: Library, compose: Resource, coding: Name) -> bool:
    """Return whether a code is no longer to be used; of a code alone, in any system of the set."""
    system, code = coding
    named = [one["system"] for one in compose.get("include", ()) if "system" in one]
    known = [systems.find(library, url) for url in ([system] if system else named)]
    concepts = [one.get(code) for one in known if one is not None]
    return any(one is not None and one.inactive for one in concepts)


def _names(library: Library, resource: Resource) -> frozenset[Name]:
    """Return what an expansion lists that may be chosen, each by its code alone too."""
    name = "names", id(resource)
    if name not in library.memo:
        rows = _expanded(resource.get("expansion", {}).get("contains", ()))
        listed = [(url, code) for (url, code), one in rows if not one.abstract]
        library.memo[name] = frozenset((*listed, *(("", code) for _, code in listed)))
    found: frozenset[Name] = library.memo[name]
    return found


def _any(verdicts: list[bool | None]) -> bool | None:
    if True in verdicts:
        return True
    return None if None in verdicts else False


def _all(verdicts: list[bool | None]) -> bool | None:
    if False in verdicts:
        return False
    return None if None in verdicts else True


def _holds(library: Library, part: Resource, coding: tuple[str, str], depth: int) -> bool | None:
    if depth > DEEPEST:
        raise CostlyError("The value sets are nested too deep.")
    library.spend(1 + LOOKS * len(part.get("filter", ())))
    verdicts = [_within(library, url, coding, depth) for url in _sets(part)]
    if "system" in part:
        verdicts.append(_of(library, part, coding))
    return _all(verdicts) if verdicts else False


def _within(library: Library, url: str, coding: tuple[str, str], depth: int) -> bool | None:
    name = "contains", url, coding
    if name not in library.memo:
        resource = find(library, url)
        library.memo[name] = contains(library, resource, coding, depth + 1) if resource else None
    found: bool | None = library.memo[name]
    return found


def _of(library: Library, part: Resource, coding: tuple[str, str]) -> bool | None:
    system, code = coding
    url = part["system"]
    if system not in {"", url}:
        return False
    if "concept" in part:
        return code in _named_codes(library, part)
    if url in GRAMMARS:
        return GRAMMARS[url](code) if "filter" not in part else None
    known = _system(library, part)
    return None if known is None else _passes(known, part, code)


def _named_codes(library: Library, part: Resource) -> frozenset[str]:
    # Its place in memory tells the part from others for as long as the library holds it.
    name = "codes", id(part)
    if name not in library.memo:
        library.memo[name] = frozenset(one.get("code", "") for one in part["concept"])
    found: frozenset[str] = library.memo[name]
    return found


def _passes(system: System, part: Resource, code: str) -> bool | None:
    concept = system.get(code)
    if concept is None:
        return False if system.whole else None
    return all(filters.passes(system, one, concept) for one in part.get("filter", ()))


def judged(library: Library, url: str, system: str, code: str) -> bool | None:
    """Return whether a code is in the value set of an address, None where that cannot be told."""
    if published.at("ValueSet", url) is not None:
        found = _own(url, system, code)
        if found is not None:
            return found
    return _within(library, url, (system, code), 0)


@lru_cache(KEPT)
def _own(url: str, system: str, code: str) -> bool | None:
    """Return what R4's own definitions alone say of a code, which never changes."""
    alone = Library()
    resource = find(alone, url)
    return contains(alone, resource, (system, code)) if resource else None
