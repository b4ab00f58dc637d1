"""Whom a call is about, and in which visit: by identifiers, never by trying.

https://cds-hooks.hl7.org/2.0/#prefetch-template: a key that is missing is 412, null or an
OperationOutcome in its place says that the client has nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec.structs import replace

from gateway.access.clients import Caller
from gateway.api.hooks.context import Called, Draft, tail
from gateway.errors import InvalidRequestError, PreconditionError
from gateway.identity.matching import CITIZEN_SYSTEMS, NUMBER
from gateway.interactions.door import Door
from gateway.recognition import asking
from gateway.recognition.asking import Encounter, Patient
from gateway.recognition.catalogue.model import Code
from gateway.recognition.elements import Identifier, Reference, read
from gateway.recognition.identify import IDENTIFIER
from gateway.recognition.model import PatientAsked
from gateway.recognition.orders import Held

OUTCOME: Final = "OperationOutcome"
NULL: Final = b"null"


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of the encounter: its class, and what every door calls it."""

    kind: str = ""
    key: str = ""


class Missing:
    """What a prefetch key holds where the client says that it has nothing."""


def prefetched(called: Called, key: str) -> msgspec.Raw | Missing | None:
    """Return what a prefetch key holds, None where the client did not send the key."""
    body = called.hook.prefetch.get(key)
    if body is None:
        return None
    if bytes(body).strip() == NULL:
        return Missing()
    kind = read(body, Held, f"prefetch.{key}").resource_type
    return Missing() if kind == OUTCOME else body


def whom(door: Door, called: Called, caller: Caller) -> PatientAsked | None:
    """Return who is meant, None where that is nobody in particular; PreconditionError."""
    told = called.context.patient_id.removeprefix("Patient/")
    number = asking.number(told)
    found = prefetched(called, "patient")
    if found is None and number is None and not caller.own_ids:
        raise PreconditionError(
            "The patient is found by the identifiers of this Patient.",
            expression="prefetch.patient",
        )
    if isinstance(found, Missing):
        return None
    one = _patient(door, found) if found is not None else Patient()
    if one.id and number is None and one.id != told:
        # The client shows one patient and sends another: whom it means is in doubt.
        return None
    further = _of_orders(called.drafts, {f"Patient/{told}", f"Patient/{one.id}"}, called)
    if further is None:
        return None
    own = told if caller.own_ids and number is None else ""
    asked = asking.asked(one, [*([number] if number else ()), *further], id_=own)
    return asked if asked.identifiers or asked.id else None


def _patient(door: Door, body: msgspec.Raw) -> Patient:
    """Return the Patient of the client's own record, with the numbers that mean something here."""
    one = asking.patient(body, "prefetch.patient")
    if one.resource_type != "Patient":
        raise InvalidRequestError("This is no Patient.", expression="prefetch.patient.resourceType")
    return replace(one, identifier=tuple(each for each in one.identifier if _means(door, each)))


def _means(door: Door, number: Identifier) -> bool:
    """Return whether a number of a record may tell who it is.

    A whole record holds numbers that only its own system knows; such a one says nothing. One of a
    system that all campuses use must lead to the patient, like one that somebody here carries.
    """
    if number.system in CITIZEN_SYSTEMS or NUMBER.fullmatch(number.system):
        return True
    return bool(door.store.fetch("carrying", (IDENTIFIER, number.value, number.system, 1)))


def _of_orders(drafts: Iterable[Draft], names: Iterable[str], called: Called) -> list[Code] | None:
    """Return the numbers by which orders name their patient, None if one names another or none."""
    numbers: list[Code] = []
    for draft in drafts:
        if draft.patient:
            # An order of our store: the engine compares its Patient.
            continue
        subject = draft.order.subject or Reference()
        number = _number(subject)
        if number is not None:
            numbers.append(number)
        elif _local(subject.reference, called.hook.fhir_server) not in names:
            return None
    return numbers


def _number(subject: Reference) -> Code | None:
    """Return the number that a subject is named by, None where it is named by an id."""
    if subject.reference.startswith("Patient?identifier="):
        return asking.number(subject.reference.partition("=")[2])
    named = subject.identifier
    if not subject.reference and named is not None and named.system and named.value:
        return Code(named.system, named.value)
    return None


def _local(reference: str, server: str) -> str:
    """Return a reference within the client's own server, "" for one to another."""
    if "://" not in reference:
        return reference.partition("/_history/")[0]
    is_own = server and reference.startswith(f"{server.rstrip('/')}/")
    return tail(reference) if is_own else ""


def visit(door: Door, called: Called, caller: Caller) -> Visit:
    """Return what is known of the encounter; PreconditionError where it was not sent."""
    told = called.context.encounter_id.removeprefix("Encounter/")
    found = prefetched(called, "encounter")
    if isinstance(found, Missing):
        return Visit()
    if found is not None:
        return _seen(asking.encounter(found, "prefetch.encounter"), told)
    if not told:
        return Visit()
    stored = _stored(door, caller, told)
    if stored is None:
        # Its class decides how long results are valid: without it a wrong window might serve.
        raise PreconditionError(
            "Results are judged by the class of this Encounter.", expression="prefetch.encounter"
        )
    return _seen(stored, told)


def _seen(one: Encounter, told: str) -> Visit:
    """Return what an Encounter tells; the context may name its number too."""
    number = asking.number(told)
    return Visit(one.kind, one.key or (asking.visit(number.system, number.code) if number else ""))


def _stored(door: Door, caller: Caller, told: str) -> Encounter | None:
    """Return an encounter of the caller's campus, by visit number or by an id that is ours."""
    number = asking.number(told)
    id_ = told if caller.own_ids else ""
    if number is not None:
        id_ = door.store.by_key(caller.actor.campus, "Encounter", number.system, number.code) or ""
    return asking.stored_encounter(door, caller.actor, id_) if id_ else None
