"""Transfer syntaxes, and how the elements of each are written (PS3.5 §10, PS3.6 table A-1)."""

from dataclasses import dataclass
from typing import Final

IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG: Final = "1.2.840.10008.1.2.2"
ENCAPSULATED_UNCOMPRESSED: Final = "1.2.840.10008.1.2.1.98"

NATIVE: Final = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG})
"""Pixels are not compressed and not in fragments."""

LOSSY: Final = frozenset(
    {
        *("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"),
        *(f"1.2.840.10008.1.2.4.{number}" for number in range(100, 109)),
    }
)
"""Baseline and extended JPEG, MPEG: never without loss. Of the others the object itself says."""

LONG: Final = frozenset(
    {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
)
"""Value representations with a length of 32 bits (PS3.5 §7.1.2)."""
SHORT: Final = frozenset(
    {
        *(b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FL", b"FD", b"IS", b"LO", b"LT"),
        *(b"PN", b"SH", b"SL", b"SS", b"ST", b"TM", b"UI", b"UL", b"US"),
    }
)


@dataclass(frozen=True, slots=True)
class Syntax:
    """How elements are written."""

    explicit: bool
    big: bool = False


IMPLICIT: Final = Syntax(explicit=False)
EXPLICIT: Final = Syntax(explicit=True)


def syntax_of(uid: str) -> Syntax:
    """Return how a transfer syntax writes elements; all but two are explicit little endian."""
    if uid == IMPLICIT_LITTLE:
        return IMPLICIT
    return Syntax(explicit=True, big=uid == EXPLICIT_BIG)
