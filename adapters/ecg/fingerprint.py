"""What tells one recording from another: a hash over its voltages, whatever file they came in."""

import hashlib
from array import array
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from adapters.ecg.records import Lead, Series

ABSENT: Final = -(2**63)


def fingerprint(series: Sequence[Series]) -> str:
    """Return the hash of the recorded leads in whole nanovolts; their order does not matter."""
    parts = sorted(_digest(one, lead) for one in series for lead in one.leads)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def nanovolts(lead: Lead) -> list[int | None]:
    """Return every sample in whole nanovolts."""
    scale, origin = Fraction(lead.scale) * 1000, Fraction(lead.origin) * 1000
    if scale.denominator == 1 and origin.denominator == 1:
        factor, shift = scale.numerator, origin.numerator
        return [None if one is None else one * factor + shift for one in lead.samples]
    known: dict[int, int] = {one: round(one * scale + origin) for one in {*lead.samples} - {None}}  # type: ignore[misc,operator]
    return [None if one is None else known[one] for one in lead.samples]


def _digest(series: Series, lead: Lead) -> str:
    values = array("q", [ABSENT if one is None else one for one in nanovolts(lead)])
    if values.itemsize != 8:  # noqa: PLR2004 - bytes of an int64  # pragma: no cover
        raise OverflowError
    found = hashlib.sha256(values.tobytes()).hexdigest()
    # Writers round the rate of 1000/240 ms in their own ways.
    return f"{lead.name}|{round(Fraction(series.rate))}|{len(values)}|{found}"
