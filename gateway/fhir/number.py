"""A number of a resource, digit for digit, to compute with.

https://hl7.org/fhir/R4/datatypes.html#decimal bounds neither digits nor exponent. All are stored
and given back; but one of millions of digits, `1e-99999999` too, would be computed with for hours.
"""

from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

LONGEST: Final = 1_000
"""Characters of a number that is computed with."""
LARGEST: Final = 400
"""Its exponent, up and down: JSON's readers hold less."""


def number(value: float | str | bytes | msgspec.Raw) -> Decimal | None:
    """Return a JSON number, or the text of one; None if it is none to compute with."""
    text = bytes(value).decode() if isinstance(value, (bytes, msgspec.Raw)) else str(value)
    if len(text) > LONGEST:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) <= LARGEST else None
