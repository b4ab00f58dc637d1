"""The definition files of FHIR R4 as published, and how a table is written."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HEADER = (
    "# FHIR R4 4.0.1, 2019-11-01, https://hl7.org/fhir/R4, CC0; made by scripts/make_definitions.py"
)

Resource = dict[str, Any]


def resources(folder: Path, *names: str) -> Iterator[Resource]:
    """Yield the resources in these bundles, plain or gzipped."""
    for name in names:
        data = (folder / name).read_bytes()
        bundle = json.loads(gzip.decompress(data) if name.endswith(".gz") else data)
        yield from (entry["resource"] for entry in bundle["entry"])


def structures(folder: Path) -> list[Resource]:
    """Return the StructureDefinitions of resources and data types, profiles on them left out."""
    return [
        resource
        for resource in resources(folder, "profiles-resources.min.json.gz", "profiles-types.json")
        if resource["resourceType"] == "StructureDefinition"
        and resource.get("derivation") != "constraint"
    ]


def write(path: Path, columns: str, rows: Iterable[Iterable[object]]) -> None:
    """Write a table: where it is from, its columns, its rows."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns.split())
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}\n{text.getvalue()}")


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table, none where it does not exist yet."""
    if not path.exists():
        return []
    return list(csv.DictReader(path.read_text().splitlines()[1:]))
