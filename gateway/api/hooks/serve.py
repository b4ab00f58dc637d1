"""CDS Hooks by HTTP: discovery, the services, and leave for browsers to call them.

https://cds-hooks.hl7.org/2.0/#discovery, #calling-a-cds-service, #cross-origin-resource-sharing
"""

from typing import Any, Final

from gateway.access.clients import Caller
from gateway.api.answer import Answer, Header
from gateway.api.call import Call
from gateway.api.hooks import whose
from gateway.api.hooks.caller import caller_of
from gateway.api.hooks.cards import Card, Deck, in_order
from gateway.api.hooks.context import Called, Draft, OrderSign, PatientView, called
from gateway.api.hooks.dispatched import with_orders
from gateway.api.hooks.services import SERVICES, Service
from gateway.api.hooks.suggest import suggest
from gateway.api.language import language_of
from gateway.api.problem import JSON
from gateway.errors import NotFoundError
from gateway.fhir.codec import encode
from gateway.recognition.model import Decision, PatientAsked, Request
from gateway.recognition.orders import Reading

# A caller shows its token in a header that no browser sends by itself, so whose page calls makes
# no difference: no cookie opens this door.
CROSS_ORIGIN: Final[list[Header]] = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"www-authenticate, retry-after"),
]
PREFLIGHT: Final[list[Header]] = [
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, accept, accept-language, x-hutong-actor, x-hutong-campus",
    ),
    (b"access-control-max-age", b"86400"),
]
DOOR: Final = "cds-hooks"


async def discover(call: Call) -> Answer:
    """Return the services."""
    del call
    return Answer(DISCOVERY, kind=JSON)


DISCOVERY: Final = encode({"services": [one.described() for one in SERVICES.values()]})


async def preflight(call: Call) -> Answer:
    """Return what a browser may send from the page of another server."""
    del call
    return Answer(status=204, headers=PREFLIGHT)


async def serve(call: Call) -> Answer:
    """Return the cards of a service."""
    caller = await caller_of(call)
    service = service_of(call)
    told = called(await call.resource(), service.hook, service.context)
    cards = await _Serving(call, caller, service).cards(told)
    return Answer(encode({"cards": in_order(cards)}), kind=JSON)


def service_of(call: Call) -> Service:
    """Return the service that is called; NotFoundError."""
    service = SERVICES.get(call.id)
    if service is None:
        raise NotFoundError("There is no such service: GET /cds-services lists them.")
    return service


class _Serving:
    """One call of one service."""

    def __init__(self, call: Call, caller: Caller, service: Service) -> None:
        self._door = call.door
        self._caller = caller
        self._service = service
        self._recognition = call.service.recognition
        self._books = call.service.catalogues
        self._language = language_of(call)
        self._deck = Deck(call.door, call.service.catalogues, call.root, self._language)

    async def cards(self, told: Called) -> list[Card]:
        """Return the cards, never none where somebody or something could not be looked at."""
        known = with_orders(self._door, self._caller.actor, told)
        if known is None:
            return [self._deck.unread()]
        patient = whose.whom(self._door, known, self._caller)
        if patient is None:
            return [self._deck.unknown()]
        if type(known.context) is PatientView:
            return await self._summary(patient)
        return await self._judged(known, patient)

    async def _summary(self, patient: PatientAsked) -> list[Card]:
        found = await self._recognition.summary(self._caller.actor, patient)
        if found is None:
            return [self._deck.unknown()]
        if self._books.now() is None:
            return [self._deck.without_catalogue()]
        return self._deck.summary(found)

    async def _judged(self, told: Called, patient: PatientAsked) -> list[Card]:
        drafts = [draft for draft in told.drafts if draft.order.is_wanted]
        answer = await self._recognition.check(
            self._caller.actor, self._request(told, drafts, patient)
        )
        if not answer.identified:
            return [self._deck.unknown()]
        cards = self._of(answer.decisions, drafts, told)
        if any(one.reason.code == "no-catalogue" for one in answer.decisions):
            cards.append(self._deck.without_catalogue())
        return cards or self._deck.silence(answer.coverage)

    def _request(self, told: Called, drafts: list[Draft], patient: PatientAsked) -> Request:
        reading = Reading(self._door.zone, self._door.clock())
        visit = whose.visit(self._door, told, self._caller)
        actor = self._caller.actor
        return Request(
            patient=patient,
            orders=tuple(
                reading.asked(draft.order, draft.place, ref=draft.ref, subject=draft.patient)
                for draft in drafts
            ),
            encounter_class=visit.kind,
            encounter=visit.key,
            doctor=actor.person or told.context.user_id,
            door=DOOR,
        )

    def _of(self, decisions: tuple[Decision, ...], drafts: list[Draft], told: Called) -> list[Card]:
        """Return one card a decision: two drafts of one item in one visit are one question."""
        of_one: dict[str, list[Draft]] = {}
        for decision, draft in zip(decisions, drafts, strict=True):
            of_one.setdefault(decision.id, []).append(draft)
        made: dict[str, Any] = {}
        for decision in decisions:
            card = None if decision.id in made else self._deck.of_decision(decision)
            if card is not None:
                # Only what is about to be signed may still be taken back.
                if type(told.context) is OrderSign:
                    card = suggest(card, decision, of_one[decision.id], self._language)
                made[decision.id] = card
        return list(made.values())
