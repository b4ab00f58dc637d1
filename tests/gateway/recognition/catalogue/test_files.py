"""Catalogues go out and come back the same; what is wrong is named, and nothing half taken."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import InvalidResourceError
from gateway.fhir.validation import check
from gateway.recognition.catalogue import fhir, files, sheets
from gateway.recognition.catalogue.model import STATES, Catalogue, Code, Item
from gateway.recognition.catalogue.starter import starter
from gateway.sheets import SheetError, workbook
from gateway.sheets.workbook import Sheet

POTASSIUM = Item(
    code="K",
    name="=钾",
    name_en="Potassium",
    category="lab",
    loinc=("2823-3",),
    codes=(Code("urn:hutong:A:item", "0501"), Code("urn:oid:1.2.3", "K")),
    specimens=("SER", "PLAS"),
    fasting=True,
    unit="mmol/L",
    windows={"": 86_400, "icu": 0, "emergency": 5_400, "child": 61},
    scopes=("consortium", "county"),
    quality="national-eqa",
    quality_days=180,
    prices={"A": 1250, "B": 0},
    analyte="potassium",
    effective_from="2026-01-01",
    effective_to="2027-01-01",
)
KNEE = Item(
    code="左膝 1/2",
    name="左膝关节正位",
    category="imaging",
    modality=("DX", "CR"),
    body_site="KNEE",
    laterality="left",
    technique="frontal",
    anchor="performed",
    windows={"": 30 * 86_400},
    images=True,
)
PANEL = Item(code="P", name="电解质", category="lab", parts=("K",), windows={"": 0}, negative="-1")
CATALOGUE = Catalogue(
    version=0,
    effective_from="2026-07-01",
    effective_to="2027-01-01",
    approver="+主任",
    source="联席会议 2026-06",
    defaults=True,
    items=(POTASSIUM, KNEE, PANEL),
)
FORMS = pytest.mark.parametrize("form", [sheets, fhir], ids=["xlsx", "fhir"])


@FORMS
@pytest.mark.parametrize("catalogue", [CATALOGUE, starter()], ids=["small", "starter"])
def test_what_is_exported_comes_back_equal(form, catalogue):
    found = files.read(form.write(catalogue))
    assert found == msgspec.structs.replace(catalogue, version=0)


text = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
items = st.builds(
    Item,
    code=text,
    name=text,
    unit=st.just("") | text,
    category=st.just("lab"),
    windows=st.dictionaries(st.sampled_from(STATES), st.integers(0, 10**8)).map(
        lambda windows: {
            state: windows.get(state, 7) for state in STATES if state in windows or not state
        }
    ),
    prices=st.dictionaries(text, st.integers(0, 10**8), max_size=3),
    fasting=st.booleans(),
)


@settings(deadline=None, max_examples=25)
@given(st.lists(items, min_size=1, max_size=4, unique_by=lambda item: item.code))
def test_any_catalogue_comes_back_equal(made):
    catalogue = Catalogue(version=0, effective_from="2026-07-01", items=tuple(made))
    for form in (sheets, fhir):
        assert form.read(form.write(catalogue)) == catalogue


def test_the_bundle_is_sound_fhir_and_bears_the_notice():
    bundle = json.loads(fhir.write(CATALOGUE))
    assert [check(one) for one in (bundle, *(entry["resource"] for entry in bundle["entry"]))] == [
        [], [], [], [], []
    ]  # fmt: skip
    plan, potassium = (entry["resource"] for entry in bundle["entry"][:2])
    assert "LOINC" in plan["copyright"]
    assert plan["effectivePeriod"] == {"start": "2026-07-01", "end": "2026-12-31"}
    assert plan["experimental"] is True
    assert potassium["code"]["coding"][1] == {"system": "http://loinc.org", "code": "2823-3"}
    assert b'"value": 12.50' in fhir.write(CATALOGUE), "money keeps its digits"


BASE = {"code": "K", "name": "钾", "category": "lab", "window": "1d"}


def book(items, **others):
    """A workbook of dicts: each sheet's columns are the keys of its rows."""
    pages = {"items": [BASE | item for item in items], **others}
    return workbook.write(
        [
            Sheet(name, [*(columns := list(dict.fromkeys(k for row in rows for k in row)))],
                  [[row.get(column, "") for column in columns] for row in rows])
            for name, rows in pages.items()
        ]
    )  # fmt: skip


