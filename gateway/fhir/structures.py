"""What a resource or data type is made of: its members in JSON, each with type and cardinality.

https://hl7.org/fhir/R4/json.html and https://hl7.org/fhir/R4/datatypes.html
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.fhir import tables

PRIMITIVES: Final = frozenset(
    {
        *("base64Binary", "boolean", "canonical", "code", "date", "dateTime", "decimal", "id"),
        *("instant", "integer", "markdown", "oid", "positiveInt", "string", "time"),
        *("unsignedInt", "uri", "url", "uuid", "xhtml"),
    }
)
_INLINE = {"BackboneElement", "Element"}


@dataclass(frozen=True, slots=True)
class Element:
    """One member of an object: `valueQuantity` is a key, `value[x]` the element's name."""

    key: str
    name: str
    type: str  # a data type, `Resource`, or the path of a group of elements defined in place
    least: int
    many: bool
    targets: frozenset[str] = frozenset()  # of a reference; none means any
    strict: bool = False  # a wrong target is an error, not a warning
    binding: str = ""  # the value set that its codes must come from

    @property
    def primitive(self) -> bool:
        """Return whether the value is a JSON string, number or boolean."""
        return self.type in PRIMITIVES

    @property
    def choice(self) -> bool:
        """Return whether this is one of several types that the element may have."""
        return self.name.endswith("[x]")


Structure = Mapping[str, Element]


@functools.cache
def structure(path: str) -> Structure:
    """Return key -> element of a resource type, a data type or a group of elements by its path."""
    head = path.partition(".")[0]
    table = _rows("datatypes")
    if head not in table:
        table = _rows(head)
    base, rows = table[path]
    found = dict(structure(base)) if base else {}
    for row in rows:
        found.update((element.key, element) for element in _elements(row, table))
    return found


@functools.cache
def _rows(name: str) -> dict[str, tuple[str, list[dict[str, str]]]]:
    """Return path -> base and rows of what one file defines."""
    found: dict[str, tuple[str, list[dict[str, str]]]] = {}
    for row in tables.read(f"elements/{name}"):
        path = row["path"]
        if not row["max"]:
            found[path] = row["types"], []
            continue
        found[path.rpartition(".")[0]][1].append(row)
        if row["types"] in _INLINE:
            found[path] = row["types"], []
    return found


def _elements(row: dict[str, str], table: Mapping[str, object]) -> Iterator[Element]:
    """Yield the members that one element of the definition may appear as."""
    path, types = row["path"], row["types"].split()
    name = path.rpartition(".")[2]
    for kind in types:
        yield Element(
            key=name.removesuffix("[x]") + kind[0].upper() + kind[1:] if "[x]" in name else name,
            name=name,
            type=path if path in table else kind.removeprefix("#"),
            least=int(row["min"]),
            many=row["max"] != "1",
            targets=frozenset(row["targets"].removeprefix("!").split())
            if kind == "Reference"
            else frozenset(),
            strict=row["targets"].startswith("!"),
            binding=row["binding"],
        )


@functools.cache
def _codes() -> dict[str, dict[str, frozenset[str]]]:
    found: dict[str, dict[str, frozenset[str]]] = {}
    for row in tables.read("codes"):
        found.setdefault(row["value_set"], {})[row["system"]] = frozenset(row["codes"].split())
    return found


def codes(value_set: str) -> Mapping[str, frozenset[str]]:
    """Return system -> codes of a value set that a required binding names."""
    return _codes()[value_set]
