"""SCOPE: a mark of the result's laboratory covers the asking campus (§2.1, III; §2.10.3).

All campuses of a consortium lie in one county, so a mark of any scope covers each of them.
"""

from gateway.recognition.catalogue.model import SCOPES
from gateway.recognition.decide.model import Case, Fact, Mark
from gateway.recognition.decide.time import iso
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether a mark covers the campus; unknown is what the consortium's rule lifts."""
    about = case.circumstances
    if fact.campus in about.silent:
        since = iso(about.silent[fact.campus], about.zone)
        return Verdict("SCOPE", "unknown", (told("silent-since", since),))
    if fact.campus == about.campus:
        return Verdict("SCOPE", "pass", (told("own-campus"),))
    if lacking := _lacking(fact.mark, about.zone):
        return Verdict("SCOPE", "unknown", (lacking,))
    return Verdict("SCOPE", "pass", (told("mark", _print(fact.mark)),))


def _print(mark: Mark | None) -> str:
    return (mark.told or mark.scope) if mark is not None else ""


def _lacking(mark: Mark | None, zone: str) -> str:
    """Return why a mark covers nobody, "" if it covers the county."""
    if mark is None or not (mark.scope or mark.claimed):
        return told("no-mark")
    if mark.scope not in SCOPES or not mark.evidence:
        return told("claimed", mark.claimed or mark.scope)
    return told("recalled", iso(mark.recalled, zone)) if mark.recalled is not None else ""