def faults(body, campuses=("A", "B")):
    with pytest.raises(SheetError) as error:
        files.read(body, campuses)
    return [(one.sheet, one.row, one.column) for one in error.value.faults]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"code": ""}, "code"),
        ({"name": ""}, "name"),
        ({"category": ""}, "category"),
        ({"category": "labs"}, "category"),
        ({"window": ""}, "window"),
        ({"window": "-3d"}, "window"),
        ({"window": "3 weeks"}, "window"),
        ({"window_icu": "-1"}, "window_icu"),
        ({"loinc": "2823-4"}, "loinc"),
        ({"loinc": "K"}, "loinc"),
        ({"fasting": "perhaps"}, "fasting"),
        ({"anchor": "report"}, "anchor"),
        ({"scopes": "consortium moon"}, "scopes"),
        ({"quality": "good"}, "quality"),
        ({"quality_days": "0"}, "quality_days"),
        ({"effective_from": "1.7.2026"}, "effective_from"),
        ({"effective_from": "2026-07-01", "effective_to": "2026-07-01"}, "effective_to"),
        ({"category": "imaging", "body_site": "某处"}, "body_site"),
        ({"category": "imaging", "laterality": "单侧"}, "laterality"),
        ({"category": "imaging", "technique": "某法"}, "technique"),
    ],
)
def test_a_broken_cell_is_named_by_sheet_row_and_column(cells, column):
    good = {"code": "NA", "name": "钠"}
    assert faults(book([good, cells])) == [("items", 3, column)]


@pytest.mark.parametrize(
    ("others", "place"),
    [
        ({"codes": [{"item": "X", "campus": "A", "code": "1"}]}, ("codes", 2, "item")),
        ({"codes": [{"item": "K", "campus": "Z", "code": "1"}]}, ("codes", 2, "campus")),
        ({"codes": [{"item": "K", "campus": "A", "code": ""}]}, ("codes", 2, "code")),
        ({"codes": [{"item": "K", "campus": "", "code": "1"}]}, ("codes", 2, "campus")),
        ({"codes": [{"item": "K", "campus": "A", "code": "1"}] * 2}, ("codes", 3, "code")),
        ({"prices": [{"item": "X", "campus": "A", "price": "1"}]}, ("prices", 2, "item")),
        ({"prices": [{"item": "K", "campus": "A", "price": "1.234"}]}, ("prices", 2, "price")),
        ({"prices": [{"item": "K", "campus": "A", "price": "NaN"}]}, ("prices", 2, "price")),
        ({"prices": [{"item": "K", "campus": "A", "price": "dear"}]}, ("prices", 2, "price")),
        ({"prices": [{"item": "K", "campus": "A", "price": "-1"}]}, ("prices", 2, "price")),
        ({"prices": [{"item": "K", "campus": "A", "price": ""}]}, ("prices", 2, "price")),
        (
            {"prices": [{"item": "K", "campus": "A", "price": p} for p in ("25", "30.00")]},
            ("prices", 3, "price"),
        ),
        ({"parts": [{"panel": "K", "part": "X"}]}, ("parts", 2, "part")),
        ({"parts": [{"panel": "K", "part": "K"}]}, ("parts", 2, "part")),
        ({"parts": [{"panel": "K", "part": "NA"}] * 2}, ("parts", 3, "part")),
        ({"prizes": [{"item": "K"}]}, ("prizes", 0, "")),
        ({"catalogue": [{"effective_from": "soon"}]}, ("catalogue", 2, "effective_from")),
        ({"catalogue": [{"defaults": "soon"}]}, ("catalogue", 2, "defaults")),
        ({"catalogue": [{"approver": "a"}, {"approver": "b"}]}, ("catalogue", 3, "")),
    ],
)
def test_broken_rows_of_other_sheets_are_named(others, place):
    assert faults(book([{}, {"code": "NA", "name": "钠"}], **others)) == [place]


