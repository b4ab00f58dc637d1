"""The façade: recognition as JSON, for order entries that speak neither FHIR nor CDS Hooks.

DESIGN §4, "façade". The engine, its decisions and their ids are those of the other doors.
"""

from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from gateway.access.audit import event
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.language import language_of
from gateway.api.problem import JSON
from gateway.api.told import Telling
from gateway.errors import ForbiddenError, InvalidRequestError, NotFoundError
from gateway.fhir.codec import encode
from gateway.fhir.dates import interval
from gateway.recognition import asking
from gateway.recognition.catalogue.model import Code
from gateway.recognition.elements import read
from gateway.recognition.ledger import answer as ledger
from gateway.recognition.ledger.model import Entry, Said
from gateway.recognition.ledger.records import entries
from gateway.recognition.ledger.states import state
from gateway.recognition.model import Asked, Decision, PatientAsked, Request
from gateway.recognition.orders import MAX_ORDERS
from gateway.recognition.reasons import REASONS, code_system
from gateway.recognition.service import StoredDecision
from gateway.store.body import instant

DOOR: Final = "facade"
TICKS: Final = 10
MAX_KEY: Final = 200


class Patient(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Who is meant: a number, and what must agree with it."""

    system: str
    value: str
    name: str = ""
    birth_date: str = ""
    gender: str = ""


class Order(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """One item that is about to be ordered."""

    system: str
    code: str
    id: str = ""
    name: str = ""
    specimen: str = ""
    body_site: str = ""
    laterality: str = ""
    technique: str = ""
    occurrence: str = ""
    repeating: bool = False


class Visit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which visit it is, by its number."""

    system: str
    value: str


class Check(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The question."""

    patient: Patient
    orders: tuple[Order, ...]
    encounter_class: str = ""
    encounter: Visit | None = None
    doctor: str = ""
    department: str = ""


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a physician says to a decision. `explained`: printed, shown or spoken to the patient."""

    outcome: str
    actor: str
    reason: str = ""
    text: str = ""
    explained: str = ""


async def check(call: Call) -> Answer:
    """Return what is decided of each item, and record it."""
    call.refuse_params()
    _refuse(call)
    request = _request(read(await call.resource(), Check, ""), call)
    found = await call.service.recognition.check(call.actor, request)
    return _json(_telling(call).answer(found, request.orders))


async def reasons(call: Call) -> Answer:
    """Return the dictionary of reasons not to recognise; asked for in FHIR, as a CodeSystem."""
    call.refuse_params()
    _refuse(call)
    if "fhir+json" in call.header(b"accept"):
        return Answer(encode(code_system()))
    language = language_of(call)
    found = [
        {
            "code": one.code,
            "display": one.named(language),
            "countsAsRefusal": one.counts_as_refusal,
            "requiresText": one.requires_text,
            "appliesTo": list(one.applies_to),
        }
        for one in REASONS.values()
    ]
    return _json({"reasons": found})


async def decision(call: Call) -> Answer:
    """Return a recorded decision with its answers; with `replay=true` decided once more."""
    _refuse(call)
    replayed = _replayed(call)
    stored = _stored(call)
    telling = _telling(call)
    told = _recorded(call, stored, telling)
    seen = [f"Patient/{stored.patient}", told.get("result", {}).get("reference", "")]
    query = f"recognition/decisions/{stored.id}"
    await call.door.recorder.add(event(call.actor, "R", filter(None, seen), query=query))
    if replayed:
        again = await call.service.recognition.replay(call.actor, stored.id)
        same = _trace(again) == _trace(stored.decision)
        told["replay"] = {"same": same, "decision": telling.decision(again)}
    return _json(told)


async def answer(call: Call) -> Answer:
    """Return what was recorded of an answer; ConflictError where the decision holds no more."""
    call.refuse_params()
    _refuse(call)
    given = read(await call.resource(), Answered, "")
    if not given.actor.strip():
        raise InvalidRequestError("Who says so is missing.", expression="actor")
    key = call.header(b"idempotency-key")[:MAX_KEY]
    said = Said(
        given.outcome,
        reason=given.reason,
        text=given.text,
        person=given.actor.strip(),
        key=key,
        explained=given.explained,
    )
    stored = _stored(call)
    done = await ledger.answer(call.door, call.service.catalogues, call.actor, stored.id, said)
    told = {"decision": stored.id, "answer": _entry(done.entry), **_stands(call, stored.id)}
    return _json({**told, "repeated": done.repeated})


# The question.


def _request(asked: Check, call: Call) -> Request:
    if not asked.orders or len(asked.orders) > MAX_ORDERS:
        raise InvalidRequestError(f"There are 1 to {MAX_ORDERS} orders.", expression="orders")
    patient, visit, door = asked.patient, asked.encounter, call.door
    if not (patient.system and patient.value):
        raise InvalidRequestError("System and value name the patient.", expression="patient")
    now = door.clock()
    return Request(
        patient=PatientAsked(
            identifiers=(Code(patient.system, patient.value),),
            name=patient.name,
            birth_date=patient.birth_date,
            gender=patient.gender,
        ),
        orders=tuple(
            _order(one, f"orders[{index}]", door.zone, now)
            for index, one in enumerate(asked.orders)
        ),
        encounter_class=asked.encounter_class,
        encounter=asking.visit(visit.system, visit.value) if visit else "",
        doctor=asked.doctor or call.actor.person,
        department=asked.department,
        door=DOOR,
    )


def _order(one: Order, place: str, zone: ZoneInfo, now: int) -> Asked:
    if not one.code:
        raise InvalidRequestError("This is empty.", expression=f"{place}.code")
    return Asked(
        ref=one.id,
        codes=(Code(one.system, one.code),),
        text=one.name,
        specimen=one.specimen,
        body_site=one.body_site,
        laterality=one.laterality,
        technique=one.technique,
        occurrence=_moment(one.occurrence, f"{place}.occurrence", zone, now),
        repeating=one.repeating,
    )


def _moment(text: str, place: str, zone: ZoneInfo, now: int) -> int | None:
    """Return the last moment of a time (µs), None for none and for now."""
    if not text:
        return None
    try:
        low, high = interval(text, zone)
    except ValueError as error:
        raise InvalidRequestError("This is no FHIR date.", expression=place) from error
    return None if low <= now * TICKS < high else (high - 1) // TICKS


# The answer.


def _telling(call: Call) -> Telling:
    return Telling(call.door, call.service.catalogues, language_of(call))


def _refuse(call: Call) -> None:
    if not call.actor.has("recognition"):
        raise ForbiddenError("The token's scopes do not allow recognition.")


def _replayed(call: Call) -> bool:
    for name, value in call.params:
        if name != "replay" or value not in {"true", "false"}:
            raise InvalidRequestError("The parameter is replay=true.", expression=name[:32])
    return ("replay", "true") in call.params


def _stored(call: Call) -> StoredDecision:
    stored = call.service.recognition.stored(call.actor, call.id)
    if stored is None:
        raise NotFoundError("There is no such decision.", expression="id")
    return stored


def _recorded(call: Call, stored: StoredDecision, telling: Telling) -> dict[str, Any]:
    asked = stored.request
    found = {
        **telling.decision(stored.decision),
        "at": instant(stored.at),
        "reminder": stored.reminder,
        "encounterClass": asked.encounter_class,
        "doctor": asked.doctor,
        "department": asked.department,
        "door": asked.door,
    }
    shown = {key: value for key, value in found.items() if value != ""}
    return {**shown, **_stands(call, stored.id)}


def _stands(call: Call, id_: str) -> dict[str, Any]:
    """Return what was answered so far, and where that leaves the decision."""
    known = entries(call.door.store, id_)
    now = state(known)
    return {
        "state": {"viewed": now.viewed, "choice": now.choice, "quoted": now.quoted},
        "answers": [_entry(one) for one in known],
    }


def _entry(one: Entry) -> dict[str, str]:
    found = {
        "outcome": one.kind,
        "at": instant(one.said),
        "recorded": instant(one.at),
        "actor": one.person,
        "reason": one.reason,
        "text": one.text,
    }
    return {key: value for key, value in found.items() if value}


def _trace(one: Decision) -> tuple[Any, ...]:
    return one.outcome, one.reason.code, one.result, one.rules, one.residual, one.valid_until


def _json(body: dict[str, Any]) -> Answer:
    return Answer(encode(body), kind=JSON)
