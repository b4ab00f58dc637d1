"""Which Patients a Person or a merged Patient certainly joins (DESIGN §3, "A source Patient").

Person.link with assurance level4 is certain, a link confirmed by hand included. A campus's own
merge (`Patient.link` replaced-by) joins only Patients of that campus: one hospital merges nobody
else's. Which of the two is written first makes no difference.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions.door import Door
from gateway.interactions.prepare import Prepared
from gateway.store.records import Statement
from gateway.store.standing import Name, in_parts, standing

PATIENT = TYPE_IDS["Patient"]
MOST: Final = 100
"""Merged Patients that one who comes after them may join."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What rides with a write: the versions that it was decided on, and who joins at last.

    `awaited` are types of what it joins though it is not there.
    """

    versions: list[tuple[str, str, int]] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    awaited: set[str] = field(default_factory=set)


def settle(door: Door, prepared: Iterable[Prepared], new: AbstractSet[Name]) -> Joined:
    """Fill in `certain` of each Person and Patient; `new` are those that never were there."""
    group = list(prepared)
    here = {one.id: one.campus for one in group if one.type == "Patient"}
    joined = Joined()
    for one in group:
        if one.type == "Person":
            one.certain = [(PATIENT, id_) for id_ in _linked(one.resource)]
        elif one.type == "Patient":
            named = replaced_by(one.resource, door.base)
            campuses = {id_: campus_of(door, here, id_) for id_ in named}
            others = [id_ for id_ in named if campuses[id_] == one.campus]
            one.certain = [(PATIENT, id_) for id_ in (one.id, *others)] if others else []
            # If one of them comes meanwhile it is judged again.
            lacking = [("Patient", id_, 0) for id_ in named if campuses[id_] is None]
            joined.versions.extend(lacking)
            joined.awaited.update(type_ for type_, _, _ in lacking)
    for patient, version, id_ in _waiting(
        door, here, [id_ for id_ in here if ("Patient", id_) in new]
    ):
        joined.versions.append(("Patient", patient, version))
        for each in (patient, id_):
            joined.statements.append(("certain_join", (PATIENT, each, PATIENT, patient)))
    return joined


def _waiting(
    door: Door, here: Mapping[str, int], new: Sequence[str]
) -> Iterator[tuple[str, int, str]]:
    """Yield the stored Patients that were merged into a new one, with their version and its id."""
    link = search_params("Patient")["link"].stores[0]
    found: dict[str, set[str]] = {}
    for size, part in in_parts(new):
        values = (link, PATIENT, *part, size * MOST)
        for id_, patient in door.store.fetch(f"naming_of_{size}", values):
            found.setdefault(patient, set()).add(id_)
    names = [("Patient", one) for one in found if one not in here]
    for (_, patient), stored in standing(door.store, names).items():
        if stored.deleted:
            continue
        for id_ in replaced_by(stored.resource(), door.base):
            if id_ in found[patient] and here[id_] == stored.campus:
                yield patient, stored.version, id_


def campus_of(door: Door, here: Mapping[str, int], id_: str) -> int | None:
    """Return whose a Patient is, None if it never was there; `here` are those being written."""
    if id_ in here:
        return here[id_]
    stored = door.store.current("Patient", id_)
    return stored.campus if stored else None


def _linked(person: Mapping[str, Any]) -> list[str]:
    return [
        id_
        for link in person.get("link", ())
        if link.get("assurance") == "level4" and (id_ := _patient(link.get("target")))
    ]


def replaced_by(patient: Mapping[str, Any], base: str) -> list[str]:
    """Return the ids of the Patients that a Patient was merged into, by whatever address."""
    return [
        id_
        for link in patient.get("link", ())
        if link.get("type") == "replaced-by" and (id_ := _patient(link.get("other"), base))
    ]


def _patient(reference: Mapping[str, Any] | None, base: str = "") -> str:
    text = str((reference or {}).get("reference", "")).removeprefix(f"{base}/")
    type_, _, id_ = text.partition("/_history/")[0].partition("/")
    return id_ if type_ == "Patient" else ""
