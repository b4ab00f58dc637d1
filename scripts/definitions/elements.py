"""Elements of each resource and data type: path, cardinality, types, targets, required binding."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from definitions.sources import Resource, write

COLUMNS = "path min max types targets binding"

_PROFILE = "http://hl7.org/fhir/StructureDefinition/"
_SYSTEM = "http://hl7.org/fhirpath/System."
# Base definitions whose elements every resource or backbone repeats; a table names them once.
_BASES = ("Resource", "DomainResource", "Element", "BackboneElement")


@dataclass(frozen=True, slots=True)
class Row:
    """One element as the table has it."""

    path: str
    least: int
    most: str
    types: tuple[str, ...]
    targets: tuple[str, ...]
    binding: str


def rows(structure: Resource, codes: Iterable[str]) -> list[Row]:
    """Return the type with its base, then the elements that the base does not give already."""
    elements = structure["snapshot"]["element"]
    parents = {element["path"]: _types(element) for element in elements}
    base = structure.get("baseDefinition", "").removeprefix(_PROFILE)
    own = [
        _row(element, set(codes))
        for element in elements[1:]
        if not _inherited(element, structure["id"], parents)
    ]
    return [Row(structure["id"], 0, "", (base,) if base else (), (), ""), *own]


def _inherited(element: Resource, name: str, parents: dict[str, tuple[str, ...]]) -> bool:
    parent, _, last = element["path"].rpartition(".")
    if parent != name:
        return last in {"id", "extension"} or (
            last == "modifierExtension" and "BackboneElement" in parents[parent]
        )
    origin: str = element["base"]["path"].partition(".")[0]
    return origin in _BASES and origin != name


def _row(element: Resource, codes: set[str]) -> Row:
    binding = element.get("binding", {})
    value_set = binding.get("valueSet", "").partition("|")[0].rpartition("/")[2]
    return Row(
        element["path"],
        element["min"],
        element["max"],
        _types(element),
        _targets(element),
        value_set if binding.get("strength") == "required" and value_set in codes else "",
    )


def _types(element: Resource) -> tuple[str, ...]:
    if "contentReference" in element:
        return (element["contentReference"],)
    path, codes = element["path"], [kind["code"] for kind in element.get("type", ())]
    if codes and codes[0].startswith(_SYSTEM):
        # The published types of these are those of FHIRPath; the real ones are in the prose.
        named = {"Resource.id": "id", "Extension.url": "uri", "xhtml.value": "xhtml"}
        return (named.get(path, "string"),)
    return tuple(codes)


def _targets(element: Resource) -> tuple[str, ...]:
    """Return the types that the reference may point to, none for any."""
    found = {
        target.removeprefix(_PROFILE)
        for kind in element.get("type", ())
        if kind["code"] == "Reference"
        for target in kind.get("targetProfile", ())
    }
    return () if "Resource" in found else tuple(sorted(found))


def write_rows(path: Path, table: list[Row], strict: set[str]) -> None:
    """Write the elements; `!` marks the references whose target type must be right."""
    write(
        path,
        COLUMNS,
        (
            [
                row.path,
                row.least if row.most else "",
                row.most,
                " ".join(row.types),
                ("!" if row.path.removesuffix("[x]") in strict and row.targets else "")
                + " ".join(row.targets),
                row.binding,
            ]
            for row in table
        ),
    )
