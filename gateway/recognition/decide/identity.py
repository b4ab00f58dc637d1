"""ID: the result is certainly this patient's (§2.7; only certain links, by hand included)."""

from typing import Final

from gateway.recognition.decide.model import Case, Circumstances, Fact
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict, Word

NOBODYS: Final = frozenset({"training", "debugging", "unverified-source"})
"""Tags of rehearsals, and of senders that nobody vouches for."""


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether the result's Patient is one asked about, or certainly joined to one."""
    if not NOBODYS.isdisjoint(fact.tags):
        return Verdict("ID", "fail", (told("unverified-source"),))
    found = [_judge(case.circumstances, one) for one in (fact.patient, *fact.beside)]
    against = tuple(text for word, text in found if word == "fail")
    if against:
        return Verdict("ID", "fail", against)
    return Verdict("ID", "pass", tuple(text for _, text in found))


def _judge(about: Circumstances, patient: str) -> tuple[Word, str]:
    name = f"Patient/{patient}"
    if patient not in about.people:
        return "fail", name
    # Somebody's own results are his, whatever contradicts a link.
    if about.own != (patient,) and not {patient, *about.own}.isdisjoint(about.suspended):
        return "fail", told("link-suspended", name)
    return "pass", told("patient" if patient in about.own else "linked", name)
