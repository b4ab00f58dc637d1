"""ID: the result is certainly this patient's (§2.7; only certain links, by hand included)."""

from typing import Final

from gateway.recognition.decide.model import Case, Fact
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict

NOBODYS: Final = frozenset({"training", "debugging", "unverified-source"})
"""Tags of rehearsals, and of senders that nobody vouches for."""


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether the result's Patient is one asked about, or certainly joined to one."""
    about = case.circumstances
    name = f"Patient/{fact.patient}"
    if not NOBODYS.isdisjoint(fact.tags):
        return Verdict("ID", "fail", (told("unverified-source"),))
    if fact.patient in about.own:
        return Verdict("ID", "pass", (told("patient", name),))
    if fact.patient not in about.people:
        return Verdict("ID", "fail", (name,))
    if fact.patient in about.suspended or not set(about.own).isdisjoint(about.suspended):
        return Verdict("ID", "fail", (told("link-suspended", name),))
    return Verdict("ID", "pass", (told("linked", name),))
