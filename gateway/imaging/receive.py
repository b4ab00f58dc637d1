"""A DICOM object on its way in, by C-STORE or STOW-RS: judged, made durable, and noted.

The rules are those of docs/reference/dicom-mapping.md, "What is answered".
"""

import os
from dataclasses import dataclass
from typing import Final

import msgspec

from adapters.dicom import Instance, ObjectError, read_instance
from adapters.dicom.faults import MismatchError
from adapters.dicom.part10 import preamble
from gateway.access.campus import Campus, Channel
from gateway.errors import TooLargeError, UnavailableError
from gateway.imaging.deliveries import note_delivery
from gateway.imaging.patients import is_same_patient
from gateway.imaging.stored_object import CURRENT, HELD, StoredObject, encode_header
from gateway.ingest.alert import alert
from gateway.ingest.waveforms import forward
from gateway.interactions.door import Door
from gateway.store.objects import Incoming, Objects
from gateway.store.records import Batch, Statement

SUCCESS: Final = 0x0000
WARNING: Final = 0xB000
OUT_OF_RESOURCES: Final = 0xA700
OTHER_STUDY: Final = 0xC409
"""Not of the study that the address names: the code that archives use for it."""
FORMAT: Final = "dicom"
TOPIC: Final = "object"
PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends: a campus, through its AE title or token."""

    campus: Campus
    channel: Channel


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an object: a status of PS3.4 §B.2.3, and why if it is not success."""

    status: int
    reason: str = ""
    instance: Instance | None = None
    fresh: bool = False
    """Whether it was not kept already."""
    held: int = 0
    """The message of the quarantine that stands for it."""
    ecg: int = 0
    """The message that it became, being an ECG."""

    @property
    def stored(self) -> bool:
        """Whether the object is kept as one of its study, if perhaps not shown."""
        return self.status in {SUCCESS, WARNING}


