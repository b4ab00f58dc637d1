"""WADO-RS: objects as they are stored, their metadata, frames and pictures.

PS3.18 §10.4. Files stream from the object store; what takes time runs in a thread.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from adapters.dicom import ObjectError
from adapters.dicom.image import PixelDescription, read_frame, read_pixels
from adapters.dicom.model import bulk_data as read_bulk_data
from adapters.dicom.model import model
from adapters.dicom.multipart import closing, part_head
from adapters.dicom.syntax import LOSSY
from adapters.dicom.window import Read
from gateway.errors import NotAcceptableError, NotFoundError, UnprocessableError
from gateway.imaging.decode import decoded, refuse_unknown
from gateway.imaging.render import View, render, stored_window
from gateway.imaging.stored_object import StoredObject
from gateway.store.objects import Objects

OCTETS: Final = "application/octet-stream"
CHUNK: Final = 16
"""Headers read in one go in a thread."""

T = TypeVar("T")


def whole(
    store: Objects, objects: Sequence[StoredObject], boundary: str
) -> tuple[AsyncIterator[bytes], int]:
    """Return the parts of a multipart body, and how many bytes they are."""
    heads = [part_head(boundary, _kind(one)) for one in objects]
    end = closing(boundary)
    size = sum(len(head) + one.size for head, one in zip(heads, objects, strict=True))

    async def pieces() -> AsyncIterator[bytes]:
        for head, one in zip(heads, objects, strict=True):
            yield head
            async for piece in store.stream(one.digest):
                yield piece
        yield end

    return pieces(), size + len(end)


def _kind(one: StoredObject) -> str:
    return f"application/dicom; transfer-syntax={one.instance.transfer_syntax_uid}"


async def metadata(
    store: Objects, objects: Sequence[StoredObject], base: str
) -> AsyncIterator[bytes]:
    """Yield the array of the objects' models."""
    yield b"["
    for at in range(0, len(objects), CHUNK):
        chunk = objects[at : at + CHUNK]
        told = await asyncio.to_thread(_models, store, chunk, base)
        yield (b"," if at else b"") + told
    yield b"]"


def _models(store: Objects, objects: Sequence[StoredObject], base: str) -> bytes:
    return b",".join(_model(store, one, base) for one in objects)


def _model(store: Objects, one: StoredObject, base: str) -> bytes:
    place = f"{base}/studies/{one.study}/series/{one.series}/instances/{one.sop}/bulkdata/"

    def address(path: str) -> str:
        return place + path.replace("/", ".")

    found = _reading(store, one, lambda read: model(read, one.size, address))
    return msgspec.json.encode(found)


def _reading(store: Objects, one: StoredObject, work: Callable[[Read], T]) -> T:
    """Return what is read of a file; UnprocessableError where it cannot be."""
    with store.open(one.digest) as file:
        descriptor = file.fileno()
        try:
            return work(lambda at, count: os.pread(descriptor, count, at))
        except ObjectError as error:
            raise UnprocessableError(f"{error.text}") from error


async def picture(store: Objects, one: StoredObject, number: int, view: View) -> bytes:
    """Return a frame as people see it; NotFoundError, NotAcceptableError, UnprocessableError."""

    def work(read: Read) -> bytes:
        image = _image(read, one, number)
        return render(*_native(read, one, image, number), view)

    return await asyncio.to_thread(_reading, store, one, work)


def _native(
    read: Read, one: StoredObject, image: PixelDescription, number: int
) -> tuple[PixelDescription, bytes]:
    """Return image and frame without compression; NotAcceptableError, UnprocessableError."""
    refuse_unknown(image)
    return decoded(image, read_frame(read, one.size, image, number))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is to be known of a frame beside its picture."""

    window: tuple[float, float] | None
    """Width and centre in which it is shown unless others are asked for."""
    spacing: tuple[float, float] | None
    """Millimetres from row to row and from column to column."""
    is_at_detector: bool
    """Whether the millimetres are those of the detector, which stands behind the patient."""
    is_lossy: bool
    lossy_ratio: float | None


async def facts(store: Objects, one: StoredObject, number: int) -> Facts:
    """Return what is to be known of a frame; NotFoundError, UnprocessableError."""

    def work(read: Read) -> Facts:
        image = _image(read, one, number)
        window = None
        # What is not shown has no window either.
        with suppress(NotAcceptableError):
            window = stored_window(*_native(read, one, image, number))
        return Facts(
            window=window,
            spacing=image.pixel_spacing,
            # PS3.3 §10.7.1.3: the same numbers in both places say that nothing was calibrated.
            is_at_detector=image.pixel_spacing == image.imager_pixel_spacing,
            is_lossy=image.is_lossy or one.instance.transfer_syntax_uid in LOSSY,
            lossy_ratio=image.lossy_ratio,
        )

    return await asyncio.to_thread(_reading, store, one, work)


async def frames(
    store: Objects, one: StoredObject, numbers: Sequence[int]
) -> tuple[list[bytes], str]:
    """Return frames as they are stored, and their transfer syntax; NotFoundError."""

    def work(read: Read) -> tuple[list[bytes], str]:
        image = _image(read, one, max(numbers))
        found = [read_frame(read, one.size, image, number) for number in numbers]
        return found, image.transfer_syntax_uid

    return await asyncio.to_thread(_reading, store, one, work)


def _image(read: Read, one: StoredObject, number: int) -> PixelDescription:
    if not one.instance.rows:
        raise NotFoundError("The object is no image.")
    image = read_pixels(read, one.size, number)
    if not 1 <= number <= image.number_of_frames:
        raise NotFoundError("The image has no such frame.")
    return image


async def bulk_data(store: Objects, one: StoredObject, path: str) -> bytes:
    """Return a value that the metadata told by its address; NotFoundError."""

    def work(read: Read) -> bytes:
        return read_bulk_data(read, one.size, path.replace(".", "/"))

    found = await asyncio.to_thread(_reading, store, one, work)
    if not found:
        raise NotFoundError("The object has no such bulk data.")
    return found
