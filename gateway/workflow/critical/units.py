"""Units that a limit may be compared in: an exact table, everything else is not judged.

https://ucum.org: of each kind the factor to the first one of it. Amount of substance and mass are
two kinds: what lies between them is a molar mass, and that is no unit's business.
"""

from fractions import Fraction
from functools import lru_cache
from typing import Final

from mappers.units import ucum

_MOLAR = {"mol/L": "1", "mmol/L": "1e-3", "umol/L": "1e-6", "nmol/L": "1e-9", "pmol/L": "1e-12"}
_MASS = {
    "g/L": "1",
    "g/dL": "10",
    "mg/dL": "1e-2",
    "mg/L": "1e-3",
    "mg/mL": "1",
    "g/mL": "1e3",
    "ug/L": "1e-6",
    "ug/mL": "1e-3",
    "ug/dL": "1e-5",
    "ng/mL": "1e-6",
    "ng/L": "1e-9",
    "pg/mL": "1e-9",
    "ng/dL": "1e-8",
    "kg/m3": "1",
}
_COUNT = {
    "10*9/L": "1",
    "10*3/uL": "1",
    "10*6/mL": "1",
    "10*3/mm3": "1",
    "10*6/L": "1e-3",
    "/uL": "1e-3",
    "/mm3": "1e-3",
    "10*12/L": "1e3",
    "10*6/uL": "1e3",
    "/L": "1e-9",
}
_PRESSURE = {"kPa": "1", "Pa": "1e-3", "mm[Hg]": "0.1333220", "mbar": "0.1", "bar": "100"}
_TIME = {"s": "1", "ms": "1e-3", "min": "60"}
# An international unit of an enzyme is a micromole a minute, which is UCUM's U.
_ENZYME = {
    "U/L": "1",
    "[iU]/L": "1",
    "U/mL": "1e3",
    "[iU]/mL": "1e3",
    "kU/L": "1e3",
    "mU/L": "1e-3",
    "ukat/L": "60",
    "nkat/L": "0.06",
}
_PLAIN = {"1": "1", "": "1", "{INR}": "1", "{ratio}": "1", "[pH]": "1", "{pH}": "1"}
_SHARE = {"%": "1", "%{WBCs}": "1", "/100{WBCs}": "1"}
_RATE = {"/min": "1", "{beats}/min": "1", "{Beats}/min": "1", "{beat}/min": "1", "Hz": "60"}

KINDS: Final = (_MOLAR, _MASS, _COUNT, _PRESSURE, _TIME, _ENZYME, _PLAIN, _SHARE, _RATE)


@lru_cache(maxsize=1024)
def factor(unit: str, into: str) -> Fraction | None:
    """Return what a value in one unit is multiplied by to be in another, None if nobody can say."""
    if unit == into:
        return Fraction(1)
    for kind in KINDS:
        if unit in kind and into in kind:
            return Fraction(kind[unit]) / Fraction(kind[into])
    return None


@lru_cache(maxsize=1024)
def code_of(system: str, code: str, written: str) -> str:
    """Return the UCUM code of a quantity, what was written where that is not sure."""
    if code and (not system or "unitsofmeasure" in system):
        return ucum(code) or code
    return ucum(written) or ucum(code) or written
