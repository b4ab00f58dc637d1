"""Units: what is equal in UCUM becomes an equal number, what is no unit becomes none."""

from decimal import Decimal

import pytest

from gateway.fhir.ucum import canonical

EQUAL = [
    ("5.4", "mg/dL", "54", "mg/L"),
    ("5.4", "mmol/L", "5400", "umol/L"),
    ("0.3", "g/L", "30", "mg/dL"),
    ("7.1", "10*9/L", "7.1", "10*3/uL"),
    ("7.1", "10^9/L", "7100", "{cells}/uL"),
    ("37", "Cel", "98.6", "[degF]"),
    ("37", "Cel", "310.15", "K"),
    ("120", "mm[Hg]", "15.9986400", "kPa"),
    ("1", "h", "3600", "s"),
    ("60", "/min", "1", "s-1"),
    ("2", "kg/m2", "0.2", "g/cm2"),
    ("12", "[IU]/L", "12", "m[iU]/mL"),
    ("50", "%", "0.5", "1"),
    ("1", "mL/min/{1.73_m2}", "1", "mL/min"),
    ("1", "eq/L", "1", "mol/L"),
    ("3", "kg.m/s2", "3", "N"),
    ("3", "J/(kg.K)", "3", "m2/s2/K"),
]
DIFFERENT = [
    ("mmol/L", "mg/dL"),
    ("mol/L", "10*9/L"),
    ("[iU]/L", "U/L"),
    ("[pH]", "1"),
    ("Cel", "s"),
]
NO_UNITS = ["", "mg//dL", "mg/", ".mg", "xyz", "mg dL", "(mg", "mg)", "m[Cel]", "Cel2", "m" * 200]
NO_UNITS += [
    "((((((((((((((((((((((m))))))))))))))))))))))",
    "m999",
    "10*999999999",
    "{",
    "mg{a}{b}}",
]


@pytest.mark.parametrize("pair", EQUAL, ids=str)
def test_equal_quantities_are_equal_numbers_of_one_dimension(pair):
    one, other = canonical(pair[1]), canonical(pair[3])
    assert one.dimension == other.dimension
    assert one.convert(Decimal(pair[0])) == other.convert(Decimal(pair[2]))


@pytest.mark.parametrize("pair", DIFFERENT, ids=str)
def test_what_cannot_be_compared_has_another_dimension(pair):
    assert canonical(pair[0]).dimension != canonical(pair[1]).dimension


@pytest.mark.parametrize("code", NO_UNITS)
def test_what_is_no_unit_has_no_base(code):
    assert canonical(code) is None


def test_larger_stays_larger_in_base_units():
    base = canonical("umol/L")
    numbers = [base.convert(Decimal(n) / 7) for n in range(1, 500)]
    assert numbers == sorted(set(numbers))
