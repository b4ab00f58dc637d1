"""Who is meant: one Patient of the asking campus, and whoever is certainly joined to it (§2.10.4).

A number never decides who: all that is given must lead to one link set, and what is given of name,
birth date and sex must agree with it. Nobody is ever tried out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.access.actor import Actor
from gateway.fhir.searchparams import search_params
from gateway.identity import citizen
from gateway.identity.matching import APART, CITIZEN_SYSTEMS, NUMBER
from gateway.identity.names import normal
from gateway.interactions.door import Door
from gateway.recognition.catalogue.model import Code
from gateway.recognition.model import PatientAsked
from gateway.store.stored import Stored
from mappers.names import TAG

LIMIT: Final = 50
"""How many Patients one number may lead to; more than that mean nobody."""
UNKNOWN: Final = frozenset({"", "unknown"})
IDENTIFIER: Final = search_params("Patient")["identifier"].stores[0]


@dataclass(frozen=True, slots=True)
class Identified:
    """A link set: the asking campus's Patients in it, and everybody, each sorted by id."""

    own: tuple[str, ...]
    people: tuple[str, ...]
    birth_date: str


def identify(door: Door, actor: Actor, asked: PatientAsked) -> Identified | None:
    """Return who is meant, None unless that is certain."""
    found = _led_to(door, actor, asked)
    if not found:
        return None
    people, _ = door.store.link_set([min(found)])
    if not found <= people:
        return None
    known = {id_: one for id_ in sorted(people) if (one := _seen(door, actor, id_))}
    resources = {id_: one.resource() for id_, one in known.items()}
    known = {id_: one for id_, one in known.items() if not _is_apart(resources[id_])}
    if not found <= known.keys():
        return None
    own = [id_ for id_, one in known.items() if one.campus == actor.campus]
    used = [resources[id_] for id_ in own if resources[id_].get("active") is not False]
    if not used or not all(_agrees(asked, one) for one in used):
        return None
    return Identified(tuple(own), tuple(known), _birth_date(used))


def _led_to(door: Door, actor: Actor, asked: PatientAsked) -> set[str]:
    """Return the Patients that id and numbers lead to; none if any of them leads nowhere."""
    found: set[str] = {asked.id} if asked.id else set()
    for identifier in asked.identifiers:
        led = {id_ for id_ in _carrying(door, actor, identifier) if _seen(door, actor, id_)}
        if not led or len(led) >= LIMIT:
            return set()
        found |= led
    return found


def _carrying(door: Door, actor: Actor, identifier: Code) -> list[str]:
    """Return the Patients that an identifier names."""
    system, value = identifier.system, identifier.code
    if system in CITIZEN_SYSTEMS:
        read = citizen.read(value)
        values = {value, value.upper(), read.number if read else value}
        pairs = ((one, each) for one in CITIZEN_SYSTEMS for each in sorted(values))
        return [id_ for pair in pairs for id_ in _with(door, *pair)]
    if number := NUMBER.fullmatch(system):
        # A campus numbers its own patients; who else writes that number down means the same one.
        campus = door.directory.campus(number["code"])
        id_ = door.store.by_key(campus.id, "Patient", system, value) if campus else None
        return [id_] if id_ else []
    # What a number of another system means, each campus decides for itself.
    own = ((id_, door.store.current("Patient", id_)) for id_ in _with(door, system, value))
    return [id_ for id_, stored in own if stored and stored.campus == actor.campus]


def _with(door: Door, system: str, value: str) -> list[str]:
    rows = door.store.fetch("carrying", (IDENTIFIER, value, system, LIMIT))
    return [id_ for (id_,) in rows]


def _seen(door: Door, actor: Actor, id_: str) -> Stored | None:
    stored = door.store.current("Patient", id_)
    if stored is None or stored.deleted or not door.store.may_read(stored, door.viewer(actor)):
        return None
    return stored


def _is_apart(patient: Mapping[str, Any]) -> bool:
    tags = patient.get("meta", {}).get("tag", ())
    return any(one.get("system") == TAG and one.get("code") in APART for one in tags)


def _agrees(asked: PatientAsked, patient: Mapping[str, Any]) -> bool:
    """Return whether what is given of a person is what a Patient says, as far as it says any."""
    born, sex, given = patient.get("birthDate", ""), patient.get("gender", ""), asked.birth_date
    names = {name for one in patient.get("name", ()) for name in _forms(one)}
    return (
        (not asked.name or not names or normal(asked.name).casefold() in names)
        and (not given or not born or given.startswith(born) or born.startswith(given))
        and (asked.gender in UNKNOWN or sex in UNKNOWN or asked.gender == sex)
    )


def _forms(name: Mapping[str, Any]) -> Iterator[str]:
    """Yield how a name may be written: as it stands, family name first or last."""
    if name.get("use") not in {"old", "anonymous"}:
        family, given = name.get("family", ""), "".join(filter(None, name.get("given", ())))
        for text in (name.get("text", ""), family + given, given + family):
            if text:
                yield normal(text).casefold()


def _birth_date(patients: list[dict[str, Any]]) -> str:
    """Return the latest birth date: of two ages the younger one has the shorter windows."""
    return max((str(one.get("birthDate", "")) for one in patients), default="")
