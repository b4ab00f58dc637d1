"""Of which kind a unit is: mmol/L and umol/L are of one, mg/dL is of another.

A small reading of UCUM (https://ucum.org/ucum), enough for units of laboratories: what it cannot
read is of no known kind.
"""

import re
from functools import lru_cache
from typing import Final

Kind = tuple[tuple[str, int], ...]
"""Base units with their exponents, sorted."""

PREFIXES: Final = ("da", *"YZEPTGMkhdcmunpfazy")
_NUMBER: Final[dict[str, int]] = {}
ATOMS: Final[dict[str, dict[str, int]]] = {
    "g": {"g": 1},
    "mol": {"mol": 1},
    "eq": {"eq": 1},
    "osm": {"osm": 1},
    "L": {"m": 3},
    "l": {"m": 3},
    "m": {"m": 1},
    "s": {"s": 1},
    "min": {"s": 1},
    "h": {"s": 1},
    "d": {"s": 1},
    "U": {"U": 1},
    # An enzyme's international unit is its U; hormones have no other U.
    "[IU]": {"U": 1},
    "[iU]": {"U": 1},
    "IU": {"U": 1},
    "[arb'U]": {"arb": 1},
    "kat": {"mol": 1, "s": -1},
    "Pa": {"g": 1, "m": -1, "s": -2},
    "bar": {"g": 1, "m": -1, "s": -2},
    "m[Hg]": {"g": 1, "m": -1, "s": -2},
    "mm[Hg]": {"g": 1, "m": -1, "s": -2},
    "Cel": {"K": 1},
    "K": {"K": 1},
    "[pH]": {"pH": 1},
    "%": _NUMBER,
    "[ppth]": _NUMBER,
    "[ppm]": _NUMBER,
    "1": _NUMBER,
    "[CFU]": {"cfu": 1},
    "[HPF]": {"field": 1},
    "[LPF]": {"field": 1},
    "V": {"V": 1},
    "Hz": {"s": -1},
}
METRIC: Final = frozenset(
    {"g", "mol", "eq", "osm", "L", "l", "m", "s", "U", "[IU]", "[iU]", "IU", "kat", "Pa", "bar"}
    | {"m[Hg]", "V", "Hz"}
)
ANNOTATION: Final = re.compile(r"\{[^{}]*\}")
TERM: Final = re.compile(
    r"(?P<atom>10[*^]-?\d+|[^\d.+/-][^./+-]*?|1)(?P<power>[+-]?\d+)?", re.ASCII
)


@lru_cache(4096)
def kind(unit: str) -> Kind | None:
    """Return of which kind a unit is, None where it cannot be read."""
    text = ANNOTATION.sub("", unit.strip()) or "1"
    found: dict[str, int] = {}
    sign = 1
    for index, term in enumerate(re.split(r"([./])", text)):
        if term in {".", "/"}:
            sign = -1 if term == "/" else 1
        elif not term:
            # `/uL` has nothing before its stroke, and `10*9/{cells}` nothing behind it.
            if index == 0 or text.endswith("/"):
                continue
            return None
        elif not _add(found, term, sign):
            return None
    return tuple(sorted((base, power) for base, power in found.items() if power))


def _add(found: dict[str, int], term: str, sign: int) -> bool:
    match = TERM.fullmatch(term)
    if match is None:
        return False
    base = _base(match["atom"])
    if base is None:
        return False
    times = sign * int(match["power"] or 1)
    for name, power in base.items():
        found[name] = found.get(name, 0) + power * times
    return True


def _base(atom: str) -> dict[str, int] | None:
    if atom in ATOMS:
        return ATOMS[atom]
    if atom.startswith(("10*", "10^")):
        return _NUMBER
    for prefix in PREFIXES:
        rest = atom.removeprefix(prefix)
        if rest != atom and rest in METRIC:
            return ATOMS[rest]
    return None
