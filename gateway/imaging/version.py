"""One version of a study: its objects mapped, resolved and written through the door."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import msgspec

from gateway.access.campus import Campus, Channel
from gateway.errors import UnavailableError
from gateway.imaging.stored_object import StoredObject
from gateway.ingest.alert import alert
from gateway.ingest.formats import source_of
from gateway.ingest.message import Message
from gateway.ingest.reasons import QuarantineError
from gateway.ingest.resolve import Plan, resolve
from gateway.interactions.commit import Extras, commit
from gateway.interactions.door import Door
from gateway.store.records import StaleError, Statement
from mappers.base import Mapped
from mappers.dicom import to_fhir
from mappers.names import TAG

ATTEMPTS: Final = 100
RECEIVING: Final = {"system": TAG, "code": "receiving"}
"""Marks a study of which more may come."""


async def tell(
    door: Door, objects: Sequence[StoredObject], address: str, *, receiving: bool
) -> None:
    """Return once the study's resource says what its objects say; UnavailableError."""
    message, campus = _message(door, objects)
    mapped = _mapped(door, objects, message, address, receiving=receiving)
    uid, last = objects[0].study, objects[-1].id
    statements: list[Statement] = [("study_told", (last, uid))]
    if not receiving:
        statements.append(("study_settled", (uid, last)))
    for _ in range(ATTEMPTS):
        plan, extra = _resolved(door, message, mapped)
        extras = Extras(
            versions=plan.versions,
            statements=[*statements, *extra, *_alerts(door, campus, message, mapped)],
            reason=f"study of object {last}",
            trusted=True,
        )
        try:
            await commit(door, message.actor(), plan.changes, extras)
        except StaleError:
            continue
        return
    raise UnavailableError("The study is being written by many at once.")


def _message(door: Door, objects: Sequence[StoredObject]) -> tuple[Message, Campus]:
    """Return who tells of the study: the sender of its first object, at the time of its last."""
    first = objects[0]
    campus = door.directory.campus_by_id(first.campus)
    assert campus is not None  # noqa: S101 - a campus is never removed
    if first.namespace != campus.code:
        campus = replace(campus, namespace=first.namespace)
    channel: Channel = door.directory.channel(campus.id, first.channel)
    received = max(one.received for one in objects)
    return Message(0, received, campus, channel, "dicom", first.digest, b""), campus


def _mapped(
    door: Door, objects: Sequence[StoredObject], message: Message, address: str, *, receiving: bool
) -> Mapped:
    source = source_of(message.campus, message.channel, door.directory.authorities)
    mapped = to_fhir([one.instance for one in objects], source, address, message.at)
    if not receiving:
        return mapped
    study = mapped.drafts[-1]
    meta = dict(study.resource.get("meta", {}))
    meta["tag"] = [*meta.get("tag", ()), RECEIVING]
    resource = {"resourceType": "ImagingStudy", "meta": meta}
    resource |= {name: value for name, value in study.resource.items() if name not in resource}
    marked = msgspec.structs.replace(study, resource=resource)
    return msgspec.structs.replace(mapped, drafts=(*mapped.drafts[:-1], marked))


def _resolved(door: Door, message: Message, mapped: Mapped) -> tuple[Plan, list[Statement]]:
    """Return what the study changes; without its order if that is another patient's."""
    try:
        return resolve(door, message, mapped), []
    except QuarantineError as error:
        if not mapped.orders:
            return Plan(), [_alert(door, message, error.code)]
    try:
        without = msgspec.structs.replace(mapped, orders=())
        return resolve(door, message, without), [_alert(door, message, "order-of-another-patient")]
    except QuarantineError as error:
        return Plan(), [_alert(door, message, error.code)]


def _alert(door: Door, message: Message, kind: str) -> Statement:
    text = "A study does not fit what is stored."
    return alert(kind, message.place, message.campus.id, text, door.clock())


def _alerts(door: Door, campus: Campus, message: Message, mapped: Mapped) -> list[Statement]:
    now = door.clock()
    found = {(note.code, note.place) for note in mapped.notes if note.severity == "warning"}
    return [
        alert(code, f"{message.place} {place}".rstrip(), campus.id, f"Studies: {code}.", now)
        for code, place in sorted(found)
    ]
