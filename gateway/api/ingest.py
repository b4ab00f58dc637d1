"""Ingest by HTTP: POST /ingest/{format} with the raw bytes, GET /ingest/messages/{id}."""

from typing import Final

from adapters.base import Received
from gateway.api.answer import Answer
from gateway.api.bundles import collection
from gateway.api.call import Call
from gateway.errors import InvalidRequestError, NotFoundError
from gateway.imaging.intake import receive
from gateway.imaging.stow import Request
from gateway.ingest.http import SECONDS, Answered

ASYNC: Final = b"respond-async"
MAX_DIGITS: Final = 18


async def hl7v2(call: Call) -> Answer:
    """Return what a message, or several in one body, became."""
    return await _receive(call, "hl7v2")


async def ecg(call: Call) -> Answer:
    """Return what an ECG file became: an HL7 aECG, or a DICOM object with a waveform."""
    return await _receive(call, "ecg")


async def dicom(call: Call) -> Answer:
    """Return what a DICOM object became: its study, and its report where it is an ECG."""
    call.refuse_params()
    request = Request(call.door, call.service.objects, call.service.receiver)
    taking = receive(call.service.intake, request, call.actor, call.pieces(), _wait(call))
    return _told(call, await taking)


async def message(call: Call) -> Answer:
    """Return what became of a message that was still queued."""
    call.refuse_params()
    if not (call.id.isascii() and call.id.isdigit() and len(call.id) <= MAX_DIGITS):
        raise NotFoundError("There is no such message.")
    return _told(call, await call.service.intake.message(call.door, call.actor, int(call.id)))


async def _receive(call: Call, format_: str) -> Answer:
    call.refuse_params()
    body = await call.body()
    if not body:
        raise InvalidRequestError("The body is empty.")
    client = call.scope["client"]
    received = Received(format_, body, client[0] if client else "")
    intake = call.service.intake
    return _told(call, await intake.receive(call.door, call.actor, received, wait=_wait(call)))


def _wait(call: Call) -> float:
    return 0.0 if ASYNC in call.headers.get(b"prefer", b"").lower() else SECONDS


def _told(call: Call, answered: Answered) -> Answer:
    if answered.queued:
        root = call.base.removesuffix("/fhir")
        location = f"{root}/ingest/messages/{answered.queued}"
        return Answer(status=answered.status, headers=[(b"location", location.encode())])
    if answered.later:
        location = f"{call.base}/{answered.later}"
        return Answer(status=answered.status, headers=[(b"location", location.encode())])
    return Answer(collection(answered.made, call.base), answered.status)
