"""R4's own definitions: profiles, value sets, code systems, maps, search parameters, operations.

https://hl7.org/fhir/R4/definitions.html, packed by scripts/make_published.py. A portion is unpacked
when something in it is first asked for.
"""

import json
import lzma
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

TYPES: Final = (
    "CodeSystem",
    "CompartmentDefinition",
    "ConceptMap",
    "OperationDefinition",
    "SearchParameter",
    "StructureDefinition",
    "ValueSet",
)
MOMENT: Final = 1_572_560_963_356_000
"""When R4 was published, in microseconds since 1970: 2019-10-31T22:29:23.356Z."""

_FOLDER: Final = Path(__file__).parent / "tables" / "published"
_KEPT_PORTIONS: Final = 6
_KEPT_RESOURCES: Final = 256


class Entry(NamedTuple):
    """Where one definition lies."""

    type: str
    id: str
    url: str
    version: str
    portion: int
    start: int
    length: int
    number: int  # its place among all


@cache
def entries(type_: str) -> Mapping[str, Entry]:
    """Return the definitions of a type by id."""
    return MappingProxyType({one.id: one for one in _index() if one.type == type_})


def at(type_: str, url: str) -> Entry | None:
    """Return the definition with a canonical address, which may name its version."""
    address, _, version = url.partition("|")
    found = _addresses(type_).get(address, ())
    return next((one for one in found if version in {"", _version(one)}), None)


@cache
def _addresses(type_: str) -> Mapping[str, tuple[Entry, ...]]:
    """Return the definitions of a type by address, the newest version first."""
    found: dict[str, tuple[Entry, ...]] = {}
    for one in sorted(entries(type_).values(), key=_version, reverse=True):
        address = one.url.partition("|")[0]
        found[address] = (*found.get(address, ()), one)
    return found


def _version(entry: Entry) -> str:
    """Return a definition's version: that of four tables of HL7 v2 is in their address."""
    return entry.url.partition("|")[2] or entry.version


@cache
def _index() -> tuple[Entry, ...]:
    rows: list[Any] = json.loads(lzma.decompress((_FOLDER / "index.xz").read_bytes()))
    return tuple(Entry._make((*row, number)) for number, row in enumerate(rows))


def body(entry: Entry) -> bytes:
    """Return a definition's bytes: resourceType, id and an object `meta` come first."""
    return _portion(entry.portion)[entry.start : entry.start + entry.length]


@lru_cache(_KEPT_RESOURCES)
def resource(entry: Entry) -> Mapping[str, Any]:
    """Return a definition, for looking only."""
    found: dict[str, Any] = json.loads(body(entry))
    if not found["meta"]:
        del found["meta"]
    return MappingProxyType(found)


@lru_cache(_KEPT_PORTIONS)
def _portion(number: int) -> bytes:
    return lzma.decompress((_FOLDER / f"{number:02}.xz").read_bytes())
