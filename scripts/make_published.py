# ruff: noqa: INP001 - a program, not a package
"""Makes gateway/fhir/tables/published: make_published.py FOLDER [TARGET].

FOLDER holds R4's published bundles; the OperationDefinitions of our own operations are made from
their table. Narratives, mappings to other standards and examples of values
are left out; what stays is packed in portions, so that one definition is read without the others.
"""

import json
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from definitions.sources import Resource, resources

from gateway.api.operations.definitions import own
from gateway.api.operations.table import OPERATIONS

TARGET: Final = Path(__file__).parents[1] / "gateway" / "fhir" / "tables" / "published"
BUNDLES: Final = (
    "profiles-resources.min.json.gz",
    "profiles-types.json",
    "profiles-others.json",
    "extension-definitions.json",
    "valuesets.json",
    "v2-tables.json",
    "v3-codesystems.json",
    "conceptmaps.json",
    "search-parameters.json",
)
TYPES: Final = (
    "CodeSystem",
    "CompartmentDefinition",
    "ConceptMap",
    "OperationDefinition",
    "SearchParameter",
    "StructureDefinition",
    "ValueSet",
)
LEFT_OUT: Final = frozenset({"mapping", "example"})
PORTION: Final = 512 * 1024


def main(folder: Path, target: Path) -> None:
    """Write the portions and the index of what lies where."""
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.xz"):
        old.unlink()
    index: list[list[Any]] = []
    portions = [bytearray()]
    for resource in sorted(_definitions(folder), key=_name):
        line = _line(resource)
        if len(portions[-1]) + len(line) > PORTION and portions[-1]:
            portions.append(bytearray())
        place = [len(portions) - 1, len(portions[-1]), len(line)]
        named = [resource.get("url", ""), resource.get("version", "")]
        index.append([*_name(resource), *named, *place])
        portions[-1] += line
    # Ours lie behind, in a portion of their own: what R4 has stays where it is.
    portions.append(bytearray())
    for resource in own(OPERATIONS):
        line = _line(resource)
        place = [len(portions) - 1, len(portions[-1]), len(line)]
        index.append([*_name(resource), resource["url"], "", *place])
        portions[-1] += line
    for number, portion in enumerate(portions):
        _write(target / f"{number:02}.xz", bytes(portion))
    _write(target / "index.xz", _json(index))


def _definitions(folder: Path) -> Iterator[Resource]:
    for resource in resources(folder, *BUNDLES):
        if resource["resourceType"] in TYPES:
            yield resource


def _name(resource: Resource) -> tuple[str, str]:
    return resource["resourceType"], resource["id"]


def _line(resource: Resource) -> bytes:
    """Return a definition with its names first and a `meta` that says nothing of time."""
    kind, id_ = _name(resource)
    meta = {key: value for key, value in resource.get("meta", {}).items() if key == "profile"}
    rest = {
        key: _lean(value)
        for key, value in resource.items()
        if key not in {"resourceType", "id", "meta", "text", "mapping"}
    }
    return _json({"resourceType": kind, "id": id_, "meta": meta} | rest)


def _lean(value: Any) -> Any:
    """Return a part of a definition, elements without their mappings and examples."""
    if isinstance(value, list):
        return [_lean(one) for one in value]
    if not isinstance(value, dict):
        return value
    dropped = LEFT_OUT if "path" in value and "id" in value else frozenset()
    return {key: _lean(one) for key, one in value.items() if key not in dropped}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(lzma.compress(content, preset=6))


if __name__ == "__main__":
    source, *chosen = sys.argv[1:]
    main(Path(source), Path(*chosen) if chosen else TARGET)
