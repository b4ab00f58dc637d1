"""DICOMweb: QIDO-RS, WADO-RS and STOW-RS.

https://dicom.nema.org/medical/dicom/current/output/html/part18.html
"""

import re
import secrets
from collections.abc import AsyncIterator, Iterable
from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from adapters.dicom.multipart import ContentType, content_type, part_head
from adapters.dicom.multipart import closing as closing_boundary
from gateway.api.answer import NO_STORE, Answer, Header
from gateway.api.call import Call
from gateway.errors import InvalidRequestError, NotAcceptableError
from gateway.imaging import query
from gateway.imaging import retrieve as wado
from gateway.imaging import studies as imaging
from gateway.imaging.attributes import Attributes
from gateway.imaging.render import FORMATS, View
from gateway.imaging.stored_object import StoredObject
from gateway.imaging.stow import Request

JSON: Final = b"application/dicom+json"
JSON_TYPES: Final = frozenset({"application/dicom+json", "application/json", "application/*"})
DICOM: Final = "application/dicom"
OCTETS: Final = "application/octet-stream"
MULTIPART: Final = "multipart/related"
ANY: Final = "*/*"
THUMBNAIL: Final = 128
MAX_FRAMES: Final = 1000
MORE: Final = (b"warning", b'299 hutong "There are additional results that can be requested"')
NUMBER: Final = re.compile(r"-?\d{1,9}(\.\d{1,9})?", re.ASCII)
WHOLE: Final = re.compile(r"[1-9]\d{0,6}", re.ASCII)


