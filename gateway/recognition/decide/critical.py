"""CRIT: no critical value of the item's analyte group waits for somebody (§2.10.1, §6)."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.recognition.catalogue.model import Item
from gateway.recognition.decide.model import Case, Circumstances, Fact, Open
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict
from gateway.workflow.critical.judge import key
from mappers.names import LOINC

GAPS: Final = re.compile(r"[\s_-]+")
CALM: Final = {"unjudged": "critical-unjudged", "closed": "critical-closed"}
"""What is said of a result for which nobody waits."""


def open_of(circumstances: Circumstances, items: Iterable[Item]) -> tuple[Open, ...]:
    """Return the open critical values of the groups of any of these items."""
    return among(circumstances.open, items)


def among(waiting: Iterable[Open], items: Iterable[Item]) -> tuple[Open, ...]:
    """Return those critical values that are of any of these items."""
    every = tuple(waiting)
    if not every:
        return ()
    groups = {group for item in items for group in _groups_of(item)}
    return tuple(
        one for one in every if not groups.isdisjoint(map(_plain, (one.group, *one.codes)))
    )


def _groups_of(item: Item) -> Iterator[str]:
    """Yield the analyte groups of an item; one that no table knows goes by its codes or name.

    A table may have another group for the item, or none: then its results' codes tell.
    """
    if item.analyte:
        yield _plain(item.analyte)
    yield from (_plain(f"{LOINC}|{code}") for code in item.loinc)
    yield from (_plain(f"{code.system}|{code.code}") for code in item.codes)
    yield from (_plain(f"text|{key(name)}") for name in (item.name, item.name_en) if name)


def _plain(group: str) -> str:
    """Return a group's name as it is compared: prothrombin-time is Prothrombin time."""
    return GAPS.sub("-", group.casefold())


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
