"""Flags: word, sign and state of each interpretation that a laboratory sent.

https://terminology.hl7.org/CodeSystem-v3-ObservationInterpretation.html
"""

from dataclasses import dataclass

from gateway.web.display.element import Resource, codings, parts, text, words
from gateway.web.display.interval import bounds
from gateway.web.display.value import number
from gateway.web.speech import Speech, msg

# Most severe first; the state of a row is that of its first flag.
SEVERITY = ("critical", "high", "low", "abnormal", "plain")


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag to draw; `origin` is `sent`, or `computed` where only the interval speaks."""

    word: str
    sign: str
    state: str
    origin: str = "sent"


FLAGS = {
    "HH": Flag(msg("危急高"), "↑↑", "critical"),
    "LL": Flag(msg("危急低"), "↓↓", "critical"),
    "AA": Flag(msg("危急异常"), "◆◆", "critical"),
    "H": Flag(msg("高"), "↑", "high"),
    "HU": Flag(msg("显著高"), "↑", "high"),
    "L": Flag(msg("低"), "↓", "low"),
    "LU": Flag(msg("显著低"), "↓", "low"),
    ">": Flag(msg("超出检测上限"), "↑", "high"),
    "<": Flag(msg("低于检测下限"), "↓", "low"),
    "A": Flag(msg("异常"), "◆", "abnormal"),
    "POS": Flag(msg("阳性"), "◆", "abnormal"),
    "DET": Flag(msg("检出"), "◆", "abnormal"),
    "WR": Flag(msg("弱阳性"), "◆", "abnormal"),
    "RR": Flag(msg("有反应性"), "◆", "abnormal"),
    "IND": Flag(msg("不确定"), "◆", "abnormal"),
    "E": Flag(msg("可疑"), "◆", "abnormal"),
    "U": Flag(msg("较前升高"), "", "plain"),
    "D": Flag(msg("较前降低"), "", "plain"),
    "B": Flag(msg("较前好转"), "", "plain"),
    "W": Flag(msg("较前变差"), "◆", "abnormal"),
    "R": Flag(msg("耐药"), "◆", "abnormal"),
    "I": Flag(msg("中介"), "◆", "abnormal"),
    "SDD": Flag(msg("剂量依赖敏感"), "◆", "abnormal"),
    "NS": Flag(msg("非敏感"), "◆", "abnormal"),
    "S": Flag(msg("敏感"), "", "plain"),
    "NEG": Flag(msg("阴性"), "", "plain"),
    "ND": Flag(msg("未检出"), "", "plain"),
    "NR": Flag(msg("无反应性"), "", "plain"),
}
# Said by the absence of a flag.
NORMAL = {"N"}


def flags(say: Speech, observation: Resource) -> tuple[Flag, ...]:
    """Return all flags of a result, the most severe first."""
    if text(observation, "status") in {"cancelled", "entered-in-error"}:
        return ()
    concepts = tuple(parts(observation, "interpretation"))
    if not concepts:
        return _computed(say, observation)
    sent = (_flag(say, concept) for concept in concepts)
    return tuple(sorted((flag for flag in sent if flag), key=lambda one: SEVERITY.index(one.state)))


def _flag(say: Speech, concept: Resource) -> Flag | None:
    for _, code in codings(concept):
        if code in NORMAL:
            return None
        if code in FLAGS:
            known = FLAGS[code]
            return Flag(say(known.word), known.sign, known.state)
    # A code that the table does not know is shown as it was sent, and noticed.
    return Flag(words(concept), "◆", "abnormal") if words(concept) else None


def _computed(say: Speech, observation: Resource) -> tuple[Flag, ...]:
    measured, limits = number(observation), bounds(observation)
    if measured is None or limits is None:
        return ()
    if limits.high is not None and measured > limits.high:
        return (Flag(say("高"), "↑", "high", "computed"),)
    if limits.low is not None and measured < limits.low:
        return (Flag(say("低"), "↓", "low", "computed"),)
    return ()
