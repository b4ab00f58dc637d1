# ruff: noqa: INP001 - a program, not a package
"""Makes gateway/fhir/tables/ucum.csv from the essence file of UCUM: make_units.py ESSENCE.XML.

The file comes inside the package ucumvert (its `vendor/ucum-essence.xml`), which itself needs a
grammar and a unit registry that nothing here uses: see docs/decisions/008-search.md.
"""

import csv
import io
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

TABLE = Path(__file__).parents[1] / "gateway" / "fhir" / "tables" / "ucum.csv"
NAMESPACE = "{http://unitsofmeasure.org/ucum-essence}"
# A degree on another scale is a factor and an offset; other functions (pH, decibel) are neither.
OFFSETS = {"Cel": "273.15", "[degF]": "459.67"}


def main(essence: Path) -> None:
    """Write the table: every prefix and unit with its factor and what it is a multiple of."""
    root = ET.parse(essence).getroot()  # noqa: S314 - a file of the package index
    rows = [
        ["prefix", one.get("Code"), _value(one).get("value"), "", "", ""]
        for one in root.iter(f"{NAMESPACE}prefix")
    ]
    rows += [
        ["base", one.get("Code"), "1", "", "1", ""] for one in root.iter(f"{NAMESPACE}base-unit")
    ]
    rows += [_unit(one) for one in root.iter(f"{NAMESPACE}unit")]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["kind", "code", "factor", "unit", "metric", "offset"])
    writer.writerows(rows)
    head = (
        f"# UCUM {root.get('version')}, {root.get('revision-date')}, https://ucum.org; made by"
        " scripts/make_units.py; (c) 1999-2024 Regenstrief Institute, see"
        " docs/reference/ucum-notice.md"
    )
    TABLE.write_text(f"{head}\n{text.getvalue()}")


def _value(one: ET.Element) -> ET.Element:
    (found,) = one.iter(f"{NAMESPACE}value")
    return found


def _unit(one: ET.Element) -> list[str | None]:
    code, value = one.get("Code"), _value(one)
    metric = "1" if one.get("isMetric") == "yes" else ""
    unit, factor = value.get("Unit"), value.get("value")
    function = value.find(f"{NAMESPACE}function")
    if code in OFFSETS and function is not None:
        return ["unit", code, function.get("value"), function.get("Unit"), metric, OFFSETS[code]]
    # What has no factor stands for itself, and so does the mole: 6e23 of nothing in UCUM, which
    # would make a substance comparable with a count of cells.
    alone = function is not None or (one.get("isArbitrary") == "yes" and unit == "1")
    if alone or code == "mol":
        return ["base", code, "1", "", metric, ""]
    return ["unit", code, factor, unit, metric, ""]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
