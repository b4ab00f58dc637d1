"""A waveform Observation as lines to draw.

https://hl7.org/fhir/R4/datatypes.html#SampledData: value = origin + factor * data
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ABSENT: Final = frozenset({"E", "L", "U"})


@dataclass(frozen=True, slots=True)
class Trace:
    """One lead in µV, sample by sample; None where there is no value."""

    name: str
    microvolts: tuple[float | None, ...]
    rate: float
    """Samples a second."""
    start: float = 0.0
    """Seconds after the paper begins."""

    @property
    def end(self) -> float:
        """Seconds after which the lead ends."""
        return self.start + len(self.microvolts) / self.rate


def traces(observation: Mapping[str, Any], start: float = 0.0) -> tuple[Trace, ...]:
    """Return the leads of a waveform Observation that can be drawn; numbers may be raw JSON."""
    found = []
    for component in observation.get("component", ()):
        sampled = component.get("valueSampledData", {})
        period = _number(sampled.get("period"))
        if not sampled.get("data") or period <= 0:
            continue
        origin = _number(sampled.get("origin", {}).get("value"))
        factor = _number(sampled["factor"]) if "factor" in sampled else 1.0
        values = tuple(
            None if word in ABSENT else origin + factor * float(word)
            for word in str(sampled["data"]).split()
        )
        name = str(component.get("code", {}).get("text", ""))
        found.append(Trace(name, values, 1000 / period, start))
    return tuple(found)


def _number(value: Any) -> float:
    """Return a decimal of a resource; exact decoding leaves it as raw JSON."""
    if value is None:
        return 0.0
    return float(value) if isinstance(value, int | float | str) else float(bytes(value))
