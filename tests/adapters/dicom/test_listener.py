"""C-ECHO and C-STORE through real sockets, by the tools of DCMTK and by bytes of our own."""

import asyncio
import hashlib
import shutil
import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.dicom import Admission, parse_instance
from adapters.dicom.listener import Limits, Listener
from adapters.dicom.upper_layer import MAX_FIRST_PDU
from fixtures.consortium.station import Station
from tests.adapters.dicom.objects import data_set, element, file
from tests.waiting import PATIENCE, until

IMAGE = file(element(0x7FE00010, b"OW", bytes(300_000)))


class Memory:
    """A spool in memory."""

    def __init__(self, room):
        self.data = b""
        self.size = 0
        self.room = room
        self.discarded = False

    def write(self, data):
        self.data += bytes(data)
        self.size = len(self.data)
        if self.size > self.room:
            raise OSError(28, "No space left on device")

    def read(self, start, count):
        return self.data[start : start + count]

    def discard(self):
        self.discarded = True


class Sink:
    """Remembers what it was given."""

    def __init__(self, status=0):
        self.status = status
        self.room = 10**9
        self.titles = {"CT1"}
        self.spools = []
        self.taken = []
        self.calls = []

    def begin(self):
        self.spools.append(Memory(self.room))
        return self.spools[-1]

    async def admit(self, call):
        self.calls.append(call)
        if call.called_ae_title != "HUTONG":
            return Admission.CALLED_AE_TITLE
        known = call.calling_ae_title in self.titles
        return Admission.ADMITTED if known else Admission.CALLING_AE_TITLE

    async def take(self, delivered):
        self.taken.append(delivered)
        if isinstance(self.status, Exception):
            raise self.status
        return self.status


@pytest.fixture
async def serving():
    """A function that starts a listener for a sink and gives its port."""
    tasks, sockets = [], []

    async def started(sink, **limits):
        bound = socket.socket()
        sockets.append(bound)
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        bound.settimeout(0)
        listener = Listener(sink, ae_title="HUTONG", limits=Limits(grace_seconds=1, **limits))
        tasks.append(asyncio.create_task(listener.run(bound)))
        return bound.getsockname()[1]

    yield started
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for thread in threading.enumerate():
        if "Acceptor" in thread.name:
            await asyncio.to_thread(thread.join, PATIENCE)
    for bound in sockets:
        bound.close()


def dcmtk(name):
    """A tool of DCMTK: pynetdicom brings scripts of the same names."""
    return str(Path(shutil.which("dcmdump")).parent / name)


async def run(name, *arguments):
    process = await asyncio.create_subprocess_exec(
        dcmtk(name),
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    return process.returncode, told.decode(errors="replace")


def send(port, path, *options, called="HUTONG", calling="CT1"):
    return run("storescu", "-v", *options, "-aet", calling, "-aec", called, "127.0.0.1", port, path)


@pytest.mark.needs("dcmtk")
async def test_an_echo_is_answered(serving):
    port = await serving(Sink())
    assert (await run("echoscu", "-aet", "CT1", "-aec", "HUTONG", "127.0.0.1", port))[0] == 0


@pytest.mark.needs("dcmtk")
async def test_an_object_arrives_as_it_was_sent(serving, tmp_path):
    path = tmp_path / "image.dcm"
    path.write_bytes(IMAGE)
    sink = Sink()
    code, told = await send(await serving(sink), path)
    assert (code, "Received Store Response (Success)" in told) == (0, True)
    (delivered,) = sink.taken
    assert delivered.call.calling_ae_title == "CT1"
    assert delivered.call.peer == "127.0.0.1"
    found = parse_instance(delivered.spool.data)
    sent = parse_instance(IMAGE)
    assert found.sop_instance_uid == sent.sop_instance_uid
    received = delivered.spool.data[found.data_set_offset :]
    assert hashlib.sha256(received).digest() == hashlib.sha256(data_set_of(IMAGE)).digest()


def data_set_of(data):
    return data[parse_instance(data).data_set_offset :]


@pytest.mark.needs("dcmtk")
@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ({"called": "OTHER"}, "Called AE title not recognized"),
        ({"calling": "NOBODY"}, "Calling AE title not recognized"),
    ],
)
async def test_a_title_that_is_not_known_is_rejected(serving, tmp_path, names, reason):
    path = tmp_path / "image.dcm"
    path.write_bytes(IMAGE)
    sink = Sink()
    code, told = await send(await serving(sink), path, **names)
    assert code
    assert reason.lower() in told.lower()
    assert not sink.taken


