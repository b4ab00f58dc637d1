"""`ServiceRequest/$recognize`: the engine in FHIR, of orders sent along or of a stored one.

DESIGN §4, "recognition"; https://hl7.org/fhir/R4/operations.html. POST records what is decided,
GET judges without.
"""

import re
from typing import Any, Final

import msgspec

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.language import Language, language_of
from gateway.api.operations.inputs import parameters
from gateway.api.told import NOT_IDENTIFIED, item_name, reason
from gateway.errors import ForbiddenError, InvalidRequestError
from gateway.fhir.codec import encode
from gateway.fhir.dates import interval
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions import read as interaction
from gateway.interactions.keys import organization_id
from gateway.recognition import asking, model
from gateway.recognition.books import Books
from gateway.recognition.catalogue.model import Code
from gateway.recognition.decide.words import say
from gateway.recognition.elements import Coding, Reference, read
from gateway.recognition.model import Asked, Coverage, Decision, PatientAsked, Request, Verdict
from gateway.recognition.orders import MAX_ORDERS, Held, Reading, ServiceRequest, order
from gateway.store.body import instant
from mappers.names import CATALOGUE_ITEM

Part = dict[str, Any]

VERSIONED: Final = re.compile(r"([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}(/_history/\d+)?", re.ASCII)
DOOR: Final = "fhir"
LOCAL: Final = "Patient/"
BY_NUMBER: Final = "Patient?identifier="
TICKS: Final = 10


class Parameter(msgspec.Struct, frozen=True, rename="camel"):
    """One parameter of the operation."""

    name: str
    resource: msgspec.Raw = msgspec.Raw()
    value_coding: Coding | None = None
    value_date_time: str = ""


class Parameters(msgspec.Struct, frozen=True):
    """https://hl7.org/fhir/R4/parameters.html."""

    parameter: tuple[Parameter, ...] = ()


async def recognize(call: Call) -> Answer:
    """Return what is decided of the orders that are sent along."""
    call.refuse_params()
    _refuse(call)
    body = await parameters(call)
    request = _Asking(call).request(read(body, Parameters, "Parameters").parameter)
    return _told(call, request, await call.service.recognition.check(call.actor, request))


async def recognize_stored(call: Call) -> Answer:
    """Return what is decided of a stored order; a GET records nothing."""
    call.refuse_params()
    _refuse(call)
    stored = await interaction.read(call.door, call.actor, call.type, call.id)
    one = order(stored.json(), "ServiceRequest")
    request = _Asking(call).question([one], ["ServiceRequest"])
    recognition = call.service.recognition
    judge = recognition.check if call.method == "POST" else recognition.look
    return _told(call, request, await judge(call.actor, request))


def _refuse(call: Call) -> None:
    if not call.actor.has("recognition"):
        raise ForbiddenError("The token's scopes do not allow recognition.")


