"""STATUS: report and result are final and stand."""

from typing import Final

from gateway.recognition.decide.model import AGAINST, Case, Fact
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict, Word

FINAL: Final = frozenset({"final", "amended", "corrected", "appended", "available"})
"""Also of a study of images (https://hl7.org/fhir/R4/valueset-imagingstudy-status.html)."""
UNREAD: Final = frozenset({"registered", "partial", "preliminary"})
WITHDRAWN: Final = frozenset({"cancelled", "entered-in-error"})
SEEN: Final = frozenset({"imaging", "ecg"})
"""Categories whose images or waveforms are what is recognised, whoever read them."""
UNVERIFIED: Final = "unverified"


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether the result is final, and each report that it is in."""
    if is_unread(case, fact):
        return Verdict("STATUS", "pass", (told("no-conclusion", fact.status or "none"),))
    said = [(told("status", fact.status or "none"), _word(fact.status))]
    said += [
        (told("report-status", f"{status} {reference}"), _word(status))
        for reference, status in fact.reports
    ]
    if UNVERIFIED in fact.tags:
        said.append((told("unverified-result"), "unknown"))
    for word in AGAINST:
        against = tuple(text for text, its in said if its == word)
        if against:
            return Verdict("STATUS", word, against)
    return Verdict("STATUS", "pass", tuple(text for text, _ in said))


def is_unread(case: Case, fact: Fact) -> bool:
    """Return whether there are images or waveforms that nobody has finally reported on.

    The conclusion is no part of what is recognised (§2.1): what there is to see may be used again,
    to be read anew.
    """
    return (
        case.item.category in SEEN
        and fact.instances > 0
        and (fact.status in UNREAD or (fact.status == "available" and not fact.reports))
    )


def _word(status: str) -> Word:
    if status in FINAL:
        return "pass"
    return "fail" if status in UNREAD | WITHDRAWN else "unknown"
