"""Which Patients a Person, or a Patient that its campus merged, makes one human.

As `gateway/interactions/certain.py` has it: level4 is certain, a campus merges its own Patients.
"""

from collections.abc import Iterator
from typing import Final

from gateway.interactions.door import Door
from gateway.interactions.following import Event
from gateway.workflow.critical.value import reference_of
from mappers.base import Resource

REPLACED: Final = b'"replaced-by"'


def is_merge(event: Event) -> bool:
    """Return whether a Patient is merged into another, or was: seen at a glance."""
    return REPLACED in event.body or (event.before is not None and REPLACED in event.before.json())


def joined(door: Door, event: Event, resource: Resource | None) -> set[str]:
    """Return the Patients that a version of a Person or Patient certainly joins."""
    if resource is None:
        return set()
    if event.type == "Person":
        links = resource.get("link", ())
        return set(_ids(one.get("target") for one in links if one.get("assurance") == "level4"))
    links = resource.get("link", ())
    others = _ids(one.get("other") for one in links if one.get("type") == "replaced-by")
    own = {id_ for id_ in others if _campus(door, id_) == event.campus}
    return {event.id, *own} if own else set()


def _ids(references: Iterator[object]) -> Iterator[str]:
    for one in references:
        type_, _, id_ = reference_of(one).partition("/")
        if type_ == "Patient" and id_:
            yield id_


def _campus(door: Door, id_: str) -> int | None:
    stored = door.store.current("Patient", id_)
    return stored.campus if stored else None