class Receiver:
    """Takes objects in; one for a process."""

    def __init__(self, door: Door, objects: Objects) -> None:
        self._door = door
        self._objects = objects

    async def take(
        self,
        sender: Sender,
        incoming: Incoming,
        announced: tuple[str, str] | None = None,
        *,
        study: str = "",
    ) -> Taken:
        """Return once what the status says is durable; the incoming file is let go of.

        `announced` are SOP Class and Instance UID of the command, `study` is the one that must be.
        """
        try:
            try:
                instance = self._read(sender, incoming, announced)
                if study not in {"", instance.study_instance_uid}:
                    return Taken(OTHER_STUDY, "other-study", instance)
            except ObjectError as error:
                held = await self._quarantine(sender, incoming, error)
                return Taken(error.status, error.reason, held=held)
            taken = await self._keep(sender, incoming, instance)
            if taken.reason != "other-patient":
                await note_delivery(self._door, sender.campus, instance)
        except (UnavailableError, TooLargeError):
            return Taken(OUT_OF_RESOURCES, "no-room")
        else:
            return taken
        finally:
            incoming.discard()

    def _read(
        self, sender: Sender, incoming: Incoming, announced: tuple[str, str] | None
    ) -> Instance:
        charset = sender.channel.options["charset"]
        instance = read_instance(incoming.read, incoming.size, charset=charset)
        if announced and announced != (instance.sop_class_uid, instance.sop_instance_uid):
            raise MismatchError("The object is not what its command names.", place="(0008,0018)")
        return instance

    async def _keep(self, sender: Sender, incoming: Incoming, instance: Instance) -> Taken:
        known = self._known(instance)
        same = next((one for one in known if one.digest == incoming.digest), None)
        if same is not None:
            ecg = await forward(self._door, sender, instance, incoming)
            held = 0 if same.state == CURRENT else self._message(sender, same.digest)
            return Taken(SUCCESS, instance=instance, held=held, ecg=ecg)
        current = next((one for one in known if one.state == CURRENT), None)
        if current is not None and self._same_content(current, incoming, instance):
            return Taken(SUCCESS, instance=instance)
        reason = "duplicate" if current else ""
        if not reason and not is_same_patient(self._door, sender.campus, instance):
            reason = "other-patient"
        if instance.meta_added:
            incoming = self._with_meta(incoming, instance)
        ecg = await forward(self._door, sender, instance, incoming)
        held = await self._note(sender, incoming, instance, reason)
        status = WARNING if reason else SUCCESS
        return Taken(status, reason, instance, fresh=True, held=held, ecg=ecg)

    def _known(self, instance: Instance) -> list[StoredObject]:
        rows = self._door.store.fetch("objects_of_sop", (instance.sop_instance_uid,))
        return [StoredObject(*row) for row in rows]

    def _same_content(self, known: StoredObject, incoming: Incoming, instance: Instance) -> bool:
        """Return whether only group 0002 differs: it is another one by C-STORE and by STOW-RS."""
        header = known.instance
        start, other = header.data_set_offset, instance.data_set_offset
        if header.transfer_syntax_uid != instance.transfer_syntax_uid:
            return False
        if known.size - start != incoming.size - other:
            return False
        with self._objects.open(known.digest) as file:
            while other < incoming.size:
                piece = incoming.read(other, PIECE)
                if os.pread(file.fileno(), len(piece), start) != piece:
                    return False
                start, other = start + len(piece), other + len(piece)
        return True

    def _with_meta(self, bare: Incoming, instance: Instance) -> Incoming:
        """Return a file with the group 0002 that was missing."""
        whole = self._objects.begin()
        whole.write(
            preamble(
                instance.sop_class_uid, instance.sop_instance_uid, instance.transfer_syntax_uid
            )
        )
        for start in range(instance.data_set_offset, bare.size, PIECE):
            whole.write(bare.read(start, PIECE))
        return whole

    async def _note(
        self, sender: Sender, incoming: Incoming, instance: Instance, reason: str
    ) -> int:
        """Make file and row durable; return the message that holds it, 0 if none does."""
        offset = incoming.size
        if instance.meta_added:
            head = (instance.sop_class_uid, instance.sop_instance_uid, instance.transfer_syntax_uid)
            offset = len(preamble(*head))
            instance = msgspec.structs.replace(instance, data_set_offset=offset)
        size = incoming.size
        digest = await self._objects.keep(incoming)
        campus, now = sender.campus, self._door.clock()
        sop, place = instance.sop_instance_uid, (campus.id, sender.channel.name)
        row = (
            *(sop, instance.study_instance_uid, instance.series_instance_uid, *place),
            *(campus.namespace, now, digest, size, encode_header(instance)),
            *(HELD if reason == "other-patient" else CURRENT, sop, sop, digest),
        )
        statements: list[Statement] = [
            ("channel_seen", (*place, now, now)),
            ("object_add", row),
            ("study_changed", (sop, digest)),
        ]
        if reason:
            statements += self._held(sender, digest, size, reason)
        notices = [(TOPIC, instance.study_instance_uid)]
        await self._door.store.submit(Batch(os.urandom(16), statements=statements, notices=notices))
        return self._message(sender, digest) if reason else 0

    def _message(self, sender: Sender, digest: bytes) -> int:
        """Return the message that holds a file, 0 if none does."""
        campus = sender.campus
        place = (campus.id, sender.channel.name, campus.namespace)
        rows = self._door.store.fetch("inbox_same", (digest, "", *place))
        return int(rows[0][0]) if rows else 0

    async def _quarantine(self, sender: Sender, incoming: Incoming, error: ObjectError) -> int:
        """Keep what is refused, so that somebody can see why; return the message that holds it."""
        campus, channel = sender.campus, sender.channel
        if known := self._message(sender, incoming.digest):
            return known
        size = incoming.size
        try:
            digest = await self._objects.keep(incoming)
            now = self._door.clock()
            statements: list[Statement] = [
                ("channel_seen", (campus.id, channel.name, now, now)),
                *self._held(sender, digest, size, error.reason, error.place),
            ]
            await self._door.store.submit(Batch(os.urandom(16), statements=statements))
        except UnavailableError:
            # It is refused all the same; its sender still has it.
            return 0
        return self._message(sender, digest)

    def _held(
        self, sender: Sender, digest: bytes, size: int, reason: str, where: str = ""
    ) -> list[Statement]:
        """Return what puts an object before somebody's eyes."""
        campus, now = sender.campus, self._door.clock()
        raw = msgspec.json.encode({"object": digest.hex(), "size": size})
        account = msgspec.json.encode({"quarantine": {"code": reason, "place": where}}).decode()
        row = (now, FORMAT, campus.namespace, "", digest, raw, reason, account, now)
        text = "A DICOM object waits in quarantine."
        place = f"{campus.namespace}/{sender.channel.name}"
        return [
            ("inbox_hold", (*row, campus.id, sender.channel.name)),
            alert("quarantine", place, campus.id, text, now),
        ]
