"""`ValueSet/$expand`: the codes of a value set, as many and as they are asked for.

https://hl7.org/fhir/R4/valueset-operation-expand.html
"""

import uuid
from dataclasses import dataclass
from typing import Any, Final

from gateway.errors import CostlyError
from gateway.fhir.library import Library, Resource
from gateway.fhir.text import fold
from gateway.terminology.value_sets import Entry, listed

SHOWN: Final = 10_000
"""Codes of one answer."""
COPIED: Final = ("url", "version", "name", "title", "status", "experimental", "date", "publisher")


@dataclass(frozen=True, slots=True)
class Wish:
    """What of the expansion is asked for, and how."""

    filter: str = ""
    offset: int = 0
    count: int | None = None
    active_only: bool = False
    designations: bool = False
    language: str = ""
    definition: bool = False
    selectable_only: bool = False


def expanded(library: Library, resource: Resource, wish: Wish, moment: str) -> dict[str, Any]:
    """Return the value set with its expansion."""
    words = frozenset(fold(wish.filter).split())
    entries = [one for one in listed(library, resource).values() if _is_wanted(one, wish, words)]
    shown = entries[wish.offset :]
    if wish.count is not None:
        shown = shown[: wish.count]
    if len(shown) > SHOWN:
        raise CostlyError(
            f"That is {len(shown)} codes, of {SHOWN} at most: ask for those with some words"
            " (filter), or a page of them (offset and count)."
        )
    found: dict[str, Any] = {"resourceType": "ValueSet", "status": "active"}
    found |= {name: resource[name] for name in COPIED if name in resource}
    if wish.definition and "compose" in resource:
        found["compose"] = resource["compose"]
    expansion: dict[str, Any] = {
        "identifier": f"urn:uuid:{uuid.uuid4()}",
        "timestamp": moment,
        "total": len(entries),
    }
    if wish.offset or wish.count is not None:
        expansion["offset"] = wish.offset
    if parameters := _parameters(wish, entries):
        expansion["parameter"] = parameters
    if shown:
        expansion["contains"] = [_contained(one, wish) for one in shown]
    return found | {"expansion": expansion}


def _is_wanted(one: Entry, wish: Wish, words: frozenset[str]) -> bool:
    if (wish.active_only and one.inactive) or (wish.selectable_only and one.abstract):
        return False
    if not words:
        return True
    said = (one.code, one.display, *(each.get("value", "") for each in one.designations))
    return any(all(word in text for word in words) for text in map(fold, said))


def _parameters(wish: Wish, entries: list[Entry]) -> list[dict[str, Any]]:
    """Return what shaped the expansion, and which versions of systems it is of."""
    given = {
        "filter": wish.filter,
        "offset": wish.offset,
        "count": wish.count,
        "activeOnly": wish.active_only,
        "includeDesignations": wish.designations,
        "displayLanguage": wish.language,
        "includeDefinition": wish.definition,
        "excludeNotForUI": wish.selectable_only,
    }
    # A count of 0 was asked for; whatever else is empty was not.
    told = {name for name, value in given.items() if value or (name == "count" and value == 0)}
    found = [_parameter(name, value) for name, value in given.items() if name in told]
    versions = dict.fromkeys(f"{one.system}|{one.version}" for one in entries if one.version)
    return found + [{"name": "version", "valueUri": one} for one in versions]


def _parameter(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"name": name, "valueBoolean": value}
    if isinstance(value, int):
        return {"name": name, "valueInteger": value}
    return {"name": name, "valueCode" if name == "displayLanguage" else "valueString": value}


def _contained(one: Entry, wish: Wish) -> dict[str, Any]:
    found: dict[str, Any] = {
        "system": one.system,
        "abstract": one.abstract,
        "inactive": one.inactive,
        "code": one.code,
        "display": display(one.display, one.designations, wish.language),
    }
    if wish.designations and one.designations:
        found["designation"] = list(one.designations)
    return {name: value for name, value in found.items() if value}


def display(own: str, designations: tuple[Resource, ...], language: str) -> str:
    """Return what a code is called in a language, in its own words where nothing is said in it."""
    wanted = language.lower()
    for test in (_is_same, _is_kin):
        for one in designations:
            if wanted and "value" in one and test(wanted, one.get("language", "").lower()):
                return str(one["value"])
    return own


def _is_same(wanted: str, language: str) -> bool:
    return wanted == language


def _is_kin(wanted: str, language: str) -> bool:
    """Return whether two languages are one, whatever the country or script: `zh` and `zh-CN`."""
    return wanted.partition("-")[0] == language.partition("-")[0]
