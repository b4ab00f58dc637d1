"""The resident identity number, GB 11643-1999: region, birth date, sequence and sex, checksum.

Numbers of 15 digits (before 1999) have no checksum, so none of them is taken for valid.
"""

from datetime import date
from typing import NamedTuple

from mappers.citizen import citizen_id


class Citizen(NamedTuple):
    """What a valid number says of its holder."""

    number: str
    birth_date: str
    """Digits 7 to 14, as FHIR writes a date."""
    gender: str
    """Digit 17: odd is male."""


def read(text: str) -> Citizen | None:
    """Return what a number says, None if it is not valid."""
    number = citizen_id(text)
    if not number:
        return None
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return Citizen(number, born.isoformat(), "male" if int(number[16]) % 2 else "female")
