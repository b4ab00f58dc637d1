# ruff: noqa: INP001 - a program, not a package
"""Makes gateway/fhir/tables from R4's definition files: make_definitions.py FOLDER [TABLES].

FOLDER holds the published bundles (profiles-resources, profiles-types, search-parameters,
valuesets, v2-tables, v3-codesystems and the five compartments).
"""

import json
import sys
from pathlib import Path

from definitions import search, sources, summary
from definitions.codes import open_systems, required_codes
from definitions.elements import Row, rows, write_rows

TABLES = Path(__file__).parents[1] / "gateway" / "fhir" / "tables"
DATA_TYPES = "datatypes"
COMPARTMENTS = ("Device", "Encounter", "Patient", "Practitioner", "RelatedPerson")


def main(folder: Path, tables: Path) -> None:
    """Write every table."""
    structures = sources.structures(folder)
    codes = required_codes(folder, structures)
    sources.write(
        tables / "codes.csv",
        "value_set system codes",
        (
            [value_set, system, " ".join(listed)]
            for value_set, systems in codes.items()
            for system, listed in systems.items()
        ),
    )
    sources.write(tables / "open.csv", "path system", open_systems(folder, structures))
    params = search.by_type(folder, tables / "search")
    types: list[Row] = []
    for structure in structures:
        name, table = structure["id"], rows(structure, codes)
        if structure["kind"] == "primitive-type" or structure["id"] == "MetadataResource":
            continue
        if structure["kind"] != "resource" or structure["abstract"]:
            types += table
            continue
        strict = search.strict_paths(params.get(name, []))
        write_rows(tables / "elements" / f"{name}.csv", table, strict)
        elements = {row.path.removesuffix("[x]"): row for row in table}
        if name in params:
            done = search.completed(params[name], elements)
            search.write_params(tables / "search" / f"{name}.csv", done)
    write_rows(tables / "elements" / f"{DATA_TYPES}.csv", types, set())
    search.write_params(
        tables / "search" / f"{search.ALL_TYPES}.csv",
        search.completed(params[search.ALL_TYPES], {}),
    )
    sources.write(tables / "summary.csv", summary.COLUMNS, summary.summaries(structures))
    sources.write(
        tables / "compartments.csv",
        "compartment type params",
        (
            [name, row["code"], " ".join(row["param"])]
            for name in COMPARTMENTS
            for row in _compartment(folder, name)["resource"]
            if "param" in row
        ),
    )


def _compartment(folder: Path, name: str) -> sources.Resource:
    found: sources.Resource = json.loads(
        (folder / f"compartmentdefinition-{name.lower()}.json").read_bytes()
    )
    return found


if __name__ == "__main__":
    source, *target = sys.argv[1:]
    main(Path(source), Path(*target) if target else TABLES)
