"""What a status says beside the word of a report or a value.

https://hl7.org/fhir/R4/valueset-diagnostic-report-status.html
"""

from dataclasses import dataclass

from gateway.web.display.element import Resource, part, parts, text
from gateway.web.speech import Speech, msg
from mappers.names import TAG


@dataclass(frozen=True, slots=True)
class Status:
    """A status to draw; `final` has none, since that is what a reader takes for granted."""

    word: str
    sign: str
    state: str


STATUSES = {
    "registered": Status(msg("已登记, 结果待报"), "◌", "preliminary"),
    "partial": Status(msg("部分结果"), "◌", "preliminary"),
    "preliminary": Status(msg("初步"), "◌", "preliminary"),
    "amended": Status(msg("已更正"), "Δ", "corrected"),
    "corrected": Status(msg("已更正"), "Δ", "corrected"),
    "appended": Status(msg("有补充"), "Δ", "corrected"),
    "cancelled": Status(msg("已取消"), "×", "cancelled"),
    "entered-in-error": Status(msg("作废"), "×", "cancelled"),
    "unknown": Status(msg("状态不明"), "◆", "abnormal"),
}


TAGS = {
    "training": Status(msg("培训数据"), "◆", "abnormal"),
    "debugging": Status(msg("测试数据"), "◆", "abnormal"),
    "unverified": Status(msg("未确认"), "◌", "preliminary"),
    "unverified-source": Status(msg("来源未核实"), "◆", "abnormal"),
}


def tags(say: Speech, resource: Resource) -> tuple[Status, ...]:
    """Return what the tags of a resource warn of."""
    given = (tag for tag in parts(part(resource, "meta"), "tag") if tag.get("system") == TAG)
    codes = [text(tag, "code") for tag in given]
    known = (TAGS[code] for code in codes if code in TAGS)
    return tuple(Status(say(one.word), one.sign, one.state) for one in known)


def status(say: Speech, code: str) -> Status | None:
    """Return what to say of a status; None where there is nothing to say."""
    if code == "final":
        return None
    known = STATUSES.get(code, STATUSES["unknown"])
    return Status(say(known.word), known.sign, known.state)
