"""Units are of one kind or of another; what cannot be read is of none."""

import pytest

from gateway.recognition.decide.units import kind


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mmol/L", "umol/L"),
        ("g/L", "mg/dL"),
        ("10*9/L", "/uL"),
        ("10*9/L", "10^9/L"),
        ("10*12/L", "10*6/uL"),
        ("U/L", "[IU]/L"),
        ("m[IU]/L", "u[IU]/mL"),
        ("%", "1"),
        ("mL/min/{1.73_m2}", "mL/min"),
        ("mm[Hg]", "kPa"),
        ("s", "ms"),
        ("{copies}/mL", "/mL"),
        ("fL", "um3"),
    ],
)
def test_units_of_one_kind(one, other):
    assert kind(one) == kind(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mmol/L", "mg/dL"),
        ("mmol/L", "meq/L"),
        ("U/L", "[arb'U]/L"),
        ("g/L", "g"),
        ("mmol/L", "mmol/mol"),
        ("s", "%"),
        ("[pH]", "1"),
    ],
)
def test_units_of_different_kinds(one, other):
    assert None not in {kind(one), kind(other)}
    assert kind(one) != kind(other)


@pytest.mark.parametrize("unit", ["毫摩尔", "mg%%", "g//L", "cells/uL", "x"])
def test_what_cannot_be_read(unit):
    assert kind(unit) is None
