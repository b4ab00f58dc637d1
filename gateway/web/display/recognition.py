"""Mutual recognition in words: how a result stands, what is said of an ordered item, and why.

国卫医发〔2022〕6号: it is advice; whoever treats the patient decides.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.recognition.decide.words import reason_words, say
from gateway.recognition.ledger.model import OFFERED
from gateway.recognition.model import Result, Verdict
from gateway.recognition.reasons import REASONS, offered
from gateway.web.acts import Hint, Standing, Standings
from gateway.web.display.campus import Mark
from gateway.web.display.element import Resource, text
from gateway.web.display.reader import Reader
from gateway.web.display.time import Moment, brief, moment
from gateway.web.speech import msg

SOON = timedelta(days=2)
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
MOST_VALUES = 8
USABLE = {"shall-recognise", "may-recognise"}
LASTING = {*USABLE, "reread"}
ORDER = (
    "context-critical",
    "shall-recognise",
    "may-recognise",
    "reread",
    "reference-only",
    "not-eligible",
)
OUTCOMES = {
    "shall-recognise": (msg("应予互认"), "✓", "recognised"),
    "may-recognise": (msg("可互认"), "✓", "recognised"),
    "reread": (msg("图像可互认, 结论需重新出具"), "✓", "recognised"),
    "reference-only": (msg("仅供参考"), "◌", "plain"),
    "context-critical": (msg("危急值未处理"), "◆◆", "critical"),
    "not-eligible": (msg("不能互认"), "×", "void"),
}
RULES = {
    "ID": msg("身份"),
    "STATUS": msg("报告状态"),
    "TIME": msg("时效"),
    "SCOPE": msg("互认范围"),
    "QC": msg("质控"),
    "COMP": msg("可比性"),
    "DATA": msg("数据和图像"),
    "NEG": msg("负面清单"),
    "ACC": msg("权限"),
    "CRIT": msg("危急值"),
}
VERDICTS = {"pass": msg("通过"), "fail": msg("未通过"), "unknown": msg("不明")}
# What keeps a result from being used; the mark's scope and quality only lower it (§2.10.2).
AGAINST = ("NEG", "ID", "STATUS", "ACC", "TIME", "COMP", "DATA", "CRIT")
WHY = {
    "ID": msg("身份关联存疑"),
    "STATUS": msg("未审核或已撤销"),
    "TIME": msg("已超出互认时限"),
    "COMP": msg("单位、标本或方法不可比"),
    "DATA": msg("结果或图像不全"),
    "NEG": msg("按规定不互认"),
    "ACC": msg("无权查看"),
    "CRIT": msg("危急值未处理"),
    "QC": msg("质控未通过"),
}
STATES = {
    "recognised": msg("已互认"),
    "not-recognised": msg("未互认"),
    "revoked": msg("已撤回"),
}


@dataclass(frozen=True, slots=True)
class Mutual:
    """How one result stands, for its row: a tag, until when, its mark, and why in words."""

    word: str
    sign: str
    state: str
    until: str
    mark: str
    claimed: str
    why: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What one rule says: its name, pass or fail in words, and by what."""

    name: str
    verdict: str
    word: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Prior:
    """A prior result: of which campus and when, its values as stored, its rules."""

    title: str
    mark: Mark
    at: Moment | None
    time_is: str
    values: tuple[tuple[str, str, str], ...]
    more: int
    print: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What is said of one ordered item.

    `can` tells whether the result may be taken for the order; `answered` says what was answered by
    whom, "" for nothing; `residual` are the items that must be ordered all the same.
    """

    id: str
    item: str
    outcome: str
    word: str
    sign: str
    state: str
    why: str
    until: str
    prior: Prior | None
    others: tuple[Prior, ...]
    residual: tuple[str, ...]
    can: bool
    own: bool
    choice: str
    answered: str


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason not to recognise, for a form."""

    code: str
    text: str
    counts: bool
    needs_text: bool


def mutual(standing: Standing, reader: Reader) -> Mutual:
    """Return how a result stands, as its row says it."""
    decision = standing.decision
    if not standing.is_chosen:
        return _beside(standing, reader)
    word, sign, state = OUTCOMES[decision.outcome]
    until = ""
    if decision.outcome == "context-critical":
        # Solid red is the value's own: a second one beside it would make neither seen.
        sign, state = "◆", "abnormal"
    if decision.outcome in USABLE:
        word = msg("可互认")
        until = _until(decision.valid_until, reader)
    return Mutual(
        word=reader.say(word),
        sign=sign,
        state=state,
        until=until,
        mark=standing.mark,
        claimed=claimed(standing.rules),
        why=reason_words(decision.reason.code, reader.say.language),
    )


def of_report(
    standings: Standings, report: Resource, results: Sequence[Resource], reader: Reader
) -> Mutual | None:
    """Return how a report stands: by its own item, else how many of its results may be used."""
    if whole := standings.by_name.get(name_of(report)):
        return mutual(whole, reader)
    found = [one for each in results if (one := standings.by_name.get(name_of(each)))]
    if len(found) < 2:  # noqa: PLR2004 - one result speaks for itself
        return mutual(found[0], reader) if found else None
    usable = [one for one in found if one.is_chosen and one.decision.outcome in USABLE]
    if not usable:
        return mutual(found[0], reader)
    first = min(usable, key=lambda one: one.decision.valid_until or 0)
    said = mutual(first, reader)
    word = reader.say("{n}/{total}项可互认", n=len(usable), total=len(results))
    return replace(said, word=word)