class _Asking:
    """Makes a question of what one call brings."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def _lookup(self, reference: str) -> bytes | None:
        """Return a resource that an order refers to, None if the caller may not see it."""
        type_, _, id_ = reference.partition("/")
        if type_ not in TYPE_IDS:
            return None
        door = self._call.door
        stored = door.store.current(type_, id_)
        if stored is None or stored.deleted:
            return None
        return stored.json() if door.store.may_read(stored, door.viewer(self._call.actor)) else None

    def request(self, parameters: tuple[Parameter, ...]) -> Request:
        """Return the question that Parameters put."""
        orders: list[ServiceRequest] = []
        places: list[str] = []
        kind, at = "", None
        for index, one in enumerate(parameters):
            place = f"Parameters.parameter[{index}]"
            match one.name:
                case "order" if bytes(one.resource):
                    orders.append(_order(one.resource, f"{place}.resource"))
                    places.append(f"{place}.resource")
                case "encounterClass" if one.value_coding is not None and not kind:
                    kind = one.value_coding.code
                case "at" if one.value_date_time and at is None:
                    at = self._moment(one.value_date_time, f"{place}.valueDateTime")
                case _:
                    raise InvalidRequestError(
                        "The parameters are order (resource), encounterClass (valueCoding) and at"
                        " (valueDateTime).",
                        expression=place,
                    )
        if not 0 < len(orders) <= MAX_ORDERS:
            raise InvalidRequestError(
                f"There are 1 to {MAX_ORDERS} orders.", expression="Parameters.parameter"
            )
        return self.question(orders, places, kind, at)

    def _moment(self, text: str, place: str) -> int:
        try:
            return interval(text, self._call.door.zone)[0] // TICKS
        except ValueError as error:
            raise InvalidRequestError("This is no FHIR date.", expression=place) from error

    def question(
        self, orders: list[ServiceRequest], places: list[str], kind: str = "", at: int | None = None
    ) -> Request:
        """Return the question that orders of one patient put."""
        subjects = [one.subject or Reference() for one in orders]
        for subject, place in zip(subjects, places, strict=True):
            if (subject.reference, subject.identifier) != (
                subjects[0].reference,
                subjects[0].identifier,
            ):
                raise InvalidRequestError(
                    "The orders are not of one patient.", expression=f"{place}.subject"
                )
        visit = self._visit(orders[0])
        actor, door = self._call.actor, self._call.door
        reading = Reading(door.zone, door.clock() if at is None else at, self._lookup)
        return Request(
            patient=self._patient(subjects[0]),
            orders=tuple(
                reading.asked(one, place) for one, place in zip(orders, places, strict=True)
            ),
            encounter_class=kind or (visit.kind if visit else ""),
            encounter=visit.key if visit else "",
            at=at,
            doctor=actor.person or _requester(orders[0]),
            door=DOOR,
        )

    def _patient(self, subject: Reference) -> PatientAsked:
        reference = subject.reference.removeprefix(f"{self._call.base}/")
        number = asking.number(reference.removeprefix(BY_NUMBER))
        numbers = [number] if reference.startswith(BY_NUMBER) and number else []
        named = subject.identifier
        if named is not None and named.system and named.value:
            numbers.append(Code(named.system, named.value))
        # What is neither an id of ours nor a number means nobody here.
        id_ = reference.removeprefix(LOCAL) if reference.startswith(LOCAL) else ""
        return asking.asked(None, numbers, id_=id_.partition("/")[0])

    def _visit(self, one: ServiceRequest) -> asking.Encounter | None:
        found = one.encounter or Reference()
        id_ = found.reference.removeprefix(f"{self._call.base}/").removeprefix("Encounter/")
        stored = asking.stored_encounter(self._call.door, self._call.actor, id_) if id_ else None
        if stored is None and found.identifier is not None:
            return asking.Encounter(identifier=(found.identifier,))
        return stored


def _order(body: msgspec.Raw, place: str) -> ServiceRequest:
    if read(body, Held, place).resource_type != "ServiceRequest":
        raise InvalidRequestError("This is no ServiceRequest.", expression=f"{place}.resourceType")
    return order(body, place)


def _requester(one: ServiceRequest) -> str:
    return one.requester.display or one.requester.reference if one.requester else ""


# The answer.


def _told(call: Call, request: Request, answer: model.Answer) -> Answer:
    language = language_of(call)
    parts = (
        [_decision(one, language, call.service.catalogues) for one in answer.decisions]
        if answer.identified
        else [_unchecked(one, language) for one in request.orders]
    )
    whole = {
        "resourceType": "Parameters",
        "parameter": [*parts, _coverage(answer.coverage)],
    }
    return Answer(encode(whole))


def _decision(one: Decision, language: Language, books: Books) -> Part:
    parts: list[Part] = [
        {"name": "id", "valueString": one.id},
        {"name": "outcome", "valueCode": one.outcome},
    ]
    if one.item:
        item = {
            "system": CATALOGUE_ITEM,
            "code": one.item,
            "display": item_name(books, one, language),
        }
        parts.append({"name": "item", "valueCoding": item})
    if one.result is not None:
        result = {"reference": one.result.reference, "display": one.result.title}
        shown = {key: value for key, value in result.items() if value}
        parts.append({"name": "result", "valueReference": shown})
    if one.valid_until is not None:
        parts.append({"name": "validUntil", "valueDateTime": instant(one.valid_until)})
    parts.append({"name": "reason", "valueCoding": reason(one.reason.code, language)})
    parts += [_rule(rule, language) for rule in one.rules]
    parts += [
        {"name": "residual", "valueCoding": {"system": code.system, "code": code.code}}
        for code in one.residual
    ]
    return {"name": "decision", "part": parts}


def _unchecked(one: Asked, language: Language) -> Part:
    """Return what is said of an order whose patient is not known: nothing that could be used."""
    del one
    return {
        "name": "decision",
        "part": [
            {"name": "outcome", "valueCode": "not-eligible"},
            {"name": "reason", "valueCoding": reason(NOT_IDENTIFIED, language)},
            _rule(Verdict("ID", "unknown"), language),
        ],
    }


def _rule(one: Verdict, language: Language) -> Part:
    return {
        "name": "rule",
        "part": [
            {"name": "id", "valueCode": one.id},
            {"name": "verdict", "valueCode": one.verdict},
            *(_evidence(each, language) for each in one.evidence),
        ],
    }


def _evidence(text: str, language: Language) -> Part:
    found = VERSIONED.fullmatch(text)
    if found and found[1] in TYPE_IDS:
        return {"name": "evidence", "valueReference": {"reference": text}}
    return {"name": "evidence", "valueString": say(text, language)}


def _coverage(one: Coverage) -> Part:
    return {
        "name": "coverage",
        "part": [
            *({"name": "included", "valueReference": _campus(code)} for code in one.included),
            *(
                {
                    "name": "silent",
                    "part": [
                        {"name": "campus", "valueReference": _campus(each.code)},
                        {"name": "since", "valueDateTime": instant(each.since)},
                    ],
                }
                for each in one.silent
            ),
        ],
    }


def _campus(code: str) -> dict[str, str]:
    return {"reference": f"Organization/{organization_id(code)}", "display": code}
