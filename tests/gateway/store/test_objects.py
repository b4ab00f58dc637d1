"""The object store: named by content, durable before it is told, nothing left half-written."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys

import pytest

from gateway.errors import NotFoundError, TooLargeError, UnavailableError
from gateway.store.objects import LocalObjects
from tests.tools import ROOT

TEXT = b"a picture of nothing" * 50_000


@pytest.fixture
def objects(tmp_path):
    return LocalObjects(tmp_path)


async def put(objects, data):
    incoming = objects.begin()
    incoming.write(data)
    return await objects.keep(incoming)


async def whole(pieces):
    return b"".join([piece async for piece in pieces])


async def test_an_object_is_named_by_its_content_and_comes_back(objects, tmp_path):
    digest = await put(objects, TEXT)
    assert digest == hashlib.sha256(TEXT).digest()
    assert objects.size(digest) == len(TEXT)
    assert await whole(objects.stream(digest)) == TEXT
    name = digest.hex()
    assert (tmp_path / "objects" / name[:2] / name[2:4] / name).read_bytes() == TEXT


async def test_a_range_is_read_without_the_rest(objects):
    digest = await put(objects, TEXT)
    assert objects.read(digest, 7, 9) == TEXT[7:16]
    assert await whole(objects.stream(digest, 300_000, 300_001)) == TEXT[300_000:600_001]
    assert objects.read(digest, len(TEXT) - 2, 10) == TEXT[-2:]


async def test_what_is_kept_twice_is_there_once(objects):
    first, second = await asyncio.gather(put(objects, TEXT), put(objects, TEXT))
    assert first == second
    assert list(objects.digests()) == [first]
    assert objects.sweep() == 0


async def test_what_is_discarded_leaves_nothing(objects, tmp_path):
    incoming = objects.begin()
    incoming.write(TEXT)
    incoming.discard()
    assert not list((tmp_path / "objects" / "incoming").iterdir())


async def test_an_object_over_the_limit_is_refused(objects):
    incoming = objects.begin(limit=10)
    incoming.write(b"0123456789")
    with pytest.raises(TooLargeError):
        incoming.write(b"x")
    incoming.discard()


@pytest.mark.parametrize("ask", ["size", "open", "read"])
def test_what_is_not_there_is_not_found(objects, ask):
    arguments = {"read": (0, 1)}.get(ask, ())
    with pytest.raises(NotFoundError):
        getattr(objects, ask)(bytes(32), *arguments)


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path):
    objects = LocalObjects(tmp_path)
    (tmp_path / "objects" / "incoming").rmdir()
    with pytest.raises(UnavailableError):
        objects.begin()


async def test_a_folder_that_cannot_be_synced_is_unavailable(objects, tmp_path):
    incoming = objects.begin()
    incoming.write(TEXT)
    name = incoming.digest.hex()
    (tmp_path / "objects" / name[:2]).write_text("a file where a folder should be")
    with pytest.raises(UnavailableError):
        await objects.keep(incoming)


async def test_an_object_that_was_deleted_is_gone(objects):
    digest = await put(objects, TEXT)
    objects.delete(digest)
    objects.delete(digest)
    assert not list(objects.digests())


DYING = """
import os, pathlib, signal, sys
from gateway.store.objects import LocalObjects
incoming = LocalObjects(pathlib.Path(sys.argv[1])).begin()
incoming.write(b"half of it")
print("written", flush=True)
signal.pause()
"""


async def test_the_leavings_of_a_killed_process_are_swept_those_of_a_living_one_are_not(tmp_path):
    objects = LocalObjects(tmp_path)
    mine = objects.begin()
    mine.write(b"still at it")
    with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this loop
        [sys.executable, "-c", DYING, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as other:
        assert other.stdout.readline() == b"written\n"
        assert objects.sweep() == 0
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert objects.sweep() == 1
    digest = await objects.keep(mine)
    assert objects.read(digest, 0, 99) == b"still at it"
