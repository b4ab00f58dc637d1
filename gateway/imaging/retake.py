"""A DICOM object that a person took out of quarantine: judged again by what holds now."""

import os
from typing import Final

import msgspec

from adapters.dicom import Instance, ObjectError, read_instance
from gateway.errors import NotFoundError
from gateway.imaging.patients import is_same_patient
from gateway.imaging.receive import TOPIC
from gateway.imaging.stored_object import CURRENT, HELD, StoredObject, encode_header
from gateway.ingest.message import Message
from gateway.ingest.outcome import DONE, QUARANTINED
from gateway.interactions.door import Door
from gateway.store.objects import Objects
from gateway.store.records import Batch, Statement


class Held(msgspec.Struct, frozen=True):
    """What the inbox keeps in the place of the object itself."""

    object: str
    size: int


_decode: Final = msgspec.json.Decoder(Held).decode


class Retaker:
    """Takes objects again; called by the worker with messages of the format `dicom`."""

    def __init__(self, door: Door, objects: Objects) -> None:
        self._door = door
        self._objects = objects

    async def __call__(self, message: Message) -> None:
        """Return once the object is part of its study, or waits again."""
        held = _decode(message.body)
        digest = bytes.fromhex(held.object)
        reason, place, instance = self._judged(message, digest, held.size)
        statements: list[Statement] = []
        notices = [("done", str(message.id))]
        if instance is not None and not reason:
            statements += self._shown(message, digest, held.size, instance)
            notices.append((TOPIC, instance.study_instance_uid))
        told = {"quarantine": {"code": reason, "place": place}} if reason else {}
        account = msgspec.json.encode(told).decode()
        state = QUARANTINED if reason else DONE
        finish = (state, reason, account, self._door.clock(), 1, message.id)
        statements.append(("inbox_finish", finish))
        await self._door.store.submit(Batch(os.urandom(16), statements=statements, notices=notices))

    def _judged(
        self, message: Message, digest: bytes, size: int
    ) -> tuple[str, str, Instance | None]:
        """Return why the object cannot be shown, "" if it can, and what its header tells."""
        charset = message.channel.options["charset"]
        try:
            with self._objects.open(digest) as file:
                instance = read_instance(
                    lambda at, count: os.pread(file.fileno(), count, at), size, charset=charset
                )
        except ObjectError as error:
            return error.reason, error.place, None
        except NotFoundError:
            return "truncated", "", None
        known = self._known(instance)
        if any(one.state == CURRENT and one.digest != digest for one in known):
            return "duplicate", "", instance
        if not is_same_patient(self._door, message.campus, instance):
            return "other-patient", "", instance
        return "", "", instance

    def _known(self, instance: Instance) -> list[StoredObject]:
        rows = self._door.store.fetch("objects_of_sop", (instance.sop_instance_uid,))
        return [StoredObject(*row) for row in rows]

    def _shown(
        self, message: Message, digest: bytes, size: int, instance: Instance
    ) -> list[Statement]:
        sop, place = instance.sop_instance_uid, (message.campus.id, message.channel.name)
        row = (
            *(sop, instance.study_instance_uid, instance.series_instance_uid, *place),
            *(message.campus.namespace, message.received, digest, size, encode_header(instance)),
            *(CURRENT, sop, sop, digest),
        )
        released: list[Statement] = [
            ("object_release", (one.id,)) for one in self._known(instance) if one.state == HELD
        ]
        return [*released, ("object_add", row), ("study_changed", (sop, digest))]
