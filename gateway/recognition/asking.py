"""Whom and which visit a caller means: Patients and Encounters as the engine is asked.

https://hl7.org/fhir/R4/patient.html, https://hl7.org/fhir/R4/encounter.html
"""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from gateway.access.actor import Actor
from gateway.interactions.door import Door
from gateway.recognition.catalogue.model import Code
from gateway.recognition.elements import Coding, Identifier, read
from gateway.recognition.model import PatientAsked

OWN_VISIT: Final = re.compile(r"urn:hutong:.+:visit")
"""Systems of the visit numbers that every door can name alike."""


class HumanName(msgspec.Struct, frozen=True):
    """https://hl7.org/fhir/R4/datatypes.html#HumanName."""

    use: str = ""
    text: str = ""
    family: str = ""
    given: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """The name as one text: Chinese names without a space."""
        if self.text:
            return self.text
        gap = " " if f"{self.family}{''.join(self.given)}".isascii() else ""
        return gap.join(part for part in (self.family, *self.given) if part)


class Patient(msgspec.Struct, frozen=True, rename="camel"):
    """The elements of a Patient that say who it is."""

    resource_type: str = ""
    id: str = ""
    identifier: tuple[Identifier, ...] = ()
    name: tuple[HumanName, ...] = ()
    gender: str = ""
    birth_date: str = ""


class Encounter(msgspec.Struct, frozen=True, rename={"class_": "class"}):
    """The elements of an Encounter that say what kind of visit it is, and which."""

    class_: Coding | None = None
    identifier: tuple[Identifier, ...] = ()

    @property
    def kind(self) -> str:
        """The code of v3-ActCode, "" where the class is not told."""
        return self.class_.code if self.class_ else ""

    @property
    def key(self) -> str:
        """The visit number, the same through every door; "" where there is none that all know."""
        return next((key for one in self.identifier if (key := visit(one.system, one.value))), "")


def visit(system: str, value: str) -> str:
    """Return what tells one visit from the next, "" for a number that other doors do not know."""
    return f"{system}|{value}" if value and OWN_VISIT.fullmatch(system) else ""


def patient(body: bytes | msgspec.Raw, place: str) -> Patient:
    """Return a Patient; InvalidRequestError names what in it is of the wrong kind."""
    return read(body, Patient, place)


def encounter(body: bytes | msgspec.Raw, place: str) -> Encounter:
    """Return an Encounter; InvalidRequestError names what in it is of the wrong kind."""
    return read(body, Encounter, place)


def stored_encounter(door: Door, actor: Actor, id_: str) -> Encounter | None:
    """Return an encounter that the caller may read, None if there is none to see."""
    stored = door.store.current("Encounter", id_)
    if stored is None or stored.deleted or not door.store.may_read(stored, door.viewer(actor)):
        return None
    return encounter(stored.json(), "Encounter")


def asked(one: Patient | None, further: Iterable[Code] = (), *, id_: str = "") -> PatientAsked:
    """Return who is meant: by all numbers that are given, and by one of our ids if it is one."""
    one = one or Patient()
    names = [name for name in one.name if name.use != "old" and name.whole]
    official = next((name for name in names if name.use == "official"), None)
    chosen = official or (names[0] if names else None)
    numbers = [
        Code(each.system, each.value)
        for each in one.identifier
        if each.system and each.value and each.use != "old"
    ]
    return PatientAsked(
        identifiers=tuple(dict.fromkeys([*numbers, *further])),
        id=id_,
        name=chosen.whole if chosen else "",
        birth_date=one.birth_date,
        gender=one.gender,
    )


def number(text: str) -> Code | None:
    """Return the number that `system|value` is, None if it is not written so."""
    system, bar, value = text.partition("|")
    return Code(system, value) if bar and system and value else None
