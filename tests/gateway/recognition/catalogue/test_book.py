"""What an order or a result is taken for, and what it is never taken for."""

import pytest

from gateway.recognition.catalogue.book import Book
from gateway.recognition.catalogue.exams import DCM, read
from gateway.recognition.catalogue.model import Catalogue, Code, Item
from gateway.recognition.catalogue.starter import starter
from gateway.recognition.model import Asked
from mappers.names import CATALOGUE_ITEM, LOINC, SNOMED

ITEM_A = "urn:hutong:A:item"
BOOK = Book(starter())


def name_of(item):
    return item.code if item else None


def ordered(text="", **fields):
    codes = tuple(Code(*pair) for pair in fields.pop("codes", ()))
    return name_of(BOOK.of_order(Asked(text=text, codes=codes, **fields)))


EXAMINATIONS = [item for item in starter().items if item.category in {"imaging", "ecg"}]


@pytest.mark.parametrize("item", EXAMINATIONS, ids=lambda item: item.code)
def test_an_examination_is_found_by_its_own_chinese_name(item):
    assert ordered(item.name) == item.code


@pytest.mark.parametrize("item", starter().items, ids=lambda item: item.code)
def test_every_item_is_ordered_by_its_code_in_the_catalogue(item):
    assert ordered(codes=[(CATALOGUE_ITEM, item.code)]) == item.code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("左膝关节MR平扫", "MR.KNEE.L.PLAIN"),
        ("磁共振平扫(右膝)", "MR.KNEE.R.PLAIN"),
        ("MRI 右膝关节 平扫", "MR.KNEE.R.PLAIN"),
        ("右膝MR增强", None),
        ("膝关节MR平扫", None),
        ("双膝MR平扫", None),
        ("单侧膝关节MR平扫", None),
        ("左、右膝关节MR平扫", None),
        ("胸部正位片", "DR.CHEST.PA"),
        ("胸部(后前位)DR", "DR.CHEST.PA"),
        ("Chest PA", "DR.CHEST.PA"),
        ("胸部侧位片", "DR.CHEST.LAT"),
        ("胸部正侧位", "DR.CHEST.PALAT"),
        ("胸部DR", None),
        ("床旁胸部正位DR", None),
        ("头颅CT平扫", "CT.HEAD.PLAIN"),
        ("颅脑螺旋CT不增强", "CT.HEAD.PLAIN"),
        ("头颅CT增强", "CT.HEAD.CONTRAST"),
        ("头颅CT平扫+增强", None),
        ("头颅CT", None),
        ("头颅CTA", None),
        ("垂体MR平扫", None),
        ("胸部低剂量CT平扫", None),
        ("双肺CT平扫", "CT.CHEST.PLAIN"),
        ("胸部及上腹部CT平扫", None),
        ("头颅CT平扫(术后复查)", None),
        ("CT引导下肺穿刺", None),
        ("PET-CT", None),
        ("颈椎正侧位DR", "DR.CSPINE.APLAT"),
        ("双肾彩色多普勒超声", "US.KIDNEY"),
        ("右肾彩超", None),
        ("心脏超声", "US.HEART"),
        ("十二导心电图", "ECG.12"),
        ("24小时动态心电图", "ECG.HOLTER"),
        ("运动平板心电图", None),
        ("", None),
    ],
)
def test_words_of_an_order_lead_to_one_item_or_none(text, code):
    assert ordered(text) == code


def test_fields_say_what_the_words_leave_open():
    assert ordered("膝关节MR平扫", laterality="left") == "MR.KNEE.L.PLAIN"
    assert ordered("膝关节MR", laterality="419465000", technique="平扫") == "MR.KNEE.R.PLAIN"
    modality = [(DCM, "MR")]
    assert (
        ordered(codes=modality, body_site="72696002", laterality="L", technique="plain")
        == "MR.KNEE.L.PLAIN"
    )
    assert ordered(codes=[*modality, (SNOMED, "72696002")], laterality="左", technique="平扫") == (
        "MR.KNEE.L.PLAIN"
    )


def test_fields_and_words_that_disagree_lead_nowhere():
    assert ordered("左膝关节MR平扫", laterality="right") is None
    assert ordered("左膝关节MR平扫", technique="contrast") is None
    assert ordered("左膝关节MR平扫", body_site="CHEST") is None
    assert ordered("左膝关节MR平扫", laterality="某侧") is None


def test_a_laboratory_test_is_found_by_loinc_and_never_by_its_name():
    assert ordered("钾", codes=[(LOINC, "2823-3")]) == "LAB.K"
    assert ordered("钾") is None


