"""Numbers to compute with, and those that nobody computes with."""

from decimal import Decimal

import msgspec
import pytest

from gateway.fhir.number import number


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        (1, "1"),
        (1.5, "1.5"),
        ("5.40", "5.40"),
        (msgspec.Raw(b"1.00"), "1.00"),
        (msgspec.Raw(b"-1E-3"), "-0.001"),
        (msgspec.Raw(b"1e308"), "1e308"),
    ],
)
def test_every_digit_counts(written, exact):
    assert str(number(written)) == str(Decimal(exact))


@pytest.mark.parametrize(
    "written",
    [
        b"1e-99999999999999999999",
        b"0e99999999999999999999",
        b"0e99999999",
        b"1e-40000000",
        b"0." + b"3" * 1_000,
        b"1" * 1_001,
    ],
)
def test_nothing_is_computed_with_what_would_take_hours(written):
    assert number(msgspec.Raw(written)) is None


@pytest.mark.parametrize("text", ["", "x", "NaN", "Infinity"])
def test_what_is_no_number_is_none(text):
    assert number(text) is None
