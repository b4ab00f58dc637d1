"""Tables of critical values and how they escalate: what a county or a campus sets (§6).

There is no national table and no national limit of minutes; laboratories of one county disagree.
So all of it is data: rows with limits, and settings with minutes.
"""

import re
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from mappers.numbers import folded, number

COUNTY: Final = 0
"""Campus id of the county's table."""
COUNTY_NAME: Final = "county"
CATEGORIES: Final = ("lab", "ecg", "imaging")
SEXES: Final = frozenset({"male", "female"})
AGE: Final = re.compile(r"(\d{1,4})([dmy])")
GROUP: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LIMIT: Final = re.compile(r"(?P<sign>[<>]=?|=[<>]|[≤≥])?\s*(?P<number>\S+)")
SIGNS: Final = {"≤": "<=", "=<": "<=", "≥": ">=", "=>": ">="}


class Limit(NamedTuple):
    """One end: `<3.0`, `>=6.5`."""

    sign: str
    value: Decimal

    @property
    def inclusive(self) -> bool:
        """Whether the number itself is critical."""
        return self.sign.endswith("=")


def limit(text: str, direction: str) -> Limit | None:
    """Return a limit as written; `direction` is < or >, which a bare number gets with "="."""
    match = LIMIT.fullmatch(folded(text))
    if match is None:
        return None
    sign = match["sign"] or f"{direction}="
    sign = SIGNS.get(sign, sign)
    digits = number(match["number"])
    return Limit(sign, Decimal(digits)) if digits and sign[0] == direction else None


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a table: for whom which results are critical.

    `codes` are LOINC codes or `system|code`; `names` are what a campus calls an item that bears no
    LOINC code; `values` are codes, words or lines that are critical, a beginning if … ends them.
    """

    group: str
    number: int = 0
    """The line it stands in."""
    name: str = ""
    category: str = "lab"
    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    unit: str = ""
    """UCUM; "1" for a plain number."""
    values: tuple[str, ...] = ()
    sex: str = ""
    age_from: str = ""
    age_to: str = ""
    """The first age that it is not for."""
    source: str = ""
    note: str = ""
    approved: str = "no"


class Setting(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a category of values escalates in a class of ward; "" is every one. Minutes."""

    category: str = ""
    ward: str = ""
    """Class of the encounter: IMP, EMER, AMB…"""
    notify: float = 2
    """Until when somebody must have been told."""
    acknowledge: float = 10
    """The deadline."""
    steps: tuple[float, ...] = (10, 20, 30)
    """When it goes to the next one up."""
    told: tuple[str, ...] = ("doctor", "ward", "head", "medical-affairs")
    """Who is told at first, and at each step."""
    repeat: float = 10
    """How often the last step repeats."""
    disposition: str = ""
    """`required`: it closes when what was done is recorded."""
    disposition_within: float = 360
    late_after: float = 60
    """A value that was released longer ago than this came late."""
    old_after: float = 10080
    """One that was released longer ago than this, a week, belongs to a load of old results."""


class Table(msgspec.Struct, frozen=True):
    """One table in force: the county's or a campus's."""

    rows: tuple[Row, ...]
    settings: tuple[Setting, ...] = ()
    campus: int = COUNTY
    code: str = COUNTY_NAME
    id: int = 0
    approver: str = ""
    source: str = ""
    effective_from: str = ""
    effective_to: str = ""

    def name(self, row: Row) -> str:
        """Return the id of a rule: whose table, which one, which row."""
        return f"{self.code}/{self.id}/{row.number}"


class Body(msgspec.Struct, frozen=True):
    """What is kept of a table beside its heading."""

    rows: tuple[Row, ...]
    settings: tuple[Setting, ...] = ()
