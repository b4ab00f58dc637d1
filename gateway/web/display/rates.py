"""Rates in words: each by its name and definition, its parts beside it, never 0 % for nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.recognition.statistics.figures import COUNTS, Basis, Figures, yuan
from gateway.recognition.statistics.report import Report
from gateway.web.display.reader import Reader
from gateway.web.speech import Speech, msg
from gateway.workflow.critical.figures import Figures as CriticalFigures

MINUTE = 60
NAMES = {
    "perReminder": msg("提醒后互认率"),
    "perView": msg("调阅互认率"),
    "official": msg("官方互认率"),
    "perResult": msg("结果互认率"),
}
DEFINITIONS = {
    "perReminder": msg("互认次数 ÷ 提醒次数。上月的提醒可在本月互认, 短期内可超过100%。"),
    "perView": msg("互认次数 ÷ 调阅次数。"),
    "official": msg(
        "国家医疗质量安全改进目标: 互认的报告 ÷ 本期就诊患者已有的报告, 限互认目录内项目。"
    ),
    "perResult": msg("互认次数 ÷ (本院区出具的报告 + 互认次数)。"),
}
HEADINGS = {
    "reminded": msg("提醒"),
    "viewed": msg("调阅"),
    "recognised": msg("互认"),
    "notRecognised": msg("不互认"),
    "exempt": msg("不计入"),
    "quoted": msg("引用"),
    "unanswered": msg("未应答"),
    "revoked": msg("撤回"),
}
CATEGORIES = {
    "lab": msg("检验"),
    "imaging": msg("影像"),
    "ecg": msg("心电图"),
    "pathology": msg("病理"),
    "function": msg("功能检查"),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate: `value` is "18.2 %" or the word for nothing to divide, `parts` "312/1714"."""

    key: str
    name: str
    value: str
    parts: str
    definition: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: its name, its counts, its rate and the length of its bar (0 to 100)."""

    name: str
    counts: tuple[int, ...]
    saved: str
    rate: str
    parts: str
    bar: float


@dataclass(frozen=True, slots=True)
class CriticalLine:
    """What became of critical values at one campus, "" for all: counts with rates, times."""

    name: str
    values: int
    came_late: int
    unreported: str
    untimely: str
    unacknowledged: str
    median: str
    p90: str


def rates(found: Report, chosen: str, reader: Reader) -> tuple[Rate, ...]:
    """Return the four rates of a report."""
    say = reader.say
    values, parts = found.total.rates(found.basis), _parts(found.total, found.basis)
    return tuple(
        Rate(
            key,
            say(name),
            percent(say, values[key]),
            _of(parts.get(key)),
            say(DEFINITIONS[key]),
            key == chosen,
        )
        for key, name in NAMES.items()
    )


def lines(found: Report, chosen: str, reader: Reader) -> tuple[Line, ...]:
    """Return the groups of a report, those of most reminders first."""
    ordered = sorted(found.groups, key=lambda one: (-one.figures.counts["reminded"], one.values))
    return tuple(
        _line(_named(one.values, one.words, reader), one.figures, one.basis, (chosen, reader))
        for one in ordered
    )


def total(found: Report, chosen: str, reader: Reader) -> Line:
    """Return the whole of a report."""
    return _line(reader.say("合计"), found.total, found.basis, (chosen, reader))


def critical_lines(found: Sequence[CriticalFigures], reader: Reader) -> tuple[CriticalLine, ...]:
    """Return what became of critical values, all of them first."""
    say = reader.say
    return tuple(
        CriticalLine(
            name=reader.mark(one.campus).text if one.campus else say("合计"),
            values=one.values,
            came_late=one.came_late,
            unreported=_count(say, one.unreported, one.unreported_rate),
            untimely=_count(say, one.untimely, one.untimely_rate),
            unacknowledged=_count(say, one.unacknowledged, one.unacknowledged_rate),
            median=seconds(say, one.median),
            p90=seconds(say, one.p90),
        )
        for one in found
    )


def percent(say: Speech, rate: float | None) -> str:
    """Return a rate; where nothing is divided, the word for it."""
    return say("未计算") if rate is None else f"{rate * 100:.1f} %"


def seconds(say: Speech, length: float | None) -> str:
    """Return a length of time: seconds below a minute, minutes with one digit from there on."""
    if length is None:
        return say("未计算")
    if length < MINUTE:
        return say("{n}秒", n=round(length))
    return say("{n}分钟", n=f"{length / MINUTE:.1f}")


def _line(name: str, figures: Figures, basis: Basis | None, asked: tuple[str, Reader]) -> Line:
    chosen, reader = asked
    value = figures.rates(basis)[chosen]
    return Line(
        name=name,
        counts=tuple(figures.counts[key] for key in COUNTS),
        saved=yuan(figures.saved),
        rate=percent(reader.say, value),
        parts=_of(_parts(figures, basis).get(chosen)),
        bar=min(round((value or 0) * 100, 1), 100.0),
    )


def _parts(figures: Figures, basis: Basis | None) -> Mapping[str, tuple[int, int]]:
    counts = figures.counts
    found = {
        "perReminder": (counts["recognised"], counts["reminded"]),
        "perView": (counts["recognised"], counts["viewed"]),
    }
    if basis is not None:
        found["official"] = basis.recognised, basis.existing
        found["perResult"] = counts["recognised"], basis.reported + counts["recognised"]
    return found


def _of(parts: tuple[int, int] | None) -> str:
    return f"{parts[0]}/{parts[1]}" if parts else ""


def _count(say: Speech, n: int, rate: float | None) -> str:
    return f"{n} ({percent(say, rate)})"


def _named(values: Sequence[str], words: Sequence[str], reader: Reader) -> str:
    """Return what a group is called; what nobody told is said to be so."""
    told = []
    for value, word in zip(values, words, strict=True):
        category = CATEGORIES.get(value)
        told.append(reader.say(category) if category else word or value)
    return " ".join(one or reader.say("未填写") for one in told)
