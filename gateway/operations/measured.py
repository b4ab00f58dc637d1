"""Values that `$stats` computes with: which count, and in which one unit they can be compared.

UCUM (`gateway.fhir.ucum`) converts exactly. What has no UCUM unit, or one of another dimension, is
left out and counted with the reason; so are values that are only known to be above or below.
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from gateway.fhir.number import number
from gateway.fhir.ucum import SYSTEM, canonical
from gateway.operations.observation import Concept, Quantity

NEVER: Final = 2**63
"""After every measurement, as ticks."""
NO_VALUE: Final = "no-value"
COMPARATOR: Final = "comparator"
NO_UNIT: Final = "no-unit"
NO_NUMBER: Final = "no-number"
OTHER_UNIT: Final = "other-unit"
MODIFIED: Final = "modified"
REASONS: Final = {
    NO_VALUE: "without a value that is a quantity",
    COMPARATOR: "known only to lie above or below a value",
    NO_UNIT: "without a UCUM unit",
    NO_NUMBER: "with a number of too many digits to compute with",
    OTHER_UNIT: "in a unit that cannot be converted into the one shown",
    MODIFIED: "changed in meaning by a modifier extension",
}


class Value(NamedTuple):
    """One measured value as written, in a UCUM unit, and when (ticks, None if unknown)."""

    number: Decimal
    code: str
    unit: str
    at: int | None


@dataclass(slots=True)
class Series:
    """What was measured of one kind. `code` is what the answer calls it."""

    code: Concept
    values: list[Value] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    seen: set[tuple[int, int]] = field(default_factory=set)

    def add(self, place: tuple[int, int], quantity: Quantity | None, at: int | None) -> None:
        """Take in a value, or count why not; the same place (resource, component) once."""
        if place in self.seen:
            return
        self.seen.add(place)
        if quantity is None or not bytes(quantity.value):
            self.left_out[NO_VALUE] += 1
        elif quantity.comparator:
            self.left_out[COMPARATOR] += 1
        elif quantity.system != SYSTEM or not quantity.code:
            self.left_out[NO_UNIT] += 1
        else:
            exact = number(quantity.value)
            if exact is None:
                self.left_out[NO_NUMBER] += 1
            else:
                self.values.append(Value(exact, quantity.code, quantity.unit, at))

    def leave_out(self, place: tuple[int, int], reason: str) -> None:
        """Count something that no value can be taken of."""
        if place not in self.seen:
            self.seen.add(place)
            self.left_out[reason] += 1


@dataclass(frozen=True, slots=True)
class Comparable:
    """Values in one unit: as written (`written`, where it was theirs) and exactly."""

    code: str
    unit: str
    values: list[tuple[Fraction, int | None]]
    written: dict[Fraction, Decimal]
    left_out: Counter[str]


def comparable(series: Series) -> Comparable:
    """Return the values that most others can be compared with, in the unit most of them have.

    Of what is equally frequent, the newest value's is taken.
    """
    # `max` takes the first of equals, and a Counter keeps the order in which it met them.
    newest = sorted(series.values, key=lambda one: NEVER if one.at is None else -one.at)
    kinds = Counter(_kind(one.code) for one in newest)
    kind = max(kinds, key=lambda one: kinds[one]) if kinds else (False, "")
    units = Counter(one.code for one in newest if _kind(one.code) == kind)
    code = max(units, key=lambda one: units[one]) if units else ""
    unit = next((one.unit for one in series.values if one.code == code and one.unit), code)
    left_out = Counter(series.left_out)
    values: list[tuple[Fraction, int | None]] = []
    written: dict[Fraction, Decimal] = {}
    for one in series.values:
        exact = converted(one.number, one.code, code)
        if exact is None:
            left_out[OTHER_UNIT] += 1
            continue
        values.append((exact, one.at))
        if one.code == code:
            written.setdefault(exact, one.number)
    return Comparable(code, unit, values, written, left_out)


def converted(number: Decimal, code: str, into: str) -> Fraction | None:
    """Return a number of one unit in another, None where nobody can say."""
    if code == into:
        return Fraction(number)
    terms = _terms(code, into)
    return None if terms is None else Fraction(number) * terms[0] + terms[1]


def _kind(code: str) -> tuple[bool, str]:
    """Return what the comparable units share: a dimension, or a code that UCUM cannot read."""
    found = canonical(code)
    return (False, code) if found is None else (True, found.dimension)


@lru_cache(1024)
def _terms(code: str, into: str) -> tuple[Fraction, Fraction] | None:
    """Return factor and offset that lead from one unit to another."""
    one, other = canonical(code), canonical(into)
    if one is None or other is None or one.dimension != other.dimension:
        return None
    factor = Fraction(one.over) / Fraction(one.under) * Fraction(other.under) / Fraction(other.over)
    return factor, Fraction(one.offset) * factor - Fraction(other.offset)
