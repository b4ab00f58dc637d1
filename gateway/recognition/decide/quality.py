"""QC: the laboratory had the quality evidence that the item asks for when the result was made."""

from gateway.recognition.decide.model import Case, Fact
from gateway.recognition.decide.time import iso
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict

NONE = "none"


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether evidence was valid at the result's time and was not recalled since.

    Evidence that ran out between result and order does not matter (§2.9, case 3).
    """
    mark, zone = fact.mark, case.circumstances.zone
    if mark is not None and mark.evidence:
        named = told("evidence", f"{mark.scope} {mark.evidence}")
        if mark.recalled is not None:
            return Verdict("QC", "fail", (named, told("recalled", iso(mark.recalled, zone))))
        if _had_expired(mark.expires, fact):
            return Verdict("QC", "fail", (named, told("evidence-expired")))
        return Verdict("QC", "pass", (named,))
    if case.item.quality == NONE:
        return Verdict("QC", "pass", (told("no-requirement"),))
    lacking = [told("requirement", case.item.quality), told("no-evidence")]
    if mark is not None and mark.claimed:
        lacking.append(told("claimed", mark.claimed))
    return Verdict("QC", "unknown", tuple(lacking))


def _had_expired(expires: int | None, fact: Fact) -> bool:
    return expires is not None and fact.anchor is not None and fact.anchor.start > expires
