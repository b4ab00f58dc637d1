"""QC: the laboratory had the quality evidence that the item asks for when the result was made."""

from typing import Final

from gateway.recognition.catalogue.model import QUALITIES
from gateway.recognition.decide.model import Case, Fact, Mark
from gateway.recognition.decide.time import iso
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict

NONE: Final = "none"


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether evidence was valid at the result's time and was not recalled since.

    Evidence that ran out between result and order does not matter (§2.9, case 3).
    """
    mark, required = fact.mark, case.item.quality
    if mark is not None and mark.evidence:
        named = told("evidence", f"{mark.told or mark.scope} {mark.evidence}")
        if against := _against(mark, fact, case.circumstances.zone):
            return Verdict("QC", "fail", (named, against))
        if _rank(mark.level) >= _rank(required):
            return Verdict("QC", "pass", (named,))
        return Verdict("QC", "unknown", (named, told("requirement", required)))
    if required == NONE:
        return Verdict("QC", "pass", (told("no-requirement"),))
    lacking = [told("requirement", required), told("no-evidence")]
    if mark is not None and mark.claimed:
        lacking.append(told("claimed", mark.claimed))
    return Verdict("QC", "unknown", tuple(lacking))


def _against(mark: Mark, fact: Fact, zone: str) -> str:
    """Return what speaks against the evidence of a mark, "" for nothing."""
    if mark.recalled is not None:
        return told("recalled", iso(mark.recalled, zone))
    expires, anchor = mark.expires, fact.anchor
    if expires is not None and anchor is not None and anchor.start >= expires:
        return told("evidence-expired", iso(expires, zone))
    return ""


def _rank(quality: str) -> int:
    """Return how much a requirement asks for."""
    return QUALITIES.index(quality) if quality in QUALITIES else 0
