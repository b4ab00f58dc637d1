"""The sink of the DICOM listener: who may call, and what a C-STORE is answered."""

import logging
import os
from typing import Final

from adapters.dicom import Admission, Call, Delivered
from gateway.access.campus import Campus
from gateway.access.directory import UnknownSenderError
from gateway.errors import UnavailableError
from gateway.imaging.receive import Receiver, Sender
from gateway.ingest.alert import alert
from gateway.interactions.door import Door
from gateway.store.objects import Incoming, Objects
from gateway.store.records import Batch

QUIET: Final = 1_000_000
"""Microseconds in which one alert is raised once."""
MANY: Final = 1000
FAILED: Final = 0x0110

log = logging.getLogger(__name__)


class AssociationSink:
    """Admits associations and takes their objects; one for a process."""

    def __init__(self, door: Door, objects: Objects, ae_title: str) -> None:
        self._door = door
        self._objects = objects
        self._ae_title = ae_title
        self._receiver = Receiver(door, objects)
        self._raised: dict[tuple[str, str], int] = {}

    def begin(self) -> Incoming:
        """Return a place for an object; UnavailableError."""
        return self._objects.begin()

    async def admit(self, call: Call) -> Admission:
        """Return whether an association is admitted; who is not raises an alert."""
        if call.called_ae_title != self._ae_title:
            await self._raise("unknown-called-title", call.peer)
            return Admission.CALLED_AE_TITLE
        try:
            self._campus(call)
        except UnknownSenderError as error:
            await self._raise(error.reason, call.peer)
            return Admission.CALLING_AE_TITLE
        return Admission.ADMITTED

    async def take(self, delivered: Delivered) -> int:
        """Return the status once what it says is durable."""
        call = delivered.call
        campus = self._campus(call)
        channel = self._door.directory.channel(campus.id, call.calling_ae_title)
        announced = delivered.affected_sop_class_uid, delivered.affected_sop_instance_uid
        assert isinstance(delivered.spool, Incoming)  # noqa: S101 - as `begin` made it
        taken = await self._receiver.take(Sender(campus, channel), delivered.spool, announced)
        if taken.reason:
            log.warning("dicom: %s: %s", call.peer, taken.reason)
        return taken.status

    def _campus(self, call: Call) -> Campus:
        directory = self._door.directory
        return directory.station(call.calling_ae_title, call.peer, call.tls_name)

    async def _raise(self, kind: str, place: str) -> None:
        now = self._door.clock()
        if now - self._raised.get((kind, place), 0) < QUIET:
            return
        if len(self._raised) > MANY:
            self._raised.clear()
        self._raised[kind, place] = now
        raised = alert(kind, place, 0, "A DICOM association was refused.", now)
        try:
            await self._door.store.submit(Batch(os.urandom(16), statements=[raised]))
        except UnavailableError:
            log.warning("dicom: an alert could not be kept: %s", kind)
