"""NEG: neither the negative list nor a regulation demands a new test (§2.2)."""

from gateway.recognition.decide.model import Case, Fact
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether the item may be recognised at all."""
    del fact
    for item in (case.ordered, case.item):
        if item.negative:
            return Verdict("NEG", "fail", (told("negative", item.negative),))
        if item.retest:
            return Verdict("NEG", "fail", (told("retest", item.retest),))
    return Verdict("NEG", "pass", (told("not-listed"),))
