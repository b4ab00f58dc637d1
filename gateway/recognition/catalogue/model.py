"""A catalogue of recognised items and what it says of each.

国卫医政发〔2024〕37号: inside a consortium every item is recognised that no list takes out.
Times are seconds, prices fen, dates ISO 8601.
"""

from typing import Final

import msgspec

AMBULATORY: Final = ""
STATES: Final = (
    AMBULATORY,
    "inpatient",
    "emergency",
    "icu",
    "pregnancy",
    "child",
    "chemotherapy",
    "post-operative",
)
"""Patient states that may have a validity of their own; `child` is under 14 years."""
CATEGORIES: Final = ("lab", "imaging", "ecg", "pathology", "function")
ANCHORS: Final = ("collection", "performed", "issued")
VOLATILITIES: Final = ("stable", "slow", "fast", "never")
SCOPES: Final = ("consortium", "county", "city", "province", "region", "national")
QUALITIES: Final = ("none", "iqc", "provincial-eqa", "national-eqa", "iso-15189")


class Code(msgspec.Struct, frozen=True):
    """A code that means the item: a campus's own, or one of a superior platform."""

    system: str
    code: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One item. `parts` are the item codes of a panel's analytes, empty for a single test.

    `windows` holds seconds of validity by patient state; 0 is never. `specimens` are codes of HL7
    table 0487 that will do. `unit` and `comparable` say which results are of one kind: results of
    another unit dimension or of another group are shown, not recognised. `negative` and `retest`
    give the legal or clinical ground on which a result is never recognised, "" where there is none.
    """

    code: str
    name: str
    name_en: str = ""
    category: str
    loinc: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    parts: tuple[str, ...] = ()
    modality: tuple[str, ...] = ()
    body_site: str = ""
    laterality: str = ""
    technique: str = ""
    specimens: tuple[str, ...] = ()
    fasting: bool = False
    unit: str = ""
    comparable: str = ""
    anchor: str = "collection"
    windows: dict[str, int] = {}
    volatility: str = "stable"
    scopes: tuple[str, ...] = ("consortium",)
    quality: str = "none"
    quality_days: int = 365
    images: bool = False
    sensitivity: str = ""
    negative: str = ""
    retest: str = ""
    analyte: str = ""
    prices: dict[str, int] = {}
    effective_from: str = ""
    effective_to: str = ""


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """One version; `defaults` tells that its windows are proposals which nobody approved yet."""

    version: int
    effective_from: str
    effective_to: str = ""
    approver: str = ""
    source: str = ""
    defaults: bool = False
    items: tuple[Item, ...] = ()
