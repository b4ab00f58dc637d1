"""COMP: unit, specimen, side and technique are those of the item (§2.6; §2.9, cases 4 and 5)."""

from collections.abc import Iterator
from typing import Final

from gateway.recognition.catalogue.specimens import SPECIMENS
from gateway.recognition.decide.model import AGAINST, Case, Fact
from gateway.recognition.decide.units import kind
from gateway.recognition.decide.words import told
from gateway.recognition.model import Verdict, Word
from mappers.values import qualitative

Finding = tuple[Word, str]
LAB: Final = "lab"
UNPRINTED: Final = frozenset({"1", "[pH]"})
"""Units that nobody prints."""


def judge(case: Case, fact: Fact) -> Verdict:
    """Return whether the result can stand for one that would be made now."""
    found = [*_specimen(case, fact), *_unit(case, fact), *_exam(case, fact), *_method(case, fact)]
    for word in AGAINST:
        against = tuple(text for its, text in found if its == word)
        if against:
            return Verdict("COMP", word, against)
    texts = tuple(text for _, text in found)
    return Verdict("COMP", "pass", texts or (told("same-item", case.item.code),))


def is_other(case: Case, fact: Fact) -> bool:
    """Return whether it is of another specimen or side, so that it says nothing of the item."""
    return any(word == "fail" for word, _ in (*_specimen(case, fact), *_exam(case, fact)))


def _specimen(case: Case, fact: Fact) -> Iterator[Finding]:
    if case.item.category != LAB:
        return
    wanted = frozenset(case.item.specimens)
    asked = _meant(case.asked.specimen)
    stated = frozenset(fact.specimen)
    if stated:
        differs = (wanted and wanted.isdisjoint(stated)) or (asked and asked.isdisjoint(stated))
        names = "/".join(sorted(stated))
        if differs:
            yield "fail", told("specimen-differs", names)
        else:
            yield "pass", told("specimen", names)
    elif fact.loinc and not (asked and wanted and asked.isdisjoint(wanted)):
        # §2.10.2: a specimen that the LOINC code fixes counts as stated.
        yield "pass", told("specimen-by-code")
    elif wanted or asked:
        yield "unknown", told("specimen-missing")


def _meant(named: str) -> frozenset[str]:
    name = named.strip().upper()
    return SPECIMENS.get(name, frozenset({name})) if name else frozenset()


def _unit(case: Case, fact: Fact) -> Iterator[Finding]:
    wanted = case.item.unit
    if not wanted or (fact.value and not fact.numeric and qualitative(fact.value)):
        return
    if not fact.numeric:
        if fact.value:
            yield "unknown", told("unit-missing")
        return
    if not fact.unit:
        yield ("pass" if wanted in UNPRINTED else "unknown"), told("unit-missing")
        return
    ours, theirs = kind(wanted), kind(fact.unit)
    if fact.unit == wanted or (ours is not None and ours == theirs):
        yield "pass", told("unit", fact.unit)
    elif ours is None or theirs is None:
        yield "unknown", told("unit", fact.unit)
    else:
        yield "fail", told("unit-differs", f"{fact.unit}, {wanted}")


def _exam(_case: Case, fact: Fact) -> Iterator[Finding]:
    """Compare what a report says of side and technique with what its images say."""
    if fact.images_of:
        yield "fail", told("images-of", fact.images_of)


def _method(case: Case, fact: Fact) -> Iterator[Finding]:
    """Compare the group of methods or instruments that the catalogue says are of one kind."""
    group = case.item.comparable.casefold()
    if not group:
        return
    stated = [one for one in (fact.method, fact.instrument) if one]
    if not stated:
        yield "unknown", told("method-missing", case.item.comparable)
    elif any(group in one.casefold() for one in stated):
        yield "pass", told("method", stated[0])
    else:
        yield "fail", told("method-differs", f"{stated[0]}, {case.item.comparable}")
