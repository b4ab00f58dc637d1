import csv
import filecmp
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TABLES = ROOT / "gateway" / "fhir" / "tables"


def _make(shared, target):
    script = ROOT / "scripts" / "make_definitions.py"
    subprocess.run(
        [sys.executable, script, shared / "data" / "fhir-r4" / "definitions", target], check=True
    )


def _differences(comparison):
    found = [*comparison.left_only, *comparison.right_only, *comparison.diff_files]
    for below in comparison.subdirs.values():
        found += _differences(below)
    return found


@pytest.mark.needs("shared data")
def test_the_tables_are_what_the_script_makes_of_the_published_definitions(shared, tmp_path):
    shutil.copytree(TABLES / "search", tmp_path / "search")
    _make(shared, tmp_path)
    # What comes from elsewhere: scripts/make_published.py, scripts/make_units.py.
    assert _differences(filecmp.dircmp(TABLES, tmp_path)) == ["published", "ucum.csv"]


@pytest.mark.needs("shared data")
def test_a_search_parameter_keeps_its_number_when_another_goes(shared, tmp_path):
    path = tmp_path / "search" / "Flag.csv"
    path.parent.mkdir()
    header, columns, *rows = (TABLES / "search" / "Flag.csv").read_text().splitlines()
    path.write_text("\n".join([header, columns, *rows[1:]]))
    _make(shared, tmp_path)
    made = {
        row["code"]: int(row["number"]) for row in csv.DictReader(path.read_text().splitlines()[1:])
    }
    first = rows[0].split(",")[1]
    assert made.pop(first) == len(rows) + 1
    assert made == {row.split(",")[1]: int(row.split(",")[0]) for row in rows[1:]}


def test_every_table_says_where_it_is_from():
    for path in TABLES.rglob("*.csv"):
        source = "UCUM 2.2" if path.stem == "ucum" else "FHIR R4 4.0.1, 2019-11-01"
        assert path.read_text().startswith(f"# {source}")
