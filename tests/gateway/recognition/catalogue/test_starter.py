"""The starter catalogue is large enough, sound, and its LOINC rows are LOINC's."""

import csv
import json
import os
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from gateway.recognition.catalogue import exams
from gateway.recognition.catalogue.book import Book, doubtful
from gateway.recognition.catalogue.model import STATES
from gateway.recognition.catalogue.starter import starter

PROJECT = Path(__file__).parents[4]
TERMINOLOGY = Path(os.environ.get("HUTONG_SHARED", PROJECT.parent / "shared"), "data/terminology")
ITEMS = starter().items
BY_LOINC = {code: item for item in ITEMS for code in item.loinc}
needs_loinc = pytest.mark.skipif(
    not (TERMINOLOGY / "loinc").is_dir(), reason="LOINC tables (HUTONG_SHARED) are absent"
)

SPECIMENS = {
    "Serum or Plasma": {"SER", "PLAS"}, "Serum": {"SER"}, "Plasma": {"PLAS"}, "Blood": {"BLD"},
    "Platelet poor plasma": {"PPP"}, "Urine": {"UR"}, "Arterial blood": {"BLDA"}, "Stool": {"STL"},
}  # fmt: skip
"""LOINC's systems, as codes of HL7 table 0487."""


def rows(name):
    text = files("gateway.recognition.catalogue").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def shared(name, delimiter="\t"):
    with (TERMINOLOGY / name).open(encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines, delimiter=delimiter))


def test_there_are_items_of_every_kind():
    kinds = Counter(kind for item in ITEMS for kind in (item.modality[:1] or (item.category,)))
    single = [item for item in ITEMS if item.category == "lab" and not item.parts]
    assert len(ITEMS) >= 90
    assert len(single) >= 65
    assert {"DX", "CT", "MR", "US", "ECG"} <= set(kinds)
    for item in ITEMS:
        assert set(item.windows) <= set(STATES)
        assert item.windows[""] >= max(item.windows.values()), item.code


def test_panels_have_their_parts():
    panels = {item.name for item in ITEMS if item.parts}
    assert panels >= {
        "肝功能", "肾功能", "血脂", "电解质", "血常规", "尿常规", "凝血功能", "动脉血气分析",
        "甲状腺功能", "乙肝两对半", "心肌酶谱",
    }  # fmt: skip


def test_no_two_items_share_a_code_or_an_examination():
    codes = Counter(code for item in ITEMS for code in item.loinc)
    assert max(codes.values()) == 1
    assert not [item.code for item in ITEMS if doubtful(item)]
    book = Book(starter())
    for item in ITEMS:
        if item.category in {"imaging", "ecg"}:
            assert exams.read(item.name).rest is False
            assert all(book.of_code("http://loinc.org", code) == (item,) for code in item.loinc)


def test_what_is_never_recognised_says_on_what_ground():
    never = {item.name for item in ITEMS if item.windows[""] == 0}
    assert never == {item.name for item in ITEMS if item.negative or item.retest}
    assert {"ABO血型", "交叉配血", "亲子鉴定"} <= never
    assert {item.sensitivity for item in ITEMS} >= {"hiv", "syphilis", "forensic"}


def test_values_that_may_be_critical_name_their_group():
    groups = {item.analyte for item in ITEMS}
    assert groups >= {"potassium", "sodium", "glucose", "haemoglobin", "platelets"}


def test_every_loinc_code_of_an_item_is_listed_with_its_names():
    assert {row["loinc"] for row in rows("loinc.csv")} == set(BY_LOINC)


@needs_loinc
@pytest.mark.parametrize("row", rows("loinc.csv"), ids=lambda row: row["loinc"])
def test_a_loinc_row_is_what_loinc_says(row, loinc):
    components, common, units = loinc
    assert components[row["loinc"]] == row["component"]
    known = common.get(row["loinc"])
    assert row["long_common_name"] == (known["LONG_COMMON_NAME_v1.6list"] if known else "")
    item = BY_LOINC[row["loinc"]]
    if item.parts or item.category != "lab" or not item.unit:
        return
    if known and known["SPECIMEN_LCN_TEXT"]:
        assert SPECIMENS[known["SPECIMEN_LCN_TEXT"]] & set(item.specimens)
    # The table gives arbitrary units without the volume, and has no unit for some codes.
    expected = units.get(row["loinc"], [item.unit])[0].replace("[arb'U]", "[arb'U]/mL")
    assert dimension(item.unit) == dimension(expected), (item.unit, expected)


@pytest.fixture(scope="module")
def loinc():
    components = {
        row["LOINC_NUM"]: row["COMPONENT"]
        for row in shared("loinc/loinc_num_component_2.68_razsh98.csv", ",")
    }
    common = {row["LOINC_NUM"]: row for row in shared("loinc/common_lab_tests.tsv")}
    units = json.loads((TERMINOLOGY / "loinc/lhc_loinc_unit_2.67.json").read_text())
    return components, common, units


KINDS = (
    (r"k?m?u?\[(IU|arb'U)\]|[mu]?U", "activity"),
    (r"[munp]?mol", "substance"),
    (r"[munpf]?g", "mass"),
    (r"[dmuf]?L", "volume"),
    (r"10\*\d+", "number"),
    (r"%|1", ""),
)


def dimension(unit):
    """What a unit measures: kinds above and below the line, annotations left out."""
    bare = re.sub(r"\{[^}]*\}", "", unit)
    parts = []
    for part in bare.split("/"):
        kind = next((kind for pattern, kind in KINDS if re.fullmatch(pattern, part)), part)
        parts.append("number" if kind == "" and len(parts) == 0 and "/" in bare else kind)
    return tuple(parts)
