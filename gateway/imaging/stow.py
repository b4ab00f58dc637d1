"""STOW-RS: the parts of a body, each an object on its own, and the answer that names each.

PS3.18 §10.5. A part is on disk while it comes, so its size costs no memory.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.dicom import Instance
from adapters.dicom.multipart import (
    ContentType,
    MultipartError,
    MultipartReader,
    PartBegin,
    PartData,
    PartEnd,
    content_type,
)
from gateway.access.actor import Actor
from gateway.errors import (
    ForbiddenError,
    InvalidRequestError,
    TooLargeError,
    UnavailableError,
    UnsupportedMediaError,
)
from gateway.imaging.attributes import Attributes, attribute
from gateway.imaging.receive import OUT_OF_RESOURCES, WARNING, Receiver, Sender, Taken
from gateway.imaging.studies import require
from gateway.interactions.door import Door
from gateway.store.objects import Incoming, Objects

DICOM: Final = "application/dicom"
MULTIPART: Final = "multipart/related"
CHANNEL: Final = "DICOMweb"


@dataclass(slots=True)
class Stored:
    """What became of the objects of one request."""

    taken: list[Taken] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The HTTP status (PS3.18 table 10.5.3-1)."""
        if not self.taken:
            return 400
        kept = [one for one in self.taken if one.stored]
        if not kept:
            full = all(one.status == OUT_OF_RESOURCES for one in self.taken)
            return 503 if full else 409
        clean = all(one.stored and not one.reason for one in self.taken)
        return 200 if clean else 202

    def told(self, base: str) -> dict[str, Any]:
        """Return the answer in the DICOM JSON model."""
        referenced = [_referenced(one, base) for one in self.taken if one.stored]
        failed = [_failed(one) for one in self.taken if not one.stored]
        studies = {one.instance.study_instance_uid for one in self.taken if one.instance}
        answer: dict[str, Any] = {}
        if len(studies) == 1:
            answer["00081190"] = attribute("UR", f"{base}/studies/{studies.pop()}")
        if failed:
            answer["00081198"] = {"vr": "SQ", "Value": failed}
        if referenced:
            answer["00081199"] = {"vr": "SQ", "Value": referenced}
        return answer


def _uids(instance: Instance | None) -> Attributes:
    if instance is None:
        return {}
    return {
        "00081150": attribute("UI", instance.sop_class_uid),
        "00081155": attribute("UI", instance.sop_instance_uid),
    }


def _referenced(one: Taken, base: str) -> Attributes:
    told = _uids(one.instance)
    if one.instance is not None:
        instance = one.instance
        place = f"{base}/studies/{instance.study_instance_uid}/series/"
        place += f"{instance.series_instance_uid}/instances/{instance.sop_instance_uid}"
        told["00081190"] = attribute("UR", place)
    if one.status == WARNING:
        told["00081196"] = attribute("US", one.status)
    return told


def _failed(one: Taken) -> Attributes:
    return {**_uids(one.instance), "00081197": attribute("US", one.status)}


def sender_of(door: Door, actor: Actor) -> Sender:
    """Return who sends over HTTP; ForbiddenError."""
    campus = door.directory.campus_by_id(actor.campus)
    if campus is None:
        raise ForbiddenError("An administrator's objects name their campus (X-Hutong-Campus).")
    return Sender(campus, door.directory.channel(campus.id, CHANNEL))


class Request:
    """One STOW-RS request of a caller. `study` is the one that the address names, "" for any."""

    def __init__(self, door: Door, objects: Objects, receiver: Receiver, study: str = "") -> None:
        self.door = door
        self._objects = objects
        self._receiver = receiver
        self._study = study
        self._stored = Stored()
        self._incoming: Incoming | None = None

    async def store(self, actor: Actor, kind: str, body: AsyncIterator[bytes]) -> Stored:
        """Return what became of the objects of a body."""
        require(actor)
        sender = sender_of(self.door, actor)
        try:
            await self._take_apart(sender, content_type(kind), body)
        except MultipartError as error:
            raise InvalidRequestError(str(error)) from error
        finally:
            if self._incoming is not None:
                self._incoming.discard()
        if not self._stored.taken:
            raise InvalidRequestError("The body holds no object.")
        return self._stored

    async def one(self, sender: Sender, body: AsyncIterator[bytes]) -> Taken:
        """Return what became of a body that is one object; InvalidRequestError if it is empty."""
        try:
            await self._single(sender, body)
        finally:
            if self._incoming is not None:
                self._incoming.discard()
        if not self._stored.taken:
            raise InvalidRequestError("The body is empty.")
        return self._stored.taken[0]

    async def _take_apart(
        self, sender: Sender, kind: ContentType, body: AsyncIterator[bytes]
    ) -> None:
        if kind.type == DICOM:
            await self._single(sender, body)
            return
        if kind.type != MULTIPART or kind.parameters.get("type", DICOM).lower() != DICOM:
            raise UnsupportedMediaError(
                "Objects come as multipart/related; type=application/dicom.",
                expression="Content-Type",
            )
        reader = MultipartReader(kind.parameters.get("boundary", ""))
        async for piece in body:
            for event in reader.feed(piece):
                await self._event(sender, event)
        reader.close()

    async def _single(self, sender: Sender, body: AsyncIterator[bytes]) -> None:
        self._begin()
        async for piece in body:
            self._write(piece)
        if self._incoming is None or self._incoming.size:
            await self._end(sender)

    async def _event(self, sender: Sender, event: PartBegin | PartData | PartEnd) -> None:
        match event:
            case PartBegin():
                self._begin()
            case PartData(data):
                self._write(data)
            case PartEnd():
                await self._end(sender)

    def _begin(self) -> None:
        try:
            self._incoming = self._objects.begin()
        except UnavailableError:
            self._refuse()

    def _write(self, data: bytes) -> None:
        if self._incoming is None:
            return
        try:
            self._incoming.write(data)
        except (TooLargeError, UnavailableError):
            self._incoming.discard()
            self._incoming = None
            self._refuse()

    def _refuse(self) -> None:
        self._stored.taken.append(Taken(OUT_OF_RESOURCES, "no-room"))

    async def _end(self, sender: Sender) -> None:
        if self._incoming is None:
            return
        incoming, self._incoming = self._incoming, None
        taken = await self._receiver.take(sender, incoming, study=self._study)
        self._stored.taken.append(taken)
