"""Units: as sent; the printed form of a UCUM code only where nothing else was sent.

https://ucum.org/ucum
"""

import re
from collections.abc import Callable

from gateway.web.display.element import Resource, text

PRINTED = {
    "mm[Hg]": "mmHg",
    "Cel": "℃",
    "[pH]": "",
    "1": "",
    "10*9/L": "10⁹/L",
    "10*12/L": "10¹²/L",
    "10*6/L": "10⁶/L",
    "[IU]/L": "IU/L",
}
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def _power(found: re.Match[str]) -> str:
    return "10" + found[1].translate(RAISED)


# Annotations, ten to a power, micro, international units: what UCUM spells otherwise than print.
REWRITTEN: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\{[^}]*\}"), ""),
    (re.compile(r"10\*(\d+)"), _power),
    (re.compile(r"(?<![A-Za-z\[])u(?=[A-Za-z])"), "μ"),
    (re.compile(r"\[IU\]"), "IU"),
    (re.compile(r"\[arb'U\]"), "U"),
)
# What senders write for one and the same unit, for comparing only.
ALIKE = str.maketrans(
    {
        "µ": "u",
        "μ": "u",
        "×": "",
        "^": "",
        "*": "",
        "x": "",
        " ": "",
        **dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)),
    }
)


def unit(quantity: Resource) -> str:
    """Return the unit to print beside a quantity."""
    if sent := text(quantity, "unit"):
        return sent
    code = text(quantity, "code")
    if code in PRINTED:
        return PRINTED[code]
    for pattern, printed in REWRITTEN:
        code = pattern.sub(printed, code)
    return code.strip("/") if code != "/" else ""


def same_unit(one: Resource, other: Resource) -> bool:
    """Return whether two quantities are in one unit, however each sender spells it."""
    if text(one, "code") and text(one, "code") == text(other, "code"):
        return text(one, "system") == text(other, "system")
    return _bare(one) == _bare(other)


def _bare(quantity: Resource) -> str:
    return unit(quantity).translate(ALIKE).casefold()
