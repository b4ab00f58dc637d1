"""From facts to a decision: the same facts and the same catalogue always give the same one."""

import uuid
from hashlib import sha256
from typing import Final

from gateway.recognition.books import Book
from gateway.recognition.catalogue.model import Code, Item
from gateway.recognition.decide import critical, outcome, panel, time
from gateway.recognition.decide.model import Case, Circumstances, Fact, Facts, Judged, Mark, Open
from gateway.recognition.decide.words import reason, told
from gateway.recognition.model import USABLE, Asked, Decision, Outcome, Result, Verdict
from mappers.names import CATALOGUE_ITEM, LOINC, item_system

NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:hutong")
LONG: Final = 36_525 * 24 * 3_600_000_000
"""A century: nobody orders for later, and the calendar ends somewhere."""
OTHERS: Final = 8
"""How many further results a decision shows."""


def decide(facts: Facts, book: Book | None) -> Decision:
    """Return what is to be said of one ordered item."""
    item = book.item(facts.item) if book is not None and facts.item else None
    if book is None or item is None:
        return _without(facts, "no-catalogue" if book is None else "not-in-catalogue", None)
    parts = book.parts(item)
    case = case_of(facts, item, item)
    if parts:
        judged = panel.judge(case, parts, lambda part: case_of(facts, part, item), facts.found)
    else:
        judged = outcome.capped([outcome.judge(case, fact) for fact in facts.found])
    waiting = critical.open_of(facts.circumstances, (item, *parts))
    if not judged:
        return _of_none(facts, item, waiting)
    if waiting:
        names = (name for one in waiting for name in one.results)
        chosen = outcome.waits(judged, names, repeating=facts.asked.repeating)
    else:
        chosen = outcome.best(judged, len(parts))
        chosen = outcome.lowered(chosen, repeating=facts.asked.repeating)
    left = [part for part in parts if part.code not in chosen.kept]
    partial = chosen.outcome in USABLE and left
    return _decision(facts, item, chosen, judged, left if partial else [])


def case_of(facts: Facts, item: Item, ordered: Item) -> Case:
    """Return by what the results of an item are judged, for itself or as a part of a panel."""
    about, asked = facts.circumstances, facts.asked
    moment = moment_of(facts)
    states = time.states(about.encounter_class, about.birth_date, moment, about.zone)
    windows = {time.window(one.windows, states) for one in (item, ordered)} - {None}
    return Case(
        circumstances=about,
        asked=asked,
        item=item,
        ordered=ordered,
        moment=moment,
        window=min((one for one in windows if one is not None), default=None),
        states=states,
    )


def moment_of(facts: Facts) -> int:
    """Return when the order is to be carried out: now, or later if it says so (§2.10.5)."""
    now, planned = facts.circumstances.now, facts.asked.occurrence
    return now if planned is None else max(now, min(planned, now + LONG))


def _of_none(facts: Facts, item: Item, waiting: tuple[Open, ...]) -> Decision:
    """Return what is said where there is no result of the item at all, or none to be seen."""
    if waiting:
        rules = (
            Verdict("CRIT", "fail", tuple(told("task", f"Task/{one.task}") for one in waiting)),
        )
        return _without(facts, "critical-open", item, "context-critical", rules)
    if item.negative or item.retest:
        return _without(facts, "negative-list" if item.negative else "regulatory-retest", item)
    return _without(facts, "no-result", item)


def _without(
    facts: Facts,
    why: str,
    item: Item | None,
    said: Outcome = "not-eligible",
    rules: tuple[Verdict, ...] = (),
) -> Decision:
    return Decision(
        id=decision_id(facts, None, said, why),
        asked=facts.asked,
        outcome=said,
        reason=reason(why),
        item=item.code if item else "",
        item_name=item.name if item else "",
        rules=rules,
        price=item.prices.get(facts.circumstances.code) if item else None,
        catalogue=facts.catalogue,
    )


def _decision(
    facts: Facts, item: Item, chosen: Judged, judged: list[Judged], left: list[Item]
) -> Decision:
    about, result = facts.circumstances, result_of(chosen.fact)
    others = [one for one in judged if one.fact.reference != chosen.fact.reference]
    return Decision(
        id=decision_id(facts, result, chosen.outcome, chosen.reason.code),
        asked=facts.asked,
        outcome=chosen.outcome,
        reason=chosen.reason,
        item=item.code,
        item_name=item.name,
        result=result,
        valid_until=chosen.valid_until,
        rules=chosen.rules,
        residual=tuple(orderable(part, about.code) for part in left),
        residual_names=tuple(part.name for part in left),
        own=result.campus == about.campus,
        price=item.prices.get(about.code),
        others=tuple((result_of(one.fact), one.rules) for one in others[:OTHERS]),
        catalogue=facts.catalogue,
        otherwise=chosen.otherwise,
    )


def orderable(item: Item, campus: str) -> Code:
    """Return the code by which a campus orders an item: its own, else LOINC."""
    system = item_system(campus)
    own = next((code for code in item.codes if code.system == system), None)
    if own is not None:
        return own
    return Code(LOINC, item.loinc[0]) if item.loinc else Code(CATALOGUE_ITEM, item.code)


def result_of(fact: Fact) -> Result:
    """Return a prior result as it is shown."""
    measured = fact.parts or ((fact,) if fact.value else ())
    return Result(
        reference=fact.reference,
        campus=fact.campus,
        code=fact.code,
        title=fact.title,
        anchor=fact.anchor.start if fact.anchor else None,
        anchor_kind=fact.anchor.kind if fact.anchor else "",
        mark=marked(fact.mark),
        values=tuple((one.title, one.value, one.unit) for one in measured if one.value),
    )


def marked(mark: Mark | None) -> str:
    """Return the mark that a result bears: proven, and not recalled."""
    proven = mark is not None and mark.evidence and mark.recalled is None
    return (mark.told or mark.scope) if mark is not None and proven else ""


def people_hash(people: tuple[str, ...]) -> str:
    """Return what stands for a link set."""
    return sha256("|".join(people).encode()).hexdigest()[:32]


def reminder_id(facts: Facts, result: str) -> str:
    """Return what makes two reminders one: whatever is decided of the result (§2.10.10)."""
    return str(uuid.uuid5(NAMESPACE, "|".join(("reminder", *_about(facts, result)))))


def decision_id(facts: Facts, result: Result | None, said: str, why: str) -> str:
    """Return the decision's id, the same from every door and process."""
    named = _about(facts, result.reference if result else "")
    return str(uuid.uuid5(NAMESPACE, "|".join(("decision", *named, said, why))))


def _about(facts: Facts, result: str) -> tuple[str, ...]:
    about: Circumstances = facts.circumstances
    ordered = facts.item or _unknown(facts.asked)
    return about.code, people_hash(about.people), ordered, result, about.placed


def _unknown(asked: Asked) -> str:
    """Return what tells an order apart that is in no catalogue."""
    return ",".join(f"{one.system}#{one.code}" for one in asked.codes) or asked.text
