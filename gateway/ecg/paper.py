"""Standard ECG paper: what is drawn where, in millimetres.

AHA/ACC/HRS 2007, part I: 25 mm/s, 10 mm/mV, 1 mm and 5 mm lines, a calibration pulse of 1 mV, four
columns of 2.5 s that follow each other in time, and a rhythm strip below.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.ecg.trace import Trace

SPEED: Final = 25.0
"""mm a second."""
GAIN: Final = 10.0
"""mm a mV."""
SECONDS: Final = 10.0
MARGIN: Final = 5.0
PULSE: Final = 10.0
"""Room for the calibration pulse at the left."""
HEAD: Final = 15.0
FOOT: Final = 10.0
ROW: Final = 30.0
WIDTH: Final = MARGIN + PULSE + SPEED * SECONDS + MARGIN
RHYTHM: Final = ("II", "V1", "I")
"""The lead of the rhythm strip: the first of these that is there."""

GRID: Final = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
ORDER: Final = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of one lead: from when to when, and where on the paper."""

    name: str
    trace: Trace | None
    first: float
    last: float
    x: float
    y: float
    """Of the baseline."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of paper."""

    width: float
    height: float
    baselines: tuple[float, ...]
    """One a row; each begins with a calibration pulse."""
    cells: tuple[Cell, ...]


def sheet(traces: Sequence[Trace], layout: str) -> Sheet:
    """Return the sheet of a layout: `3x4` with rhythm strip, or `12x1`, a lead a row."""
    known = {trace.name: trace for trace in traces}
    rows = _rows(known, layout)
    baselines = tuple(HEAD + ROW * (index + 0.5) for index in range(len(rows)))
    cells = [
        cell for names, y in zip(rows, baselines, strict=True) for cell in _cells(names, known, y)
    ]
    return Sheet(WIDTH, HEAD + ROW * len(rows) + FOOT, baselines, tuple(cells))


def _rows(known: Mapping[str, Trace], layout: str) -> list[tuple[str, ...]]:
    others = [name for name in known if name not in ORDER]
    if layout != "3x4" or not any(name in known for name in ORDER):
        return [(name,) for name in [*(name for name in ORDER if name in known), *others]]
    strip = next((name for name in (*RHYTHM, *ORDER) if name in known), "")
    return [*GRID, (strip,), *((name,) for name in others)]


def _cells(names: Sequence[str], known: Mapping[str, Trace], y: float) -> list[Cell]:
    share = SECONDS / len(names)
    left = MARGIN + PULSE
    return [
        Cell(name, known.get(name), at * share, (at + 1) * share, left + at * share * SPEED, y)
        for at, name in enumerate(names)
    ]