@pytest.mark.needs("dcmtk")
@pytest.mark.parametrize("status", [0xB000, 0xA900, 0xC000, 0xA700])
async def test_the_sinks_status_reaches_the_sender(serving, tmp_path, status):
    path = tmp_path / "image.dcm"
    path.write_bytes(IMAGE)
    _, told = await send(await serving(Sink(status)), path, "-d")
    assert f"0x{status:04x}" in told.lower()


@pytest.mark.needs("dcmtk")
async def test_a_sink_that_fails_refuses_and_lets_go_of_the_object(serving, tmp_path):
    path = tmp_path / "image.dcm"
    path.write_bytes(IMAGE)
    sink = Sink(RuntimeError("defect"))
    port = await serving(sink)
    _, told = await send(port, path, "-d")
    assert "0x0110" in told
    assert sink.spools[0].discarded
    assert (await run("echoscu", "-aet", "CT1", "-aec", "HUTONG", "127.0.0.1", port))[0] == 0


@pytest.mark.needs("dcmtk")
async def test_an_object_without_room_is_refused_and_the_next_one_taken(serving, tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.dcm").write_bytes(IMAGE)
    sink = Sink()
    sink.room = 1000
    port = await serving(sink)
    _, told = await send(port, tmp_path / "one.dcm", "-d")
    assert "0xa700" in told.lower()
    assert sink.spools[0].discarded
    sink.room = 10**9
    assert (await send(port, tmp_path / "two.dcm"))[0] == 0


@pytest.mark.needs("dcmtk")
async def test_more_associations_than_allowed_are_told_so(serving):
    port = await serving(Sink(), associations=0)
    code, told = await run("echoscu", "-v", "-aet", "CT1", "-aec", "HUTONG", "127.0.0.1", port)
    assert code
    assert "limit" in told.lower()


def call(port, title):
    station = Station(title)
    station.add_requested_context("1.2.840.10008.1.1")
    return station.associate("127.0.0.1", port, ae_title="HUTONG")


async def test_one_station_leaves_room_for_the_others(serving):
    sink = Sink()
    sink.titles = {"CT1", "CT2"}
    port = await serving(sink, of_one_title=2)
    opened = [await asyncio.to_thread(call, port, title) for title in ("CT1", "CT1", "CT1", "CT2")]
    assert [one.is_established for one in opened] == [True, True, False, True]
    refused = opened[2].acceptor.primitive
    assert (refused.result, refused.result_source, refused.diagnostic) == (2, 3, 2)
    await asyncio.to_thread(opened[0].release)

    async def room():
        again = await asyncio.to_thread(call, port, "CT1")
        opened.append(again)
        return again.is_established

    await until(room)
    for one in opened:
        if one.is_established:
            await asyncio.to_thread(one.release)


async def hung_up(reader):
    """What came before the connection was closed; a reset, as some of it was not read, does too."""
    with suppress(ConnectionError):
        return await asyncio.wait_for(reader.read(), PATIENCE)
    return b""


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x01\x00" + struct.pack(">L", MAX_FIRST_PDU + 1) + bytes(100),
        b"\x01\x00\xff\xff\xff\xff" + bytes(1000),
        b"\x04\x00\x00\x00\x00\x0a" + bytes(10),
    ],
)
async def test_noise_and_endless_pdus_end_the_connection(serving, noise):
    port = await serving(Sink())
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(noise)
    with suppress(ConnectionError):
        await writer.drain()
    assert len(await hung_up(reader)) < 100
    writer.close()


def associate(syntax=b"1.2.840.10008.1.2.1", abstract=b"1.2.840.10008.5.1.4.1.1.2"):
    """An A-ASSOCIATE-RQ for one presentation context."""

    def part(kind, content):
        return struct.pack(">BBH", kind, 0, len(content)) + content

    context = part(0x20, b"\x01\0\0\0" + part(0x30, abstract) + part(0x40, syntax))
    user = part(0x50, part(0x51, struct.pack(">L", 16384)) + part(0x52, b"1.2.3"))
    body = b"\x00\x01\0\0" + b"HUTONG".ljust(16) + b"CT1".ljust(16) + bytes(32)
    body += part(0x10, b"1.2.840.10008.3.1.1.1") + context + user
    return b"\x01\x00" + struct.pack(">L", len(body)) + body