def test_all_faults_are_told_at_once():
    body = book(
        [{"window": "x"}, {"code": "NA", "loinc": "1-1"}], parts=[{"panel": "Y", "part": "Z"}]
    )
    assert faults(body) == [
        ("items", 2, "window"), ("items", 3, "loinc"), ("parts", 2, "panel"), ("parts", 2, "part"),
    ]  # fmt: skip


def test_panels_that_contain_each_other_are_refused():
    parts = [{"panel": "K", "part": "NA"}, {"panel": "NA", "part": "K"}]
    assert faults(book([{}, {"code": "NA"}], parts=parts)) == [
        ("parts", 2, "part"), ("parts", 3, "part"),
    ]  # fmt: skip


def test_codes_that_lead_to_two_tests_are_refused():
    codes = [{"item": code, "campus": "A", "code": "1"} for code in ("K", "NA")]
    assert faults(book([{}, {"code": "NA"}], codes=codes)) == [
        ("items", 2, "code"), ("items", 3, "code"),
    ]  # fmt: skip
    assert faults(book([{"loinc": "2823-3"}, {"code": "NA", "loinc": "2823-3"}])) == [
        ("items", 2, "loinc"), ("items", 3, "loinc"),
    ]  # fmt: skip
    assert faults(book([{}, {}])) == [("items", 3, "code")]


KNEE_CELLS = {
    "category": "imaging", "modality": "DX CR", "body_site": "膝关节", "laterality": "左侧",
    "technique": "正位",
}  # fmt: skip


def test_one_examination_is_one_item_on_each_day():
    twin = KNEE_CELLS | {"code": "K2", "modality": "DR"}
    assert faults(book([KNEE_CELLS, twin])) == [("items", 3, "technique")]
    old = KNEE_CELLS | {"effective_to": "2026-07-01"}
    new = twin | {"effective_from": "2026-07-01"}
    assert [item.code for item in files.read(book([old, new])).items] == ["K", "K2"]


def test_words_of_people_become_terms():
    item = files.read(book([KNEE_CELLS])).items[0]
    assert (item.body_site, item.laterality, item.technique) == ("KNEE", "left", "frontal")
    assert item.modality == ("DX", "CR")
    assert item.anchor == "performed"
    spans = {
        "window": "30",
        "window_icu": "不互认",
        "window_child": "12小时",
        "window_emergency": "90 m",
    }
    assert files.read(book([spans])).items[0].windows == {
        "": 30 * 86_400, "icu": 0, "child": 43_200, "emergency": 5_400,
    }  # fmt: skip


def test_columns_that_are_missing_or_unknown_are_named():
    assert faults(book([{"colour": "red"}])) == [("items", 1, "colour")]
    rows = [Sheet("codes", ["item"], [])]
    assert faults(workbook.write(rows)) == [("items", 0, "")]
    assert faults(workbook.write([Sheet("items", ["name"], [["钾"]])]))[0] == ("items", 1, "code")


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"resourceType": "Bundle"}', b'{"resourceType": "Bundle", "entry": {"a": 1}}'],
)
def test_a_resource_without_items_is_refused(body):
    assert faults(body) == [("Bundle", 0, "")]


def test_what_is_neither_is_refused():
    with pytest.raises(InvalidResourceError):
        files.read(b"code,name\n")


def test_a_broken_entry_is_named_by_its_number():
    bundle = json.loads(fhir.write(CATALOGUE))
    potassium = bundle["entry"][1]["resource"]
    potassium["code"]["coding"][1]["code"] = "2823-1"
    potassium["effectivePeriod"] = {"start": "2026", "end": "9999-12-31"}
    potassium["extension"][0]["extension"].append({"url": "colour", "valueString": "red"})
    bundle["entry"].append({"resource": {"resourceType": "Patient"}})
    bundle["entry"].append({"resource": 1})
    assert sorted(faults(json.dumps(bundle).encode())) == [
        ("items", 2, "colour"),
        ("items", 2, "effective_from"),
        ("items", 2, "loinc"),
        ("items", 5, ""),
        ("items", 6, ""),
    ]
