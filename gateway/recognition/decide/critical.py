"""CRIT: no critical value of the item's analyte group waits for somebody (§2.10.1, §6)."""

from collections.abc import Iterable, Iterator
from typing import Final

from gateway.recognition.catalogue.model import Item
from gateway.recognition.decide.model import Case, Circumstances, Fact, Open
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict
from mappers.names import LOINC

CALM: Final = {"unjudged": "critical-unjudged", "closed": "critical-closed"}
"""What is said of a result for which nobody waits."""


def open_of(circumstances: Circumstances, items: Iterable[Item]) -> tuple[Open, ...]:
    """Return the open critical values of the groups of any of these items."""
    if not circumstances.open:
        return ()
    groups = {group for item in items for group in groups_of(item)}
    return tuple(one for one in circumstances.open if one.group.casefold() in groups)


def groups_of(item: Item) -> Iterator[str]:
    """Yield the analyte groups of an item; one that no table knows goes by its codes."""
    if item.analyte:
        yield item.analyte.casefold()
    yield from (f"{LOINC}|{code}".casefold() for code in item.loinc)
    yield from (f"{code.system}|{code.code}".casefold() for code in item.codes)


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether a Task is open, and what the asking campus's own table says."""
    if waiting := open_of(case.circumstances, (case.ordered, case.item)):
        return Verdict("CRIT", "fail", tuple(_named(waiting)))
    if fact.critical == "critical":
        # Nobody was told at this campus: it may be used, but no machine says that it must.
        return Verdict("CRIT", "unknown", (told("critical", fact.reference),))
    return Verdict("CRIT", "pass", (told(CALM.get(fact.critical, "not-critical")),))


def _named(waiting: Iterable[Open]) -> Iterator[str]:
    for one in waiting:
        yield told("task", f"Task/{one.task}")
        yield from one.results
