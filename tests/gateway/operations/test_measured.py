"""Which values count, and in which unit."""

from decimal import Decimal
from fractions import Fraction

import pytest

from gateway.operations.measured import Series, comparable, converted
from gateway.operations.observation import Concept, Quantity

UCUM = "http://unitsofmeasure.org"


def quantity(value, code="mg/dL", system=UCUM, **more):
    return Quantity(value.encode(), system=system, code=code, **more)


def series(*quantities):
    found = Series(Concept())
    for place, one in enumerate(quantities):
        found.add((place, 0), one, None)
    return found


@pytest.mark.parametrize(
    ("number", "code", "into", "expected"),
    [
        ("5", "mg/dL", "mg/L", "50"),
        ("5.40", "mmol/L", "mmol/L", "5.40"),
        ("37", "Cel", "[degF]", "98.6"),
        ("98.6", "[degF]", "Cel", "37"),
        ("1", "g/L", "mmol/L", None),
        ("1", "kg", "[nonsense]", None),
        ("7", "[own]", "[own]", "7"),
        ("120", "mm[Hg]", "kPa", "15.99864"),
    ],
)
def test_units_are_converted_exactly_or_not_at_all(number, code, into, expected):
    found = converted(Decimal(number), code, into)
    assert found == (None if expected is None else Fraction(expected))


def test_the_unit_is_that_of_most_values():
    found = comparable(
        series(quantity("50", "mg/L"), quantity("5"), quantity("6.0"), quantity("1", "mmol/L"))
    )
    assert found.code == "mg/dL"
    assert [value for value, _ in found.values] == [5, 5, 6]
    assert found.left_out == {"other-unit": 1}
    assert str(found.written[Fraction(6)]) == "6.0"


def test_what_would_take_hours_to_compute_with_is_left_out():
    found = comparable(series(quantity("5"), quantity("1e-40000000"), quantity("0e99999999")))
    assert [value for value, _ in found.values] == [5]
    assert found.left_out == {"no-number": 2}


def test_what_is_left_out_is_counted_by_its_reason():
    found = comparable(
        series(
            quantity("1"),
            quantity("2", comparator="<"),
            quantity("3", system=""),
            quantity("4", code=""),
            None,
            Quantity(unit="mg/dL"),
        )
    )
    assert [value for value, _ in found.values] == [1]
    assert found.left_out == {"comparator": 1, "no-unit": 2, "no-value": 2}


def test_the_same_place_counts_once():
    found = Series(Concept())
    for _ in range(2):
        found.add((1, 0), quantity("1"), None)
        found.leave_out((1, 0), "modified")
    assert len(found.values) == 1
    assert not found.left_out