class Streamed(Answer):
    """An answer whose body comes in pieces."""

    def __init__(
        self, pieces: AsyncIterator[bytes], kind: bytes, length: int | None = None
    ) -> None:
        super().__init__()
        self.pieces = pieces
        self.raw_headers = [NO_STORE, (b"content-type", kind)]
        if length is not None:
            self.raw_headers.append((b"content-length", b"%d" % length))

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send head and body."""
        del receive
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            async for piece in self.pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def base_of(call: Call) -> str:
    """Return the address of DICOMweb as the caller reaches it."""
    return f"{call.base.removesuffix('/fhir')}/dicom-web"


# QIDO-RS.


async def studies(call: Call) -> Answer:
    """Return the studies that match."""
    _accept_json(call)
    asked = query.parse(call.params)
    found = await query.studies(call.door, call.actor, asked, base_of(call))
    return _found(found, more=asked.more)


async def series(call: Call) -> Answer:
    """Return the series that match, of a study or of all."""
    _accept_json(call)
    asked = query.parse(call.params)
    found = await query.series(call.door, call.actor, asked, base_of(call), call.study)
    return _found(found, more=asked.more)


async def instances(call: Call) -> Answer:
    """Return the instances that match, of a study, of a series or of all."""
    _accept_json(call)
    asked = query.parse(call.params)
    place = call.study, call.series
    found = await query.instances(call.door, call.actor, asked, base_of(call), place)
    return _found(found, more=asked.more)


def _found(found: list[Attributes], *, more: bool) -> Answer:
    headers: list[Header] = [MORE] if more else []
    if not found:
        return Answer(status=204, headers=headers)
    return Answer(msgspec.json.encode(found), headers=headers, kind=JSON)


# WADO-RS.


async def retrieve(call: Call) -> Answer:
    """Return the objects of a study or series, or one alone, as they are stored."""
    objects = await _objects(call)
    syntaxes = {one.instance.transfer_syntax_uid for one in objects}
    offer = _offered(call, objects, syntaxes)
    store = call.service.objects
    if offer.type == DICOM:
        pieces = store.stream(objects[0].digest)
        return Streamed(pieces, DICOM.encode(), objects[0].size)
    boundary = secrets.token_hex(16)
    parts, size = wado.whole(store, objects, boundary)
    return Streamed(parts, _multipart(DICOM, boundary), size)


def _offered(call: Call, objects: list[StoredObject], syntaxes: set[str]) -> ContentType:
    """Return the form of a retrieve: of several objects always in parts."""
    for offer in _offers(call):
        wanted = offer.parameters.get("transfer-syntax", "*")
        # Nothing is transcoded: what is stored is what there is.
        if wanted != "*" and syntaxes != {wanted}:
            continue
        if offer.type == DICOM and len(objects) == 1:
            return offer
        if offer.type in {MULTIPART, ANY} and offer.parameters.get("type", DICOM) == DICOM:
            return ContentType(MULTIPART, {})
    raise NotAcceptableError(
        "Objects are given out as they are stored, as multipart/related; type=application/dicom;"
        " transfer-syntax=*, one alone as application/dicom too.",
        expression="Accept",
    )


async def metadata(call: Call) -> Answer:
    """Return the headers of a study, series or instance in the DICOM JSON model."""
    _accept_json(call)
    objects = await _objects(call)
    return Streamed(wado.metadata(call.service.objects, objects, base_of(call)), JSON)


async def rendered(call: Call) -> Answer:
    """Return a frame as JPEG or PNG, `window=center,width` and `viewport=columns,rows` applied."""
    return await _picture(call, _view(call))


async def thumbnail(call: Call) -> Answer:
    """Return a small picture of the first frame."""
    return await _picture(call, View(columns=THUMBNAIL, rows=THUMBNAIL))


async def _picture(call: Call, view: View) -> Answer:
    (one,) = await _objects(call)
    number = _frame_number(call.frame) if call.frame else 1
    data = await wado.picture(call.service.objects, one, number, view)
    return Answer(data, kind=view.kind.encode())


def _view(call: Call) -> View:
    asked = dict(call.params)
    kind = _picture_kind(call)
    window = asked.pop("window", "").split(",")
    viewport = asked.pop("viewport", "").split(",")
    asked.pop("quality", None)
    if asked:
        raise InvalidRequestError("A picture takes window, viewport and quality.")
    center, width = _numbers("window", window, 2)
    columns, rows = _numbers("viewport", viewport, 2)
    if width is not None and width < 1:
        raise InvalidRequestError("The width of a window is at least 1.", expression="http.window")
    return View(kind, center, width, int(columns or 0), int(rows or 0))


def _numbers(name: str, parts: list[str], count: int) -> list[float | None]:
    if parts == [""]:
        return [None] * count
    if len(parts) < count or not all(NUMBER.fullmatch(part) for part in parts[:count]):
        raise InvalidRequestError(f"{name} takes {count} numbers.", expression=f"http.{name}")
    return [float(part) for part in parts[:count]]


def _picture_kind(call: Call) -> str:
    for offer in _offers(call):
        if offer.type in FORMATS:
            return offer.type
        if offer.type in {ANY, "image/*"}:
            return "image/jpeg"
    raise NotAcceptableError("Pictures are image/jpeg or image/png.", expression="Accept")


async def frames(call: Call) -> Answer:
    """Return frames as they are stored."""
    (one,) = await _objects(call)
    parts = call.frame.split(",")
    if len(parts) > MAX_FRAMES:
        raise InvalidRequestError(f"At most {MAX_FRAMES} frames are given out at once.")
    numbers = [_frame_number(part) for part in parts]
    found, syntax = await wado.frames(call.service.objects, one, numbers)
    if len(found) == 1 and any(offer.type == OCTETS for offer in _offers(call)):
        return Answer(found[0], kind=OCTETS.encode())
    return _parts(found, f"{OCTETS}; transfer-syntax={syntax}")


async def bulk_data(call: Call) -> Answer:
    """Return a value that the metadata told by its address."""
    (one,) = await _objects(call)
    data = await wado.bulk_data(call.service.objects, one, call.path)
    if any(offer.type == OCTETS for offer in _offers(call)):
        return Answer(data, kind=OCTETS.encode())
    return _parts([data], OCTETS)


def _parts(found: Iterable[bytes], kind: str) -> Answer:
    boundary = secrets.token_hex(16)
    body = b"".join(part_head(boundary, kind) + one for one in found)
    return Answer(body + closing_boundary(boundary), kind=_multipart(OCTETS, boundary))


def _multipart(kind: str, boundary: str) -> bytes:
    return f'{MULTIPART}; type="{kind}"; boundary={boundary}'.encode()


def _frame_number(text: str) -> int:
    if not WHOLE.fullmatch(text):
        raise InvalidRequestError("Frames are numbered from 1.", expression="frames")
    return int(text)


async def _objects(call: Call) -> list[StoredObject]:
    place = (call.study, call.series, call.instance)
    return await imaging.objects(call.door, call.actor, *place)


def _offers(call: Call) -> list[ContentType]:
    """Return what an Accept header, or the parameter `accept`, leaves to choose from."""
    header = dict(call.params).get("accept") or call.header(b"accept") or ANY
    call.params = [pair for pair in call.params if pair[0] != "accept"]
    return [content_type(one) for one in _split(header)]


def _split(header: str) -> list[str]:
    """Return the offers of an Accept header: a comma within quotes separates nothing."""
    return [one.strip() for one in re.split(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', header) if one.strip()]


def _accept_json(call: Call) -> None:
    for offer in _offers(call):
        inner = offer.parameters.get("type", "")
        if offer.type in JSON_TYPES or offer.type == ANY or inner in JSON_TYPES:
            return
    raise NotAcceptableError("This is told as application/dicom+json.", expression="Accept")


# STOW-RS.


async def store(call: Call) -> Answer:
    """Return what became of each object."""
    request = Request(call.door, call.service.objects, call.service.receiver, call.study)
    kind = call.header(b"content-type")
    stored = await request.store(call.actor, kind, call.pieces())
    return Answer(msgspec.json.encode(stored.told(base_of(call))), stored.status, kind=JSON)
