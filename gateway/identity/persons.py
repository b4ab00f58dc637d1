"""Person resources: who is joined to whom, by rule or by hand.

https://hl7.org/fhir/R4/person.html. A link of assurance level4 is certain. What a rule joined is
one Person a human, recomputed whenever a Patient changes; a decision by hand is a Person of its
own, which no rule touches: level4 joins two Patients, level1 keeps them apart.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from gateway.fhir.codec import encode
from gateway.identity.matching import CITIZEN_SYSTEMS, NUMBER
from mappers.names import CITIZEN_ID, EXT_LINK_BASIS

NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:hutong")
JOINED: Final = "level4"
APART: Final = "level1"
Basis = Literal["rule", "hand", ""]

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PersonChange:
    """One Person to be written, or deleted (`body` None); `expect` is the version decided on."""

    id: str
    body: bytes | None
    expect: int


@dataclass(frozen=True, slots=True)
class Member:
    """One Patient of a Person."""

    id: str
    resource: Resource


def person_id(anchor: str) -> str:
    """Return the id of the Person of one human, or of one decision."""
    return str(uuid.uuid5(NAMESPACE, f"consortium|Person|{anchor}"))


def decision_id(a: str, b: str) -> str:
    """Return the id of what was decided by hand about two Patients."""
    return person_id("|".join(("hand", *sorted((a, b)))))


def basis(person: Resource) -> Basis:
    """Return what a Person came from, "" if an administrator wrote it through FHIR."""
    for one in person.get("extension", ()):
        if one.get("url") == EXT_LINK_BASIS and one.get("valueCode") in {"rule", "hand"}:
            return one["valueCode"]  # type: ignore[no-any-return]
    return ""


def named(person: Resource) -> list[str]:
    """Return the ids of the Patients that a Person says anything about."""
    return [*linked(person, JOINED), *linked(person, APART)]


def linked(person: Resource, assurance: str = JOINED) -> list[str]:
    """Return the ids of the Patients that a Person links with an assurance."""
    found = []
    for link in person.get("link", ()):
        type_, _, id_ = link.get("target", {}).get("reference", "").partition("/")
        if type_ == "Patient" and link.get("assurance") == assurance:
            found.append(id_)
    return found


def of_rule(members: Iterable[Member]) -> bytes:
    """Return the Person that a rule makes of Patients: what they have in common, all numbers."""
    inside = sorted(members, key=lambda one: one.id)
    first = inside[0].resource
    person: dict[str, Any] = {"resourceType": "Person", "extension": [_basis("rule")]}
    person["identifier"] = _identifiers(one.resource for one in inside)
    for name in ("name", "gender", "birthDate"):
        if name in first:
            person[name] = first[name]
    person["active"] = True
    person["link"] = [_link(one.id, JOINED) for one in inside]
    return encode(person)


def of_hand(a: str, b: str, assurance: str) -> bytes:
    """Return the Person that says what was decided about two Patients."""
    return encode(
        {
            "resourceType": "Person",
            "extension": [_basis("hand")],
            "active": True,
            "link": [_link(id_, assurance) for id_ in sorted((a, b))],
        }
    )


def _basis(code: str) -> dict[str, str]:
    return {"url": EXT_LINK_BASIS, "valueCode": code}


def _link(id_: str, assurance: str) -> dict[str, Any]:
    return {"target": {"reference": f"Patient/{id_}"}, "assurance": assurance}


def _identifiers(patients: Iterable[Resource]) -> list[dict[str, str]]:
    """Return the numbers by which a human is known: citizen ID and patient numbers, each once."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for patient in patients:
        for identifier in patient.get("identifier", ()):
            system, value = identifier.get("system", ""), identifier.get("value", "")
            if system in CITIZEN_SYSTEMS:
                system = CITIZEN_ID
            elif not NUMBER.fullmatch(system):
                continue
            found[system, value] = {"system": system, "value": value}
    return [found[key] for key in sorted(found)]
