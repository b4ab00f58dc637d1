"""Mutual recognition behind the door: how results stand, what is said of orders, the answers.

The engine is gateway/recognition; here it is only asked.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import ForbiddenError, NotFoundError
from gateway.fhir.codec import encode
from gateway.fhir.text import fold
from gateway.interactions.door import Door
from gateway.interactions.read import read
from gateway.interactions.search import search
from gateway.recognition.catalogue.model import Code, Item
from gateway.recognition.catalogue.registry import Catalogues
from gateway.recognition.ledger.answer import StaleDecisionError, answer
from gateway.recognition.ledger.model import Said
from gateway.recognition.ledger.records import entries
from gateway.recognition.ledger.states import order as newest
from gateway.recognition.ledger.states import state
from gateway.recognition.model import Asked, Decision, PatientAsked, Request
from gateway.recognition.orders import Reading, order
from gateway.recognition.service import Recognition
from gateway.web.acts import Checked, Hint, Reply, StaleError, Standing, Standings, Wanted
from gateway.web.display import ecg, study
from gateway.web.display.element import Resource, text
from gateway.web.display.recognition import name_of
from mappers.names import CATALOGUE_ITEM

DOOR: Final = "page"
AMBULATORY: Final = "AMB"
"""What the pages that show results assume of whoever reads them (v3-ActCode), and say."""
MOST: Final = 50
"""Orders that one page asks about."""


class DoorRecognitions:
    """Recognition as the door shows it to each reader."""

    def __init__(self, door: Door, catalogues: Catalogues, recognition: Recognition) -> None:
        self._door = door
        self._catalogues = catalogues
        self._recognition = recognition

    async def standings(
        self, actor: Actor, patient_id: str, results: Sequence[Resource]
    ) -> Standings:
        """Return how results stand: one question for all of them."""
        book = self._catalogues.now()
        if book is None or not actor.has("recognition"):
            return Standings()
        of = {name_of(one): item for one in results if (item := book.of_result(one))}
        items = {item.code: item for item in of.values()}
        request = Request(
            patient=PatientAsked(id=patient_id),
            orders=tuple(asked(one) for one in items.values()),
            encounter_class=AMBULATORY,
            door=DOOR,
        )
        found = await self._recognition.look(actor, request)
        decisions = {one.item: one for one in found.decisions}
        by_name = {
            name: standing(name, decisions[item.code])
            for name, item in of.items()
            if item.code in decisions
        }
        return Standings(found.identified, by_name)

    async def items(self, actor: Actor, text: str) -> tuple[Item, ...]:
        """Return the items of the catalogue that words or a code fit."""
        del actor
        book, wanted = self._catalogues.now(), fold(text)
        if book is None or not wanted:
            return ()
        found = [one for one in book.catalogue.items if _fits(one, wanted)]
        return tuple(found[:MOST])

    async def named(self, actor: Actor, codes: Sequence[str]) -> tuple[Item, ...]:
        """Return the items of these codes."""
        del actor
        book = self._catalogues.now()
        found = (book.item(code) for code in dict.fromkeys(codes)) if book else ()
        return tuple(one for one in found if one)[:MOST]

    async def drafts(self, actor: Actor, patient_id: str) -> tuple[Resource, ...]:
        """Return the drafted orders of the reader's campus for this person."""
        params = [("patient", patient_id), ("status", "draft"), ("_campus", actor.code)]
        params += [("_sort", "-_lastUpdated"), ("_count", str(MOST))]
        found = await search(self._door, actor, "ServiceRequest", params)
        return tuple(stored.resource() for stored in found.matches)

    async def check(
        self, actor: Actor, patient_id: str, wanted: Wanted, *, record: bool
    ) -> Checked:
        """Judge what is to be ordered; what is recorded counts as a reminder."""
        _require(actor)
        orders = [asked(one) for one in await self.named(actor, wanted.items)]
        orders += [await self._drafted(actor, id_) for id_ in wanted.drafts[:MOST]]
        request = Request(
            patient=PatientAsked(id=patient_id),
            orders=tuple(orders),
            encounter_class=wanted.encounter_class,
            doctor=actor.person,
            door=DOOR,
        )
        ask = self._recognition.check if record else self._recognition.look
        found = await ask(actor, request)
        return Checked(found.identified, tuple(self._hint(one) for one in found.decisions))

    async def hint(self, actor: Actor, decision_id: str) -> Hint:
        """Return a recorded decision of the reader's campus; NotFoundError."""
        _require(actor)
        stored = self._recognition.stored(actor, decision_id)
        if stored is None:
            raise NotFoundError("There is no such decision.")
        return self._hint(stored.decision)

    async def answer(self, actor: Actor, decision_id: str, said: Reply) -> None:
        """Record an answer; StaleError where the decision holds no more."""
        given = Said(
            said.outcome,
            reason=said.reason,
            text=said.text,
            person=actor.person,
            key=said.key,
            explained=said.explained,
        )
        try:
            await answer(self._door, self._catalogues, actor, decision_id, given)
        except StaleDecisionError as error:
            raise StaleError(error.why) from error

    async def path_of(self, actor: Actor, reference: str) -> str:
        """Return the address of the page that shows a result."""
        type_, _, id_ = reference.partition("/_history/")[0].partition("/")
        found = (await read(self._door, actor, type_, id_)).resource()
        if type_ == "ImagingStudy":
            return f"/studies/{study.uid_of(found)}"
        if type_ == "Observation":
            params = [("result", f"Observation/{id_}"), ("_count", "1")]
            reports = await search(self._door, actor, "DiagnosticReport", params)
            if not reports.matches:
                raise NotFoundError("The result stands in no report.")
            found = reports.matches[0].resource()
        return f"/{'ecg' if ecg.is_ecg(found) else 'reports'}/{text(found, 'id')}"

    async def _drafted(self, actor: Actor, id_: str) -> Asked:
        stored = await read(self._door, actor, "ServiceRequest", id_)
        reading = Reading(self._door.zone, self._door.clock())
        ref = f"ServiceRequest/{id_}"
        return reading.asked(order(encode(stored.resource()), ref), ref, ref=ref)

    def _hint(self, decision: Decision) -> Hint:
        book = self._catalogues.now()
        item = book.item(decision.item) if book and decision.item else None
        known = sorted(entries(self._door.store, decision.id), key=newest)
        said = [one for one in known if one.kind in {"recognised", "not-recognised", "revoked"}]
        last = said[-1] if said else None
        return Hint(
            decision,
            item.category if item else "",
            item.name_en if item else "",
            state(known),
            last.person if last else "",
            last.said if last else 0,
            last.reason if last else "",
        )


def asked(item: Item) -> Asked:
    """Return the question whether results of an item may stand for a new one."""
    return Asked(ref=item.code, codes=(Code(CATALOGUE_ITEM, item.code),), text=item.name)


def standing(name: str, decision: Decision) -> Standing:
    """Return how the result of this name stands in a decision on its item."""
    chosen = decision.result
    if chosen is not None and chosen.reference.partition("/_history/")[0] == name:
        return Standing(decision, is_chosen=True, mark=chosen.mark, rules=decision.rules)
    for other, rules in decision.others:
        if other.reference.partition("/_history/")[0] == name:
            return Standing(decision, is_chosen=False, mark=other.mark, rules=rules)
    return Standing(decision, is_chosen=False)


def _require(actor: Actor) -> None:
    if not actor.has("recognition"):
        raise ForbiddenError("The token's scopes do not allow recognition.")


def _fits(item: Item, wanted: str) -> bool:
    return any(wanted in one for one in _words(item))


def _words(item: Item) -> Iterator[str]:
    said: Iterable[str] = (item.code, item.name, item.name_en, *item.loinc)
    return (fold(one) for one in said if one)
