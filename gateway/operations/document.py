"""Composition `$document`: a Composition and all that it refers to, as one document.

https://hl7.org/fhir/R4/composition-operation-document.html and
https://hl7.org/fhir/R4/documents.html. What the Composition itself refers to is in the document or
there is none: whoever may not read all of it gets an error that names the places, not the reasons.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from gateway.access.actor import Actor
from gateway.errors import GoneError, Issue, NotFoundError, TooLargeError, UnprocessableError
from gateway.fhir.codec import Resource
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.context import is_closed
from gateway.interactions.door import Door, require
from gateway.interactions.record import record
from gateway.operations.references import Gathering, Name, visible
from gateway.store.stored import Stored

COMPOSITION: Final = "Composition"
MOST: Final = 1_000
"""Resources in one document."""
DIRECT: Final = re.compile(r"(?:([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?)")
MISSING: Final = "What stands here cannot be put into the document: it is not here to be read."


@dataclass(frozen=True, slots=True)
class Document:
    """A Composition and what belongs to it, in the order in which it is referred to."""

    composition: Stored
    resources: list[Stored]


async def document(door: Door, actor: Actor, id_: str) -> Document:
    """Return what a document of a Composition holds; UnprocessableError where it has gaps."""
    require(actor, COMPOSITION, "r")
    found = door.store.current(COMPOSITION, id_)
    if (
        found is None
        or not door.store.may_read(found, door.viewer(actor))
        or is_closed(door, actor, found)
    ):
        raise NotFoundError("There is no such Composition.")
    if found.deleted:
        raise GoneError("This Composition was deleted.")
    direct = _direct(door, actor, found)
    around = _around(door, actor, found, direct)
    resources = [*direct.values(), *around]
    if len(resources) > MOST:
        raise TooLargeError(f"The document would have more than {MOST} resources.")
    await record(door, actor, "E", (found, *resources), f"Composition/{id_}/$document")
    return Document(found, resources)


def _direct(door: Door, actor: Actor, composition: Stored) -> dict[Name, Stored]:
    found: dict[Name, Stored] = {}
    issues = []
    for place, text in _references(composition.resource(), COMPOSITION):
        match = DIRECT.fullmatch(text.removeprefix(f"{door.base}/"))
        name = (match[1], match[2]) if match else ("", "")
        if name in found or name == (COMPOSITION, composition.id):
            continue
        stored = visible(door, actor, name) if name[0] in TYPE_IDS else None
        if stored is None:
            issues.append(Issue("error", "not-found", MISSING, place))
        else:
            found[name] = stored
    if issues:
        raise UnprocessableError("The document would have gaps.", issues=issues)
    return found


def _around(
    door: Door, actor: Actor, composition: Stored, direct: dict[Name, Stored]
) -> list[Stored]:
    """Return what the parts of a document refer to in turn, but nobody else's record."""
    subjects = [id_ for type_, id_ in direct if type_ == "Patient"]
    own = door.store.link_set(subjects)[0] if subjects else set()
    gathering = Gathering(door, actor, own, lambda _: True)
    for one in (composition, *direct.values()):
        gathering.add(one)
    names = (tuple(one.split("/")) for one in sorted(gathering.names()))
    shown = [visible(door, actor, (type_, id_)) for type_, id_ in names]
    return [one for one in shown if one is not None]


def _references(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield place and text of each literal reference to something outside of the resource."""
    if isinstance(value, dict):
        text = value.get("reference")
        if isinstance(text, str) and not text.startswith("#"):
            yield place, text
        for name, one in _outer(value).items():
            yield from _references(one, f"{place}.{name}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _references(one, f"{place}[{index}]")


def _outer(value: Resource) -> Resource:
    """Return the members that are the Composition's own: what is contained speaks for itself."""
    return {name: one for name, one in value.items() if name not in {"contained", "text"}}
