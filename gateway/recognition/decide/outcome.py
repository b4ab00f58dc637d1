"""From verdicts to outcome, exactly by §2.10.1 to 2.10.3 and 2.10.5."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from gateway.recognition.decide import (
    access,
    comparable,
    critical,
    data,
    identity,
    negative,
    quality,
    scope,
    status,
    time,
)
from gateway.recognition.decide.model import Case, Fact, Judged
from gateway.recognition.decide.words import reason, told
from gateway.recognition.model import OUTCOMES, USABLE, Outcome, Verdict

JUDGES: Final = (
    identity.judge,
    status.judge,
    time.judge,
    scope.judge,
    quality.judge,
    comparable.judge,
    data.judge,
    negative.judge,
    access.judge,
    critical.judge,
)
"""In the order of RULES."""
RANK: Final = {outcome: rank for rank, outcome in enumerate(OUTCOMES)}
HARMLESS: Final = frozenset({"expired", "never-valid", "images-missing", "images-unknown"})
"""Reasons for which a result says nothing against an older one."""
DECISIVE: Final = ("NEG", "ID", "STATUS", "ACC")
"""Rules that must pass; the first that does not gives the reason."""
SHOWN_ONLY: Final = ("TIME", "COMP", "DATA")
Said = tuple[Outcome, str]


def judge(case: Case, fact: Fact) -> Judged:
    """Return a result with all verdicts and what they come to, open critical values apart."""
    rules = tuple(one(case, fact) for one in JUDGES)
    said = {rule.id: rule for rule in rules}
    outcome, why = (
        _not_eligible(said, fact) or _reference_only(case, fact, said) or _usable(case, fact, said)
    )
    until = None
    if fact.anchor is not None and case.window:
        until = time.valid_until(fact.anchor, case.window)
    blocks = (
        outcome == "not-eligible"
        or (outcome == "reference-only" and why not in HARMLESS)
        # What turned critical since is not made good by an older result.
        or said["CRIT"].verdict == "unknown"
    ) and not comparable.is_other(case, fact)
    return Judged(fact, rules, outcome, reason(why), blocks=blocks, valid_until=until)


def _not_eligible(said: Mapping[str, Verdict], fact: Fact) -> Said | None:
    for rule in DECISIVE:
        if said[rule].verdict != "pass":
            return "not-eligible", _why(said[rule], fact)
    return None


def _why(verdict: Verdict, fact: Fact) -> str:
    evidence = verdict.evidence[0]
    if verdict.id == "NEG":
        return "regulatory-retest" if evidence.startswith("retest") else "negative-list"
    if verdict.id == "ID":
        return "unverified-source" if evidence == "unverified-source" else "identity-suspended"
    if verdict.id == "ACC":
        return "sensitive"
    if verdict.verdict == "unknown":
        return "status-unknown"
    statuses = {fact.status, *(its for _, its in fact.reports)}
    return "not-final" if statuses.isdisjoint(status.WITHDRAWN) else "withdrawn"


def _reference_only(case: Case, fact: Fact, said: Mapping[str, Verdict]) -> Said | None:
    for rule in SHOWN_ONLY:
        if said[rule].verdict != "pass":
            return "reference-only", _WHY[rule](case, fact, said[rule])
    if said["QC"].verdict == "fail":
        return "reference-only", "quality-failed"
    return None


def _time_why(case: Case, fact: Fact, verdict: Verdict) -> str:
    if verdict.verdict == "fail":
        return "expired" if case.window else "never-valid"
    if verdict.evidence[0] == "ahead":
        return "clock-ahead"
    reported = fact.anchor is not None and fact.anchor.kind == "issued"
    return "report-time-only" if reported else "time-unknown"


def _comp_why(case: Case, fact: Fact, verdict: Verdict) -> str:
    del case, fact
    return "not-comparable" if verdict.verdict == "fail" else "comparability-unknown"


def _data_why(case: Case, fact: Fact, verdict: Verdict) -> str:
    if fact.signs:
        return "specimen-unfit"
    if case.item.category == "lab":
        return "without-value"
    return "images-missing" if verdict.verdict == "fail" else "images-unknown"


_WHY: Final = {"TIME": _time_why, "COMP": _comp_why, "DATA": _data_why}


def _usable(case: Case, fact: Fact, said: Mapping[str, Verdict]) -> Said:
    if status.is_unread(case, fact):
        return "reread", "no-final-report"
    doubts = (
        (said["CRIT"].verdict == "unknown", "critical-not-reported"),
        (fact.campus in case.circumstances.silent, "campus-silent"),
        (said["SCOPE"].verdict != "pass" or said["QC"].verdict != "pass", "consortium"),
        (case.circumstances.encounter_class not in time.STATES, "encounter-class-unknown"),
    )
    if why := next((code for doubtful, code in doubts if doubtful), ""):
        return "may-recognise", why
    return "shall-recognise", "all-rules-passed"


def when(fact: Fact) -> float:
    """Return how new a result is; one without any time may be the newest."""
    return fact.anchor.start if fact.anchor is not None else float("inf")


def newest_first(judged: Iterable[Judged]) -> list[Judged]:
    """Return results in an order that does not depend on how they arrived."""
    return sorted(judged, key=lambda one: (-when(one.fact), one.fact.reference))


def capped(judged: Sequence[Judged]) -> list[Judged]:
    """Return the results, newest first, those under a newer one that is not eligible capped."""
    found: list[Judged] = []
    blocking: list[Judged] = []
    for one in newest_first(judged):
        newer = next((other for other in blocking if when(other.fact) > when(one.fact)), None)
        if newer is not None and one.outcome not in {"reference-only", "not-eligible"}:
            found.append(cap(one, newer.fact.reference))
        else:
            found.append(one)
        if one.blocks:
            blocking.append(one)
    return found


def cap(one: Judged, newer: str) -> Judged:
    """Return a result that is for reference only because of a newer one, which is named."""
    rules = tuple(
        replace(rule, evidence=(*rule.evidence, told("newer", newer)))
        if rule.id == "STATUS"
        else rule
        for rule in one.rules
    )
    return replace(one, rules=rules, outcome="reference-only", reason=reason("newer-not-eligible"))


def best(judged: Sequence[Judged], parts: int = 0) -> Judged:
    """Return the best of results, newest first: of equal ones the fullest, then the newest."""
    return min(judged, key=lambda one: (RANK[one.outcome], parts - len(one.kept)))


def lowered(one: Judged, *, repeating: bool) -> Judged:
    """Return a result as the order lets it be used: a repeating one asks for new measurements."""
    if repeating and one.outcome in USABLE:
        return replace(one, outcome="reference-only", reason=reason("repeating-order"))
    return one


def waits(judged: Sequence[Judged], results: Iterable[str], *, repeating: bool) -> Judged:
    """Return the result to show where a critical value is open: its own if it is here."""
    names = {result.partition("/_history/")[0] for result in results}
    own = [
        one
        for one in judged
        if one.fact.name in names or any(part.name in names for part in one.fact.parts)
    ]
    shown = own[0] if own else best(judged)
    return replace(
        shown,
        outcome="context-critical",
        reason=reason("critical-open"),
        otherwise=lowered(shown, repeating=repeating).outcome,
    )
