"""Codes of the value sets that a required binding names, where they can be listed."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from definitions.sources import Resource, resources

_FILES = ("valuesets.json", "v3-codesystems.json", "v2-tables.json")

Codes = dict[str, dict[str, list[str]]]  # value set -> system -> codes


def required_codes(folder: Path, structures: list[Resource]) -> Codes:
    """Return the codes of each required value set that lists them or takes whole code systems."""
    sets = _published(folder, "ValueSet")
    systems = _published(folder, "CodeSystem")
    wanted = {url for _, url in _required(structures)}
    found: Codes = {}
    for url in sorted(wanted & sets.keys()):
        listed = _listed(sets[url], systems)
        if listed:
            found[url.rpartition("/")[2]] = listed
    return found


def open_systems(folder: Path, structures: list[Resource]) -> Iterator[tuple[str, str]]:
    """Yield each `code` that is bound to a whole system that cannot be listed, with the system."""
    sets = _published(folder, "ValueSet")
    systems = _published(folder, "CodeSystem")
    for element, url in _required(structures):
        parts = sets[url]["compose"]["include"] if url in sets else []
        coded = [kind["code"] for kind in element.get("type", ())] == ["code"]
        if coded and len(parts) == 1 and not _listed(sets[url], systems):
            yield element["path"], parts[0]["system"]


def _required(structures: list[Resource]) -> Iterator[tuple[Resource, str]]:
    """Yield each element whose codes must come from a value set, and that set."""
    for structure in structures:
        for element in structure["snapshot"]["element"]:
            binding = element.get("binding", {})
            if binding.get("strength") == "required":
                yield element, binding["valueSet"].partition("|")[0]


@cache
def _published(folder: Path, kind: str) -> dict[str, Resource]:
    return {one["url"]: one for one in resources(folder, *_FILES) if one["resourceType"] == kind}


def _listed(value_set: Resource, systems: dict[str, Resource]) -> dict[str, list[str]]:
    """Return system -> codes, nothing at all where one part cannot be listed."""
    found: dict[str, list[str]] = {}
    compose = value_set["compose"]
    for part in compose["include"]:
        if "filter" in part or "valueSet" in part or "exclude" in compose:
            return {}
        if "concept" in part:
            codes = [concept["code"] for concept in part["concept"]]
        elif systems.get(part["system"], {}).get("content") == "complete":
            codes = list(_codes(systems[part["system"]].get("concept", [])))
        else:
            return {}
        found.setdefault(part["system"], []).extend(codes)
    return found


def _codes(concepts: list[Resource]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _codes(concept.get("concept", []))
