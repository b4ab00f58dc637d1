"""Codes of the value sets that a required binding names, where they can be listed."""

from collections.abc import Iterator
from pathlib import Path

from definitions.sources import Resource, resources

_FILES = ("valuesets.json", "v3-codesystems.json", "v2-tables.json")

Codes = dict[str, dict[str, list[str]]]  # value set -> system -> codes


def required_codes(folder: Path, structures: list[Resource]) -> Codes:
    """Return the codes of each required value set that lists them or takes whole code systems."""
    wanted = {
        element["binding"]["valueSet"].partition("|")[0]
        for structure in structures
        for element in structure["snapshot"]["element"]
        if element.get("binding", {}).get("strength") == "required"
    }
    sets: dict[str, Resource] = {}
    systems: dict[str, Resource] = {}
    for resource in resources(folder, *_FILES):
        kind = resource["resourceType"]
        if kind in {"ValueSet", "CodeSystem"}:
            (sets if kind == "ValueSet" else systems)[resource["url"]] = resource
    found: Codes = {}
    for url in sorted(wanted & sets.keys()):
        listed = _listed(sets[url], systems)
        if listed:
            found[url.rpartition("/")[2]] = listed
    return found


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