def name_of(resource: Resource) -> str:
    """Return a resource's `Type/id`."""
    return f"{text(resource, 'resourceType')}/{text(resource, 'id')}"


def advice(hint: Hint, reader: Reader) -> Advice:
    """Return what is said of an ordered item."""
    decision = hint.decision
    word, sign, state = OUTCOMES[decision.outcome]
    return Advice(
        id=decision.id,
        item=_item(hint, reader),
        outcome=decision.outcome,
        word=reader.say(word),
        sign=sign,
        state=state,
        why=reason_words(decision.reason.code, reader.say.language),
        until=_until(decision.valid_until, reader) if decision.outcome in LASTING else "",
        prior=prior(decision.result, decision.rules, reader) if decision.result else None,
        others=tuple(prior(one, rules, reader) for one, rules in decision.others),
        residual=decision.residual_names,
        can=(decision.otherwise or decision.outcome) in OFFERED and decision.result is not None,
        own=decision.own,
        choice=hint.state.choice,
        answered=_answered(hint, reader),
    )


def advices(hints: Sequence[Hint], reader: Reader) -> tuple[Advice, ...]:
    """Return what is said of the items, an open critical value first, then the most useful."""
    ranked = sorted(hints, key=lambda one: ORDER.index(one.decision.outcome))
    return tuple(advice(one, reader) for one in ranked)


def prior(result: Result, verdicts: Sequence[Verdict], reader: Reader) -> Prior:
    """Return a prior result with what the rules say of it."""
    at = _moment(result.anchor, reader)
    return Prior(
        title=result.title or reader.say("检验报告"),
        mark=reader.mark(result.code),
        at=at,
        time_is={"issued": reader.say("报告时间"), "performed": reader.say("检查时间")}.get(
            result.anchor_kind, reader.say("采样时间")
        ),
        values=result.values[:MOST_VALUES],
        more=max(len(result.values) - MOST_VALUES, 0),
        print=result.mark,
        rules=tuple(_rule(one, reader) for one in verdicts),
    )


def grounds(category: str, reader: Reader) -> tuple[Ground, ...]:
    """Return the reasons that may be given for an item of a category."""
    return tuple(
        Ground(one.code, one.named(reader.say.language), one.counts_as_refusal, one.requires_text)
        for one in offered(category)
    )


def claimed(rules: Sequence[Verdict]) -> str:
    """Return a mark that the sender wrote and nobody verified, "" for none."""
    said = (one for rule in rules for one in rule.evidence)
    return next((one.partition(": ")[2] for one in said if one.startswith("claimed: ")), "")


def _item(hint: Hint, reader: Reader) -> str:
    """Return what an item is called, in English where the catalogue has a name for it."""
    if reader.say.language == "en" and hint.name_en:
        return hint.name_en
    decision = hint.decision
    return decision.item_name or decision.asked.text or reader.say("项目名未提供")


def _beside(standing: Standing, reader: Reader) -> Mutual:
    """Return how a result stands that is not the one to be used: another is, or a rule forbids."""
    said: Mapping[str, Verdict] = {one.id: one for one in standing.rules}
    against = [one for one in AGAINST if one in said and said[one].verdict != "pass"]
    if "QC" in said and said["QC"].verdict == "fail":
        against.append("QC")
    is_out = any(one in {"NEG", "ID", "STATUS", "ACC"} for one in against)
    outcome = "not-eligible" if is_out else "reference-only"
    word, sign, state = OUTCOMES[outcome]
    return Mutual(
        word=reader.say(word),
        sign=sign,
        state=state,
        until="",
        mark=standing.mark,
        claimed=claimed(standing.rules),
        why=reader.say(WHY[against[0]]) if against else reader.say("另有更合适的同项结果"),
    )


def _until(us: int | None, reader: Reader) -> str:
    """Return until when: the day, and the clock where that is soon."""
    if us is None:
        return ""
    at = datetime.fromtimestamp(us / 1_000_000, reader.now.tzinfo)
    day = brief(reader.say, at.isoformat(), reader.now)
    return f"{day} {at:%H:%M}" if at - reader.now < SOON else day


def _moment(us: int | None, reader: Reader) -> Moment | None:
    if us is None:
        return None
    at = datetime.fromtimestamp(us / 1_000_000, reader.now.tzinfo)
    return moment(reader.say, at.isoformat(), reader.now)


def _rule(one: Verdict, reader: Reader) -> Rule:
    texts = (_evidence(each, reader) for each in one.evidence if not _is_reference(each))
    return Rule(
        reader.say(RULES.get(one.id, one.id)),
        one.verdict,
        reader.say(VERDICTS[one.verdict]),
        "; ".join(texts),
    )


def _evidence(written: str, reader: Reader) -> str:
    """Return what a verdict rests on in words, its time as the pages write times."""

    def drawn(match: re.Match[str]) -> str:
        at = moment(reader.say, match[0], reader.now)
        return at.text if at else match[0]

    return INSTANT.sub(drawn, say(written, reader.say.language))


def _is_reference(evidence: str) -> bool:
    """Return whether a text is a resource's address, which says nothing to a reader."""
    return "/_history/" in evidence


def _answered(hint: Hint, reader: Reader) -> str:
    choice = hint.state.choice
    if not choice:
        return ""
    parts = [reader.say(STATES[choice]), hint.person]
    at = _moment(hint.at, reader)
    parts.append(at.text if at else "")
    if choice == "not-recognised" and hint.reason in REASONS:
        parts.append(REASONS[hint.reason].named(reader.say.language))
    return " ".join(part for part in parts if part)