@pytest.mark.parametrize(
    ("specimen", "code"),
    [("", "LAB.K"), ("SER", "LAB.K"), ("血清", "LAB.K"), ("静脉血", "LAB.K"), ("全血", None),
     ("BLDA", None), ("UR", None), ("某种标本", None)],
)  # fmt: skip
def test_another_specimen_is_another_test(specimen, code):
    assert ordered(codes=[(LOINC, "2823-3")], specimen=specimen) == code


KNEES = [
    Item(code=side, name=side, category="imaging", modality=("DX", "CR"), body_site="KNEE",
         laterality=side, technique="frontal", codes=(Code(ITEM_A, "XG"),))
    for side in ("left", "right")
]  # fmt: skip
LAB = [
    Item(code=code, name=code, category="lab", loinc=(loinc,), codes=(Code(ITEM_A, local),))
    for code, loinc, local in (("K", "2823-3", "K1"), ("NA", "2951-2", "NA1"))
]
SMALL = Book(Catalogue(version=3, effective_from="2026-01-01", items=(*KNEES, *LAB)))


def in_small(text="", *codes, **fields):
    asked = Asked(text=text, codes=tuple(Code(*pair) for pair in codes), **fields)
    return name_of(SMALL.of_order(asked))


def test_a_campus_code_of_both_sides_needs_the_side():
    assert in_small("膝关节", (ITEM_A, "XG")) is None
    assert in_small("右膝关节正位", (ITEM_A, "XG")) == "right"
    assert in_small("", (ITEM_A, "XG"), laterality="左") == "left"
    assert in_small("双膝", (ITEM_A, "XG")) is None


def test_a_campus_code_is_not_overruled_by_words_that_say_less():
    assert in_small("膝部拍片，请加急", (ITEM_A, "XG"), laterality="L") == "left"


def test_a_code_of_another_campus_means_nothing():
    assert in_small("", ("urn:hutong:B:item", "K1")) is None
    assert in_small("", ("urn:hutong:B:item", "K1"), (LOINC, "2823-3")) == "K"


def test_codes_that_contradict_each_other_lead_nowhere():
    assert in_small("", (ITEM_A, "K1"), (LOINC, "2951-2")) is None


def test_results_are_told_by_code():
    coding = {"coding": [{"system": ITEM_A, "code": "XX"}, {"system": LOINC, "code": "2823-3"}]}
    found = BOOK.of_result({"resourceType": "Observation", "code": coding})
    assert name_of(found) == "LAB.K"
    assert BOOK.of_result({"resourceType": "Observation"}) is None


def study(**elements):
    return {
        "resourceType": "ImagingStudy",
        "modality": [{"system": DCM, "code": "MR"}],
        "series": [
            {
                "uid": "1",
                "modality": {"system": DCM, "code": "MR"},
                "bodySite": {"system": SNOMED, "code": "72696002"},
                "laterality": {"system": SNOMED, "code": "419161000"},
            }
        ],
        **elements,
    }


def test_a_study_is_told_by_series_and_procedure():
    assert BOOK.of_result(study()) is None, "plain or contrast is not said"
    plain = [{"text": "左膝关节MR平扫"}]
    assert name_of(BOOK.of_result(study(procedureCode=plain))) == "MR.KNEE.L.PLAIN"
    assert name_of(BOOK.of_result(study(description="膝关节平扫"))) == "MR.KNEE.L.PLAIN"


def test_a_study_whose_series_speak_against_its_name_is_of_no_item():
    right = [{"text": "右膝关节MR平扫"}]
    assert BOOK.of_result(study(procedureCode=right)) is None


def test_a_report_is_told_by_the_words_of_its_code():
    report = {"resourceType": "DiagnosticReport", "code": {"text": "胸部CT平扫"}}
    assert name_of(BOOK.of_result(report)) == "CT.CHEST.PLAIN"


def test_parts_of_a_panel_are_items_of_their_own():
    panel = BOOK.item("PANEL.ELEC")
    assert [part.name for part in BOOK.parts(panel)] == ["钾", "钠", "氯", "总钙"]
    assert BOOK.codes_of(panel) == (Code(LOINC, "24326-1"),)
    assert BOOK.item("nothing") is None


def test_words_are_whole_in_english_and_longest_in_chinese():
    assert read("pancreas").technique == ""
    assert read("颈椎").site == "CSPINE"
    assert read("左心功能").side == ""