def pdata(control, content):
    value = struct.pack(">LBB", len(content) + 2, 1, control) + content
    return b"\x04\x00" + struct.pack(">L", len(value)) + value


def command(**uids):
    """The command set of a C-STORE-RQ."""
    elements = [
        (0x0002, uids.get("sop_class", b"1.2.840.10008.5.1.4.1.1.2\0")),
        (0x0100, struct.pack("<H", 1)),
        (0x0110, struct.pack("<H", 7)),
        (0x0700, struct.pack("<H", 0)),
        (0x0800, struct.pack("<H", 1)),
        (0x1000, uids.get("sop", b"1.2.3.4\0")),
    ]
    body = b"".join(struct.pack("<HHL", 0, tag, len(one)) + one for tag, one in elements)
    return struct.pack("<HHLL", 0, 0, 4, len(body)) + body


async def accepted(port, **options):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(associate(**options))
    kind = await reader.readexactly(6)
    assert kind[0] == 2
    await reader.readexactly(struct.unpack(">L", kind[2:])[0])
    return reader, writer


@pytest.mark.parametrize("syntax", [b"1.2.840.10008.1.2.4.201", b"1.2.840.10008.1.2.4.111"])
async def test_a_transfer_syntax_and_a_class_that_nobody_knows_are_taken(serving, syntax):
    sink = Sink()
    reader, writer = await accepted(await serving(sink), syntax=syntax, abstract=b"1.3.6.1.4.1.9.9")
    writer.write(pdata(3, command(sop_class=b"1.3.6.1.4.1.9.9\0")) + pdata(2, data_set()))
    await asyncio.wait_for(reader.readexactly(6), PATIENCE)
    (delivered,) = sink.taken
    assert delivered.transfer_syntax_uid == syntax.decode()
    assert delivered.affected_sop_class_uid == "1.3.6.1.4.1.9.9"
    writer.close()


async def test_an_object_that_is_cut_off_by_the_line_leaves_nothing(serving):
    sink = Sink()
    _, writer = await accepted(await serving(sink))
    writer.write(pdata(3, command()) + pdata(0, bytes(5000)))
    await writer.drain()
    await until(lambda: sink.spools)
    writer.transport.abort()
    await until(lambda: sink.spools[0].discarded)
    assert not sink.taken


async def test_command_and_object_in_one_pdu_are_told_apart(serving):
    sink = Sink()
    reader, writer = await accepted(await serving(sink))
    first, second = pdata(3, command())[6:], pdata(2, data_set())[6:]
    both = first + second
    writer.write(b"\x04\x00" + struct.pack(">L", len(both)) + both)
    await asyncio.wait_for(reader.readexactly(6), PATIENCE)
    assert sink.taken[0].spool.data.endswith(data_set())
    writer.close()


async def test_a_query_is_not_answered_with_an_object_and_a_huge_one_ends_the_call(serving):
    sink = Sink()
    port = await serving(sink)
    reader, writer = await accepted(port)
    find = command().replace(struct.pack("<HHLH", 0, 0x0100, 2, 1), FIND)
    writer.write(pdata(3, find))
    for _ in range(200):
        writer.write(pdata(0, bytes(16_000)))
    with suppress(ConnectionError):
        await writer.drain()
    await hung_up(reader)
    assert not sink.spools
    assert not sink.taken
    writer.close()


@pytest.mark.parametrize(
    "content",
    [
        b"no command at all, but long enough to be taken for one",
        struct.pack("<HHLH", 0, 0x0100, 2, 0x7777),
        struct.pack("<HHLHHHLH", 0, 0x0100, 2, 1, 0, 0x0800, 2, 1),
        b"",
    ],
)
async def test_a_command_that_is_none_ends_the_call_and_no_other(serving, content):
    sink = Sink()
    port = await serving(sink)
    reader, writer = await accepted(port)
    writer.write(pdata(3, content) + pdata(2, data_set()))
    with suppress(TimeoutError, ConnectionError):
        await writer.drain()
        await asyncio.wait_for(reader.read(100), 2)
    writer.close()
    reader, writer = await accepted(port)
    writer.write(pdata(3, command()) + pdata(2, data_set()))
    await asyncio.wait_for(reader.readexactly(6), PATIENCE)
    assert len(sink.taken) == 1
    writer.close()


FIND = struct.pack("<HHLH", 0, 0x0100, 2, 0x20)
"""Command Field C-FIND-RQ."""
