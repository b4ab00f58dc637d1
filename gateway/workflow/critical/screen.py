"""Tells at once that a result is critical by no table: nearly every result is one of those.

It may doubt where there is nothing, never the other way round: what it lets pass nobody judges.
"""

from collections.abc import Iterable
from typing import Any, Final

from gateway.workflow.critical.judge import is_flagged, key, reach
from gateway.workflow.critical.limits import PLAIN_UNITS
from gateway.workflow.critical.model import Row, Table, limit
from gateway.workflow.critical.units import code_of, factor
from mappers.base import Resource
from mappers.names import LOINC

CLEAR: Final = 1e-9
"""Share of a limit by which a number must be clear of it: floats are not exact."""
LARGEST: Final = 100_000
Bounds = tuple[float, float]
Key = tuple[str, str]


class Screen:
    """Looks at one Observation or report in a microsecond or two."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._by_code: dict[tuple[str, str], list[Row]] = {}
        self._by_name: dict[str, list[Row]] = {}
        self._texts: dict[str, str] = {}
        self._bounds: dict[tuple[Any, ...], Bounds | None] = {}
        for table in tables:
            for row in table.rows:
                codes, names = reach(row)
                for code in codes:
                    self._by_code.setdefault(code, []).append(row)
                for name in names:
                    self._by_name.setdefault(name, []).append(row)

    def is_calm(self, resource: Resource) -> bool:
        """Return whether it is surely not critical, and not to be listed as unjudged either."""
        components = resource.get("component")
        if components and not all(map(self._is_calm, components)):
            return False
        return self._is_calm(resource)

    def _is_calm(self, element: Resource) -> bool:
        if "interpretation" in element and is_flagged(element):
            return False
        keys = self._keys(element.get("code") or {})
        if not keys:
            return True
        quantity = element.get("valueQuantity")
        if quantity is None or "comparator" in quantity:
            return False
        value = quantity.get("value")
        if not isinstance(value, (int, float)):
            return False
        bounds = self._limits(keys, quantity)
        return bounds is not None and bounds[0] < value < bounds[1]

    def _keys(self, code: Resource) -> list[Key]:
        """Return under which keys rows are known for a code."""
        found, names, is_loinc = [], [code.get("text")], False
        for coding in code.get("coding", ()):
            pair = coding.get("system", ""), coding.get("code", "")
            if pair in self._by_code:
                found.append(pair)
            if pair[0] == LOINC:
                is_loinc = True
            elif "display" in coding:
                names.append(coding["display"])
        if not is_loinc:
            for name in names:
                if name and (known := self._texts.get(name) or self._named(name)):
                    found.append(("", known))  # noqa: PERF401 - nearly always there is none
        return found

    def _named(self, text: str) -> str:
        """Return under which name rows are known for a text, "" if there are none."""
        known = self._texts.get(text)
        if known is None:
            name = key(text)
            known = self._texts[text] = name if name in self._by_name else ""
            if len(self._texts) > LARGEST:
                self._texts.clear()
        return known

    def _limits(self, keys: list[Key], quantity: Resource) -> Bounds | None:
        """Return the numbers between which no row is crossed, None where a row must be asked."""
        unit = quantity.get("system", ""), quantity.get("code", ""), quantity.get("unit", "")
        known = (tuple(keys), unit)
        if known not in self._bounds:
            if len(self._bounds) > LARGEST:
                self._bounds.clear()
            rows = [
                row
                for one in keys
                for row in (self._by_code[one] if one[0] else self._by_name[one[1]])
            ]
            self._bounds[known] = _bounds(rows, *unit)
        return self._bounds[known]


def _bounds(rows: Iterable[Row], system: str, code: str, written: str) -> Bounds | None:
    low, high = float("-inf"), float("inf")
    for row in rows:
        into = _into(row, system, code, written)
        if into is None or not (row.low or row.high) or row.values:
            return None
        if below := limit(row.low, "<") if row.low else None:
            low = max(low, _widened(float(below.value) * into, 1))
        if above := limit(row.high, ">") if row.high else None:
            high = min(high, _widened(float(above.value) * into, -1))
    return low, high


def _widened(bound: float, sign: int) -> float:
    return bound + sign * abs(bound) * CLEAR


def _into(row: Row, system: str, code: str, written: str) -> float | None:
    """Return what a row's limits are multiplied by to be in the unit of a value."""
    if not code and not written:
        return 1.0 if row.unit in PLAIN_UNITS else None
    found = factor(row.unit, code_of(system, code, written))
    return float(found) if found is not None else None
