import re
import xml.etree.ElementTree as ET
from importlib.resources import files

import pytest

from mappers.codes import table
from mappers.units import ALIASES, ucum, unit
from tests import tools


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mmol/L", "mmol/L"),
        ("μmol/L", "umol/L"),
        ("µmol/L", "umol/L"),
        (" umol / L ", "umol/L"),
        ("×10^9/L", "10*9/L"),
        ("10⁹/L", "10*9/L"),
        ("10^6/μL", "10*6/uL"),
        ("IU/mL", "[IU]/mL"),
        ("mmHg", "mm[Hg]"),
        ("S/CO", "{s_co_ratio}"),
        ("mg/L FEU", "mg/L{FEU}"),
        ("％", "%"),
    ],
)
def test_alias(text, code):
    assert ucum(text) == code
    assert unit(text)["unit"] == text


@pytest.mark.parametrize("text", ["G/L", "单位", "mEq", "", "foo/bar"])
def test_no_code_where_it_is_not_sure(text):
    assert ucum(text) == ""
    assert "code" not in unit(text)


def test_declared_code_comes_first():
    assert unit("million/uL", "10*6/uL")["code"] == "10*6/uL"


@pytest.mark.needs("shared data")
def test_every_code_is_made_of_atoms_of_ucum():
    root = ET.parse(tools.SHARED / "data/terminology/ucum/ucum-essence.xml").getroot()  # noqa: S314 our own data
    kinds = {each.tag.rpartition("}")[2] for each in root}
    assert {"prefix", "base-unit", "unit"} <= kinds
    prefixes, metric, atoms = set(), set(), set()
    for each in root:
        kind, code = each.tag.rpartition("}")[2], each.get("Code")
        if kind == "prefix":
            prefixes.add(code)
        elif kind in {"base-unit", "unit"}:
            atoms.add(code)
            if kind == "base-unit" or each.get("isMetric") == "yes":
                metric.add(code)

    def known(atom):
        bare = re.sub(r"(?<=[a-zA-Z\]])[+-]?\d+$", "", atom)
        if not bare or bare in atoms or re.fullmatch(r"\d+|10\*\d+", bare):
            return True
        return any(bare.startswith(p) and bare[len(p) :] in metric for p in prefixes)

    codes = {row[0] for row in ALIASES.values()}
    bare = {code: re.sub(r"\{[^}]*\}", "", code) for code in codes}
    wrong = [code for code in codes if not all(map(known, re.split(r"[./()]", bare[code])))]
    assert wrong == []


@pytest.mark.parametrize("name", ["units", "interpretation", "qualitative", "absent"])
def test_table_has_no_row_twice(name):
    text = files("mappers.codes").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(table(name)) == len(rows) - 1
