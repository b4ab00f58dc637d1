"""Panels: each analyte is judged by itself, a report recognised with what of it may be (§2.7).

What is left is the residual order. A single report is recognised, never a patchwork of several.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from gateway.recognition.catalogue.model import Item
from gateway.recognition.decide import outcome
from gateway.recognition.decide.model import Case, Fact, Judged
from gateway.recognition.decide.words import reason, told
from gateway.recognition.model import RULES, USABLE, Outcome, Reason, Verdict

WORST: Final = {"fail": 0, "unknown": 1, "pass": 2}
EVIDENCE: Final = 8
"""How many texts a rule shows of all the analytes'."""


def judge(
    case: Case, parts: Sequence[Item], cases: Callable[[Item], Case], facts: Iterable[Fact]
) -> list[Judged]:
    """Return the reports, each judged by its analytes of the panel, newest first."""
    reports = list(facts)
    by_part = {item.code: _of_part(cases(item), item, reports) for item in parts}
    found = []
    for report in outcome.newest_first(outcome.judge(case, one) for one in reports):
        its = {
            code: judged[report.fact.reference]
            for code, judged in by_part.items()
            if report.fact.reference in judged
        }
        found.append(_together(report, its, len(parts)))
    # A newer report that is not final blocks older ones, though it has no analytes yet.
    return outcome.capped(found)


def _of_part(case: Case, item: Item, reports: Sequence[Fact]) -> dict[str, Judged]:
    """Return what is to be said of an analyte, by the report that it stands in."""
    judged: dict[str, Judged] = {}
    whose: dict[str, list[str]] = {}
    for report in reports:
        its = [one for one in report.parts or (report,) if one.item == item.code]
        if its:
            fact = max(its, key=lambda one: (outcome.when(one), one.reference))
            judged.setdefault(fact.reference, outcome.judge(case, fact))
            whose.setdefault(fact.reference, []).append(report.reference)
    return {
        report: one
        for one in outcome.capped(list(judged.values()))
        for report in whose[one.fact.reference]
    }


def _together(report: Judged, its: Mapping[str, Judged], count: int) -> Judged:
    """Return a report with the verdicts of its analytes that may be recognised, else of all."""
    kept = {code: one for code, one in its.items() if one.outcome in USABLE}
    if not its:
        if report.outcome == "not-eligible":
            return report
        return replace(
            report, outcome="reference-only", reason=reason("too-few-parts"), blocks=False
        )
    enough = 2 * len(kept) >= count
    shown = list(kept.values()) if enough else list(its.values())
    worst = max(shown, key=lambda one: outcome.RANK[one.outcome])
    said: Outcome = worst.outcome
    why = worst.reason
    if not enough:
        said, why = _lacking(its, kept)
    until = [one.valid_until for one in shown if one.valid_until is not None]
    return Judged(
        report.fact,
        _rules(shown, told("parts", f"{len(kept)}/{count}")),
        said,
        why,
        blocks=False,
        kept=tuple(kept) if enough else (),
        valid_until=min(until) if until else None,
    )


def _lacking(its: Mapping[str, Judged], kept: Mapping[str, Judged]) -> tuple[Outcome, Reason]:
    if kept:
        return "reference-only", reason("too-few-parts")
    best = outcome.best(outcome.newest_first(its.values()))
    return best.outcome, best.reason


def _rules(shown: Sequence[Judged], parts: str) -> tuple[Verdict, ...]:
    """Return one verdict a rule: the worst of the analytes', with its evidence."""
    found = []
    for index, rule in enumerate(RULES):
        verdicts = [one.rules[index] for one in shown]
        word = min((one.verdict for one in verdicts), key=WORST.__getitem__)
        texts = dict.fromkeys(
            text for one in verdicts if one.verdict == word for text in one.evidence
        )
        evidence = (*texts,)[:EVIDENCE]
        found.append(Verdict(rule, word, (parts, *evidence) if rule == "DATA" else evidence))
    return tuple(found)
