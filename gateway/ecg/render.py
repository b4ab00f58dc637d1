"""An ECG on standard paper as SVG: one unit is one millimetre, for grid, pulse and trace alike.

Presentation attributes only: the pages allow no inline style. Nothing is filtered; each stretch is
moved as a whole so that its median lies on the baseline (devices keep offsets of many mV).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from gateway.ecg.paper import (
    FOOT,
    GAIN,
    HEAD,
    MARGIN,
    PULSE,
    ROW,
    SPEED,
    Cell,
    Sheet,
    sheet,
)
from gateway.ecg.trace import Trace

FINE, BOLD, INK, PAPER = "#F2C4C4", "#DB7272", "#101820", "#FFFFFF"
FINE_WIDTH, BOLD_WIDTH, TRACE_WIDTH = 0.1, 0.18, 0.3
UNIT: Final = 100
"""Steps a mm in which a trace is written: 0.01 mm is a thirtieth of its width."""
LABEL: Final = 3.6
TEXT: Final = 3.2
FONT: Final = "Arial, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"


@dataclass(frozen=True, slots=True)
class Caption:
    """The words on the paper."""

    label: str
    """For who cannot see it."""
    head: tuple[str, ...] = ()
    """At most two lines above the leads."""
    state: str = ""
    """At the right of the head: confirmed or not."""
    foot: tuple[str, ...] = ()
    """One line below: speed, gain, filters."""
    warning: str = ""
    """At the right of the foot."""
    absent: str = ""
    """Beside the name of a lead that is not there."""


def svg(traces: Sequence[Trace], caption: Caption, layout: str = "3x4") -> str:
    """Return the drawing."""
    paper = sheet(traces, layout)
    size = f'width="{paper.width * 4:g}" height="{paper.height * 4:g}"'
    box = f'viewBox="0 0 {paper.width:g} {paper.height:g}"'
    name = f'class="ecg-paper" role="img" aria-label={quoteattr(caption.label)}'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {name} {size} {box}>',
            f'<rect width="{paper.width:g}" height="{paper.height:g}" fill="{PAPER}"/>',
            *_grid(paper),
            *_pulses(paper),
            *_traces(paper),
            *_labels(paper, caption),
            *_words(paper, caption),
            "</svg>",
        ]
    )


def _grid(paper: Sheet) -> Iterator[str]:
    """Return the lines: every millimetre a fine one, every fifth a bold one."""
    top, bottom = HEAD, paper.height - FOOT
    right = paper.width
    for step, colour, width in ((1, FINE, FINE_WIDTH), (5, BOLD, BOLD_WIDTH)):
        skip = 5 if step == 1 else 0
        across = [x for x in range(0, round(right) + 1, step) if not skip or x % skip]
        down = [y for y in range(0, round(bottom - top) + 1, step) if not skip or y % skip]
        lines = "".join(f"M{x} {top:g}V{bottom:g}" for x in across)
        lines += "".join(f"M0 {top + y:g}H{right:g}" for y in down)
        yield f'<path d="{lines}" stroke="{colour}" stroke-width="{width}" fill="none"/>'


def _pulses(paper: Sheet) -> Iterator[str]:
    """Return the calibration pulses: 1 mV for 200 ms at the beginning of every row."""
    wide, high = 0.2 * SPEED, GAIN
    lead = (PULSE - wide) / 2
    lines = "".join(
        f"M{MARGIN:g} {y:g}h{lead:g}v{-high:g}h{wide:g}v{high:g}h{lead:g}" for y in paper.baselines
    )
    yield (
        f'<path class="ecg-pulse" d="{lines}" stroke="{INK}" stroke-width="{TRACE_WIDTH}" '
        'fill="none" stroke-linejoin="round"/>'
    )


def _traces(paper: Sheet) -> Iterator[str]:
    yield (
        f'<g stroke="{INK}" stroke-width="{TRACE_WIDTH * UNIT:g}" fill="none" '
        f'stroke-linejoin="round" stroke-linecap="round" transform="scale({1 / UNIT:g})">'
    )
    for cell in paper.cells:
        if cell.trace is not None and (line := _line(cell, cell.trace)):
            yield f"<path data-lead={quoteattr(cell.name)} d={quoteattr(line)}/>"
    yield "</g>"


def _line(cell: Cell, trace: Trace) -> str:
    """Return the samples of a cell as relative moves in hundredths of a millimetre."""
    rate = trace.rate
    first = max(0, round((cell.first - trace.start) * rate))
    # The sample at the end belongs to both columns: without it there is a gap between them.
    last = max(first, round((cell.last - trace.start) * rate) + 1)
    shown = trace.microvolts[first:last]
    base = median([one for one in shown if one is not None] or [0.0])
    left = cell.x + (trace.start - cell.first) * SPEED
    words: list[str] = []
    at: tuple[int, int] | None = None
    for index, value in enumerate(shown, first):
        if value is None:
            at = None
            continue
        x = round((left + index / rate * SPEED) * UNIT)
        y = round((cell.y - (value - base) / 1000 * GAIN) * UNIT)
        words.append(f"M{x} {y}l0 0" if at is None else f" {x - at[0]} {y - at[1]}")
        at = x, y
    return "".join(words)


def _labels(paper: Sheet, caption: Caption) -> Iterator[str]:
    """Return the names of the leads, and a mark where one column follows another."""
    marks = []
    for cell in paper.cells:
        name = escape(cell.name)
        if cell.trace is None and caption.absent:
            name += f" {escape(caption.absent)}"
        yield _text((cell.x + 1.2, cell.y - ROW / 2 + LABEL + 1.5), name, LABEL, weight="bold")
        if cell.first:
            marks.append(f"M{cell.x:g} {cell.y - 7:g}v3M{cell.x:g} {cell.y + 4:g}v3")
    if marks:
        yield (
            f'<path d="{"".join(marks)}" stroke="{INK}" stroke-width="{TRACE_WIDTH}" fill="none"/>'
        )


def _words(paper: Sheet, caption: Caption) -> Iterator[str]:
    for index, line in enumerate(caption.head[:2]):
        yield _text((MARGIN, 5.5 + index * 5.5), escape(line), TEXT if index else LABEL)
    right, bottom = paper.width - MARGIN, paper.height - 3.5
    if caption.state:
        yield _text((right, 5.5), escape(caption.state), LABEL, weight="bold", anchor="end")
    yield _text((MARGIN, bottom), escape("   ".join(caption.foot)), TEXT)
    if caption.warning:
        yield _text((right, bottom), escape(caption.warning), TEXT, anchor="end")


def _text(
    at: tuple[float, float],
    words: str,
    size: float,
    *,
    weight: str = "normal",
    anchor: str = "start",
) -> str:
    # A white edge keeps the words readable where a tall wave runs through them.
    return (
        f'<text x="{at[0]:g}" y="{at[1]:g}" font-family="{FONT}" font-size="{size:g}" '
        f'font-weight="{weight}" text-anchor="{anchor}" fill="{INK}" stroke="{PAPER}" '
        f'stroke-width="0.8" paint-order="stroke" xml:space="preserve">{words}</text>'
    )
