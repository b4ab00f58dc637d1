"""An ECG to draw: its paper, what the device measured and said, and what a physician found."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup

from gateway.ecg.paper import FOOT, HEAD, ORDER, RHYTHM, ROW, SECONDS, WIDTH, sheet
from gateway.ecg.render import Caption, svg
from gateway.ecg.trace import Trace, traces
from gateway.web.display.campus import Mark
from gateway.web.display.compare import when
from gateway.web.display.element import (
    EMPTY,
    Resource,
    codings,
    digits,
    extension,
    part,
    parts,
    text,
    words,
)
from gateway.web.display.person import Person
from gateway.web.display.reader import Reader
from gateway.web.display.report import statuses
from gateway.web.display.status import Status
from gateway.web.display.time import Moment, instant, moment
from gateway.web.display.value import Value, value
from gateway.web.sources import WholeECG
from gateway.web.speech import Speech, msg
from mappers.names import EXT_ECG_FILTER, EXT_SAMPLING_RATE, LOINC, TAG

LAYOUTS = ("3x4", "12x1")
STUDY = "11524-6"
IMPRESSION = "8601-7"
NAMES = {
    "8867-4": msg("心率"),
    "8637-1": msg("RR间期"),
    "8625-6": msg("PR间期"),
    "8633-0": msg("QRS时限"),
    "8634-8": msg("QT间期"),
    "8636-3": msg("QTc间期"),
    "8626-4": msg("P电轴"),
    "8632-2": msg("QRS电轴"),
    "8638-9": msg("T电轴"),
}
"""Of the measurements that a cardiologist looks for first, by LOINC; others keep their own."""
UNITS = {"/min": msg("次/分"), "deg": "°"}
DISAGREE = "limb-leads-disagree"


@dataclass(frozen=True, slots=True)
class Measured:
    """One number of the device."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead on paper of its own: its name, and where its drawing is."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A drawing, and what a length on it is; `leads` are the same one by one."""

    drawing: Markup
    width: float
    """In millimetres, as is the height."""
    height: float
    rate: float
    """Samples a second, of the lead that has most."""
    leads: tuple[Lead, ...]


LEAD_HEIGHT = HEAD + ROW + FOOT


@dataclass(frozen=True, slots=True)
class ECG:
    """An ECG. `papers` are drawings, one a stretch of time."""

    id: str
    title: str
    mark: Mark
    statuses: tuple[Status, ...]
    taken: Moment | None
    device: str
    performer: str
    papers: tuple[Paper, ...]
    layout: str
    measured: tuple[Measured, ...]
    statements: tuple[str, ...]
    conclusion: str
    reviewer: str
    warnings: tuple[str, ...]


def is_ecg(report: Resource) -> bool:
    """Return whether a report is one of an ECG."""
    return (LOINC, STUDY) in codings(part(report, "code"))


def title(say: Speech, report: Resource) -> str:
    """Return what an ECG is called."""
    return text(part(report, "code"), "text") or say("心电图")


def ecg(whole: WholeECG, whose: Person, reader: Reader, layout: str) -> ECG:
    """Return an ECG in a layout of LAYOUTS."""
    report, say = whole.report, reader.say
    first = next(iter((*whole.waveforms, *whole.measurements, *whole.statements)), EMPTY)
    device = text(part(first, "device"), "display")
    taken = moment(say, when({**report, "issued": ""}), reader.now)
    performers = (text(one, "display") for one in parts(report, "performer"))
    reviewers = (text(one, "display") for one in parts(report, "resultsInterpreter"))
    found = ECG(
        id=text(report, "id"),
        title=title(say, report),
        mark=reader.mark_of(report),
        statuses=statuses(reader, report),
        taken=taken,
        device=device,
        performer=", ".join(filter(None, performers)),
        papers=(),
        layout=layout,
        measured=tuple(measured(whole.measurements, say)),
        statements=tuple(statements(whole.statements)),
        conclusion=text(report, "conclusion"),
        reviewer=", ".join(filter(None, reviewers)),
        warnings=tuple(_warnings(report, say)),
    )
    return replace(found, papers=tuple(_papers(whole, found, whose, reader)))


def lead(whole: WholeECG, whose: Person, reader: Reader, place: tuple[int, ...]) -> Markup | None:
    """Return one lead on paper of its own; `place` is (sheet, lead), None where there is none."""
    every = {
        (number, at): (group[0][0], one)
        for number, group in enumerate(_sheets(whole.waveforms, reader.now))
        for at, one in enumerate(trace for _, some in group for trace in some)
    }
    if place not in every:
        return None
    waveform, shown = every[place]
    found = ecg(replace(whole, waveforms=()), whose, reader, LAYOUTS[1])
    caption = _narrow(_caption(waveform, (shown,), found, whose, reader.say))
    return Markup(svg((shown,), caption, LAYOUTS[1]))  # noqa: S704 - made by us, its texts escaped


def measured(observations: Iterable[Resource], say: Speech) -> Iterator[Measured]:
    """Return the numbers of the device, in its order."""
    for observation in observations:
        for component in parts(observation, "component"):
            given = value(say, component)
            code = part(component, "code")
            known = next((NAMES[one] for _, one in codings(code) if one in NAMES), "")
            said = words(code)
            name = say(known) if known else said
            if known and "(" in said:
                name += f" {said[said.index('(') :]}"
            unit = UNITS.get(text(part(component, "valueQuantity"), "unit"), "")
            yield Measured(name, replace(given, unit=say(unit)) if unit else given)


def statements(observations: Iterable[Resource]) -> Iterator[str]:
    """Return what the device said, line by line."""
    for observation in observations:
        yield from filter(None, text(observation, "valueString").split("\n"))


def _warnings(report: Resource, say: Speech) -> Iterator[str]:
    tags = parts(part(report, "meta"), "tag")
    if any(one.get("system") == TAG and one.get("code") == DISAGREE for one in tags):
        yield say("肢体导联互相不符: 可能接错、幅度有误或含定标信号, 请核对。")


def _papers(whole: WholeECG, found: ECG, whose: Person, reader: Reader) -> Iterator[Paper]:
    for number, group in enumerate(_sheets(whole.waveforms, reader.now)):
        leads = tuple(trace for _, some in group for trace in some)
        caption = _caption(group[0][0], leads, found, whose, reader.say)
        yield Paper(
            drawing=Markup(svg(leads, caption, found.layout)),  # noqa: S704 - made by us, escaped
            width=WIDTH,
            height=sheet(leads, found.layout).height,
            rate=max((one.rate for one in leads), default=0.0),
            leads=tuple(_leads(whole.report, number, leads)),
        )


def _leads(report: Resource, number: int, leads: Sequence[Trace]) -> Iterator[Lead]:
    """Yield the leads one by one, that of the rhythm first, then as they are always read."""
    names = [one.name for one in leads]
    first = next((name for name in RHYTHM if name in names), "")
    order = [first, *ORDER]
    version = text(part(report, "meta"), "versionId")
    for name in sorted(names, key=lambda one: order.index(one) if one in order else len(order)):
        place = f"/ecg/{text(report, 'id')}/sheets/{number}/leads/{names.index(name)}"
        yield Lead(name, f"{place}?v={version}")


Sheet = list[tuple[Resource, tuple[Trace, ...]]]


def _sheets(waveforms: Sequence[Resource], now: datetime) -> list[Sheet]:
    """Return what goes on one paper: columns that were recorded one after another do."""
    sheets: list[Sheet] = []
    begun: datetime | None = None
    for waveform in waveforms:
        at = instant(when(waveform), now)
        after = (at - begun).total_seconds() if at and begun else 0.0
        leads = traces(waveform, after)
        names = {trace.name for _, some in sheets[-1] for trace in some} if sheets else set()
        fits = sheets and at and begun and 0 <= after < SECONDS
        if fits and names.isdisjoint(trace.name for trace in leads):
            sheets[-1].append((waveform, leads))
        else:
            sheets.append([(waveform, traces(waveform))])
            begun = at
    return sheets


def _caption(
    waveform: Resource, leads: Sequence[Trace], found: ECG, whose: Person, say: Speech
) -> Caption:
    facts = (whose.name.text, whose.sex, whose.born.age, whose.born.date)
    taken = found.taken.text if found.taken else say("时间未提供")
    seconds = max((trace.end for trace in leads), default=0.0)
    shown = say("显示前{n}秒, 共{all}秒", n=round(SECONDS), all=f"{seconds:g}")
    return Caption(
        label=say("{title}, {taken}, 共{n}个导联", title=found.title, taken=taken, n=len(leads)),
        head=(
            "  ".join(filter(None, (*facts, f"[{found.mark.text}]"))),
            "   ".join(filter(None, (taken, found.device))),
        ),
        state=_state(found, say),
        foot=(*_settings(waveform, say), *((shown,) if seconds > SECONDS + 0.1 else ())),
        warning=say("非诊断用显示"),
        absent=say("无"),
    )


def _narrow(caption: Caption) -> Caption:
    """Return the same words with nothing at the right, which a phone does not show at once."""
    whose, taken = caption.head
    return replace(
        caption,
        head=(whose, f"{caption.state}   {taken}"),
        state="",
        foot=(caption.warning, *caption.foot),
        warning="",
    )


def _state(found: ECG, say: Speech) -> str:
    """Return whether a physician has confirmed it."""
    first = next(iter(found.statuses), None)
    if first is None:
        return say("已签发")
    return say("未确认") if first.state == "preliminary" else first.word


def _settings(waveform: Resource, say: Speech) -> Iterator[str]:
    yield "25 mm/s"
    yield "10 mm/mV"
    filters = extension(waveform, EXT_ECG_FILTER)
    low, high, notch = (
        digits(part(extension(filters, url), "valueQuantity").get("value"))
        for url in ("high-pass", "low-pass", "notch")
    )
    if low or high:
        yield say("滤波 {low}~{high} Hz", low=low or "?", high=high or "?")
    else:
        yield say("滤波未提供")
    if notch:
        yield say("陷波 {n} Hz", n=notch)
    if rate := digits(part(extension(waveform, EXT_SAMPLING_RATE), "valueQuantity").get("value")):
        yield say("采样 {n} Hz", n=rate)
