"""The figures of `$stats`: against the textbook, against `statistics`, against themselves."""

import math
import statistics
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.operations.figures import DAY, FIGURES, Sample, decimal

NUMBERS = st.lists(
    st.decimals(-(10**6), 10**6, places=3, allow_nan=False, allow_infinity=False),
    min_size=2,
    max_size=40,
)


def sample(*texts):
    return Sample([(Fraction(one), None) for one in texts])


def told(name, *texts):
    found = FIGURES[name](sample(*texts))
    return None if found is None else str(decimal(found).normalize())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("average", "5"),
        ("maximum", "9"),
        ("minimum", "2"),
        ("median", "4.5"),
        ("sum", "4E+1"),
        ("variance", "4.57142857142857"),
        ("std-dev", "2.13808993529940"),
        ("4-lower", "4"),
        ("4-upper", "5.5"),
        ("4-dev", "0.75"),
        ("20-percent", "4"),
        ("80-percent", "6.2"),
        ("5-1", "4"),
        ("5-2", "4"),
        ("5-3", "5"),
        ("5-4", "6.2"),
        ("skew", "0.8184875533568"),
        ("kurtosis", "0.940625"),
    ],
)
def test_the_textbook(name, expected):
    found = told(name, "2", "4", "4", "4", "5", "5", "7", "9")
    assert Decimal(found) == Decimal(expected)


@pytest.mark.parametrize("name", [*FIGURES])
def test_nothing_comes_of_nothing(name):
    assert told(name) is None


@pytest.mark.parametrize(
    ("name", "fewest"), [("variance", 2), ("std-dev", 2), ("skew", 3), ("kurtosis", 4)]
)
def test_what_so_few_values_do_not_tell_is_absent(name, fewest):
    values = ["1", "2", "4", "8"]
    assert told(name, *values[: fewest - 1]) is None
    assert told(name, *values[:fewest]) is not None


def test_equal_values_lean_nowhere():
    assert told("variance", "3", "3", "3", "3") == "0"
    assert told("skew", "3", "3", "3", "3") is None
    assert told("kurtosis", "3", "3", "3", "3") is None


def test_decimals_add_up_as_they_do_on_paper():
    assert told("sum", *["0.1"] * 3) == "0.3"
    assert told("average", "1e-20", "3e-20") == "2E-20"
    assert told("average", "1", "1", "2") == "1.33333333333333"


@given(NUMBERS)
def test_the_library_says_the_same(numbers):
    values = [Fraction(one) for one in numbers]
    found = Sample([(one, None) for one in values])
    assert found.average() == statistics.mean(values)
    assert found.variance() == statistics.variance(values)
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    assert [found.percentile(Fraction(part, 4)) for part in (1, 2, 3)] == quartiles
    assert math.isclose(found.deviation(), statistics.stdev(values), abs_tol=1e-9)


@given(NUMBERS, st.integers(1, 1000))
def test_a_straight_line_is_found(numbers, steps):
    gradient, intercept = Fraction(numbers[0]), Fraction(numbers[1])
    line = [(intercept + gradient * day, day * DAY) for day in range(steps + 1)]
    assert Sample(line).regression(0) == (gradient, intercept)


def test_what_has_no_moment_is_on_no_line():
    values = [(Fraction(1), 0), (Fraction(100), None), (Fraction(3), 2 * DAY)]
    assert Sample(values).regression(0) == (1, 1)
    assert Sample(values[:2]).regression(0) is None
    assert Sample([(Fraction(1), 5), (Fraction(2), 5)]).regression(0) is None
