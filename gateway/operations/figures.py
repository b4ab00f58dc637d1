"""The figures of `$stats`, computed exactly; what is undefined of so few values is None.

Codes: http://hl7.org/fhir/R4/valueset-observation-statistics.html. Percentiles lie between the two
nearest values in proportion (R's type 7, a spreadsheet's PERCENTILE.INC); variance and standard
deviation are those of a sample (n - 1), skew and kurtosis (excess) the adjusted ones of Fisher and
Pearson.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final

DAY: Final = 24 * 3_600 * 10_000_000
"""Ticks."""
DIGITS: Final = 15
"""Of what does not end by itself."""
_precise = Context(prec=50)
_shown = Context(prec=DIGITS)

FEWEST: Final = {"variance": 2, "skew": 3, "kurtosis": 4}
Number = Fraction | Decimal


class Sample:
    """Values with their moments in ticks (None: unknown), as whole numbers over one divisor.

    So that sums of a hundred thousand values stay exact and take milliseconds.
    """

    def __init__(self, values: Sequence[tuple[Fraction, int | None]]) -> None:
        self._divisor = math.lcm(*(value.denominator for value, _ in values))
        whole = [value.numerator * (self._divisor // value.denominator) for value, _ in values]
        self._sorted = sorted(whole)
        self._timed = [
            (at, one) for (_, at), one in zip(values, whole, strict=True) if at is not None
        ]
        self.n = len(whole)

    def sum(self) -> Fraction:
        """Return the sum."""
        return Fraction(sum(self._sorted), self._divisor)

    def average(self) -> Fraction | None:
        """Return the mean."""
        return self.sum() / self.n if self.n else None

    def percentile(self, part: Fraction) -> Fraction | None:
        """Return the value below which a part of the values lies."""
        if not self.n:
            return None
        place = (self.n - 1) * part
        low = math.floor(place)
        below = self._sorted[low]
        above = self._sorted[min(low + 1, self.n - 1)]
        return (below + (above - below) * (place - low)) / self._divisor

    def variance(self) -> Fraction | None:
        """Return the variance of a sample."""
        if self.n < FEWEST["variance"]:
            return None
        return self._moments[2] / (self.n - 1)

    def deviation(self) -> Decimal | None:
        """Return the standard deviation of a sample."""
        variance = self.variance()
        return None if variance is None else root(variance)

    def skew(self) -> Decimal | None:
        """Return how far the values lean to one side."""
        variance, n = self.variance(), self.n
        if not variance or n < FEWEST["skew"]:
            return None
        cube = _precise.multiply(decimal(variance, _precise), root(variance))
        factor = Fraction(n, (n - 1) * (n - 2)) * self._moments[3]
        return _precise.divide(decimal(factor, _precise), cube)

    def kurtosis(self) -> Fraction | None:
        """Return how heavy the tails are, beside those of a normal distribution."""
        variance, n = self.variance(), self.n
        if not variance or n < FEWEST["kurtosis"]:
            return None
        peak = Fraction(n * (n + 1), (n - 1) * (n - 2) * (n - 3)) * self._moments[4] / variance**2
        return peak - Fraction(3 * (n - 1) ** 2, (n - 2) * (n - 3))

    def regression(self, origin: int) -> tuple[Fraction, Fraction] | None:
        """Return the gradient a day and the value at a moment of the straight line that fits."""
        n = len(self._timed)
        times = [at - origin for at, _ in self._timed]
        first, square = sum(times), sum(one * one for one in times)
        spread = n * square - first * first
        if not spread:
            return None
        total = sum(one for _, one in self._timed)
        both = sum(time * one for time, (_, one) in zip(times, self._timed, strict=True))
        gradient = Fraction(n * both - first * total, spread)
        intercept = (total - gradient * first) / n
        return gradient * DAY / self._divisor, intercept / self._divisor

    @cached_property
    def _moments(self) -> dict[int, Fraction]:
        """The sums of the second to fourth powers of the distances from the mean."""
        n, values = self.n, self._sorted
        total = sum(values)
        # Times n the distances are whole.
        distances = [one * n - total for one in values]
        return {
            power: Fraction(sum(one**power for one in distances), (n * self._divisor) ** power)
            for power in (2, 3, 4)
        }


def _part(over: int, under: int) -> Callable[[Sample], Number | None]:
    return lambda sample: sample.percentile(Fraction(over, under))


def _deviation_of_quartiles(sample: Sample) -> Fraction | None:
    low, high = sample.percentile(Fraction(1, 4)), sample.percentile(Fraction(3, 4))
    return None if low is None or high is None else (high - low) / 2


FIGURES: Final[Mapping[str, Callable[[Sample], Number | None]]] = {
    "average": Sample.average,
    "maximum": _part(1, 1),
    "minimum": _part(0, 1),
    "median": _part(1, 2),
    "std-dev": Sample.deviation,
    "sum": lambda sample: sample.sum() if sample.n else None,
    "variance": Sample.variance,
    "20-percent": _part(1, 5),
    "80-percent": _part(4, 5),
    "4-lower": _part(1, 4),
    "4-upper": _part(3, 4),
    "4-dev": _deviation_of_quartiles,
    "5-1": _part(1, 5),
    "5-2": _part(2, 5),
    "5-3": _part(3, 5),
    "5-4": _part(4, 5),
    "skew": Sample.skew,
    "kurtosis": Sample.kurtosis,
}
"""What one number answers; `count`, `total-count` and `regression` are told otherwise."""

SQUARED: Final = frozenset({"variance"})
WITHOUT_UNIT: Final = frozenset({"skew", "kurtosis"})


def root(value: Fraction) -> Decimal:
    """Return a square root."""
    return _precise.sqrt(decimal(value, _precise))


def decimal(value: Number, context: Context = _shown) -> Decimal:
    """Return a number in decimals: to the last digit where it ends within those that are shown."""
    if isinstance(value, Decimal):
        return context.plus(value)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))
