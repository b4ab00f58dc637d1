"""Items, facts and cases for tests of the rules: plain values, nothing stored."""

from msgspec.structs import replace

from gateway.recognition.catalogue.book import Book
from gateway.recognition.catalogue.model import Catalogue, Code, Item
from gateway.recognition.decide.decision import case_of
from gateway.recognition.decide.model import Anchor, Circumstances, Fact, Facts, Mark
from gateway.recognition.model import Asked

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
NOW = 1_795_000_000 * SECOND
HOURS = 3600
K = Item(
    code="K",
    name="钾",
    category="lab",
    loinc=("2823-3",),
    codes=(Code("urn:hutong:B:item", "K"), Code("urn:hutong:A:item", "LK")),
    specimens=("SER", "PLAS"),
    unit="mmol/L",
    windows={"": 72 * HOURS, "inpatient": 24 * HOURS, "emergency": 6 * HOURS, "child": 48 * HOURS},
    quality="provincial-eqa",
    analyte="potassium",
    prices={"A": 800},
)
CREA = replace(
    K,
    code="CREA",
    name="肌酐",
    loinc=("14682-9",),
    codes=(),
    unit="umol/L",
    analyte="creatinine",
    windows={"": 14 * 24 * HOURS},
    quality="none",
)
PARTS = tuple(
    replace(
        CREA,
        code=f"P{n}",
        name=f"项目{n}",
        loinc=(f"1000{n}-0",),
        unit="g/L",
        analyte="",
        prices={},
    )
    for n in range(22)
)
PANEL = Item(
    code="PANEL",
    name="二十二项",
    category="lab",
    loinc=("24323-8",),
    parts=tuple(one.code for one in PARTS),
    windows={"": 7 * 24 * HOURS},
    prices={"A": 9900},
)
CT = Item(
    code="CT.CHEST",
    name="胸部CT平扫",
    category="imaging",
    modality=("CT",),
    body_site="CHEST",
    technique="plain",
    codes=(Code("urn:hutong:B:item", "CT01"),),
    anchor="performed",
    windows={"": 30 * 24 * HOURS},
    images=True,
)
DX_LEFT = replace(
    CT,
    code="DX.KNEE.L",
    name="左膝关节正位",
    modality=("DX",),
    body_site="KNEE",
    laterality="left",
    technique="",
    codes=(),
)
DX_RIGHT = replace(DX_LEFT, code="DX.KNEE.R", name="右膝关节正位", laterality="right")
ECG = Item(
    code="ECG",
    name="常规心电图",
    category="ecg",
    modality=("ECG",),
    loinc=("11524-6",),
    anchor="performed",
    windows={"": 7 * 24 * HOURS, "emergency": 24 * HOURS},
    images=True,
)
HIV = replace(
    CREA, code="HIV", name="HIV抗体", loinc=("10351-5",), unit="", sensitivity="hiv", analyte=""
)
BOOK = Book(
    Catalogue(
        version=1,
        effective_from="2000-01-01",
        items=(K, CREA, PANEL, *PARTS, CT, DX_LEFT, DX_RIGHT, ECG, HIV),
    )
)
MARK = Mark(scope="province", evidence=7, told="本省HR", level="provincial-eqa")
ABOUT = Circumstances(
    now=NOW,
    campus=1,
    code="A",
    zone="Asia/Shanghai",
    own=("a1",),
    people=("a1", "b1", "c1"),
    birth_date="1980-03-07",
    encounter_class="AMB",
    placed="2026-11-22",
)


def anchor(ago=2 * HOUR, kind="collection", length=SECOND, zone=""):
    return Anchor(NOW - ago, NOW - ago + length, kind, zone)


def fact(number=1, **more):
    """A potassium of campus B against which nothing speaks."""
    usual = {
        "reference": f"Observation/k{number}/_history/1",
        "campus": 2,
        "code": "B",
        "patient": "b1",
        "item": "K",
        "title": "钾",
        "status": "final",
        "anchor": anchor(),
        "loinc": True,
        "specimen": ("SER",),
        "value": "4.2",
        "numeric": True,
        "unit": "mmol/L",
        "mark": MARK,
    }
    return Fact(**{**usual, **more})


def facts(*found, item="K", asked=None, catalogue=1, **about):
    circumstances = replace(ABOUT, **about)
    return Facts(
        circumstances=circumstances,
        asked=asked or Asked(ref="d1"),
        catalogue=catalogue,
        item=item,
        found=found,
    )


def case(item=K, asked=None, **about):
    return case_of(facts(item=item.code, asked=asked, **about), item, item)
