"""The listener over real sockets of 127.0.0.1."""

import asyncio
import logging
import socket
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest

from adapters.base import Receipt
from adapters.hl7v2 import parse
from adapters.hl7v2.conversation import Limits
from adapters.hl7v2.framing import FrameReader, frame
from adapters.hl7v2.listener import Listener
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.anyio

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
NAME = "张珅二三四"


def message(number: int = 1) -> bytes:
    return f"MSH|^~\\&|LIS|B|HUB|A|||ORU^R01|M{number}|P|2.5.1\rPID|||||{NAME}\r".encode()


class Inbox:
    """A sink that keeps what it gets."""

    def __init__(self) -> None:
        self.asked = 0
        self.received = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.answers = {}

    async def __call__(self, received):
        self.asked += 1
        await self.gate.wait()
        self.received.append(received)
        answer = self.answers.get(parse(received.body).msh.message_control_id, Receipt("AA"))
        if isinstance(answer, Exception):
            raise answer
        return answer


class Peer:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer
        self._blocks = FrameReader(max_bytes=10_000)
        self._waiting = []

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self):
        """The next acknowledgement as (MSA-1, MSA-2), None at the end of the connection."""
        while not self._waiting:
            data = await asyncio.wait_for(self.reader.read(9999), PATIENCE)
            if not data:
                return None
            self._waiting += self._blocks.feed(data)
        msa = parse(self._waiting.pop(0).body).segments[1]
        return msa.value(1), msa.value(2)


class Server:
    def __init__(self, inbox, port, task):
        self.inbox, self.port, self.task = inbox, port, task
        self._peers = []

    async def connect(self) -> Peer:
        peer = Peer(*await asyncio.open_connection("127.0.0.1", self.port))
        self._peers.append(peer)
        return peer

    async def stop(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def close(self):
        for peer in self._peers:
            peer.writer.transport.abort()
            with suppress(OSError):
                await peer.writer.wait_closed()
        await self.stop()


@asynccontextmanager
async def serving(**limits):
    inbox = Inbox()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    limits = {"max_bytes": 1000, "linger_seconds": 0.5, "grace_seconds": 2} | limits
    listener = Listener(inbox, limits=Limits(**limits), now=lambda: AT)
    server = Server(inbox, listening.getsockname()[1], asyncio.create_task(listener.run(listening)))
    try:
        yield server
    finally:
        await server.close()


async def test_messages_of_a_connection_are_taken_and_answered_in_order():
    async with serving() as server:
        peer = await server.connect()
        await peer.send(frame(message(1)) + frame(message(2))[:20])
        assert await peer.answer() == ("AA", "M1")
        await peer.send(frame(message(2))[20:] + frame(message(3)))
        assert await peer.answer() == ("AA", "M2")
        assert await peer.answer() == ("AA", "M3")
        assert [each.body for each in server.inbox.received] == [message(n) for n in (1, 2, 3)]
        assert {(each.format, each.peer, each.tls_name) for each in server.inbox.received} == {
            ("hl7v2", "127.0.0.1", "")
        }


async def test_nothing_is_acknowledged_before_the_sink_has_taken_it():
    async with serving() as server:
        server.inbox.gate.clear()
        peer = await server.connect()
        await peer.send(frame(message()))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(peer.reader.read(1), 0.1)
        server.inbox.gate.set()
        assert await peer.answer() == ("AA", "M1")


async def test_connections_do_not_wait_for_each_other():
    async with serving() as server:
        slow, fast = await server.connect(), await server.connect()
        await slow.send(frame(message(1))[:-1][:30])
        await fast.send(frame(message(2)))
        assert await fast.answer() == ("AA", "M2")


async def test_the_receipt_of_the_sink_becomes_the_acknowledgement():
    async with serving() as server:
        server.inbox.answers["M1"] = Receipt("AR", "未知的发送机构", "204", "MSH^1^4")
        peer = await server.connect()
        await peer.send(frame(message(1)) + frame(message(2)))
        assert await peer.answer() == ("AR", "M1")
        assert await peer.answer() == ("AA", "M2")


async def test_a_sink_that_fails_is_an_error_to_the_sender_and_no_leak(caplog):
    async with serving() as server:
        server.inbox.answers["M1"] = RuntimeError(NAME)
        peer = await server.connect()
        await peer.send(frame(message(1)) + frame(message(2)))
        assert await peer.answer() == ("AE", "M1")
        assert await peer.answer() == ("AA", "M2")
    assert "RuntimeError" in caplog.text
    assert NAME not in caplog.text


async def test_a_batch_gets_one_acceptance():
    async with serving() as server:
        peer = await server.connect()
        batch = b"FHS|^~\\&\rBHS|^~\\&\r" + message(1) + message(2) + b"BTS|2\rFTS|1\r"
        await peer.send(frame(batch) + frame(message(3)))
        assert await peer.answer() == ("AA", "M1")
        assert await peer.answer() == ("AA", "M3")
        assert [each.body for each in server.inbox.received] == [message(n) for n in (1, 2, 3)]


async def test_a_batch_with_refusals_names_the_first():
    async with serving() as server:
        server.inbox.answers["M2"] = Receipt("AR", "不支持", "200", "MSH^1^9")
        server.inbox.answers["M3"] = Receipt("AE", "不支持", "200", "MSH^1^9")
        peer = await server.connect()
        await peer.send(frame(message(1) + message(2) + message(3) + message(4)))
        assert await peer.answer() == ("AE", "M2")
        assert len(server.inbox.received) == 4


async def test_an_oversized_block_is_refused_and_the_connection_ended(caplog):
    async with serving() as server:
        peer = await server.connect()
        await peer.send(frame(message(1)) + b"\x0b" + message(2) + NAME.encode() * 1000)
        assert await peer.answer() == ("AA", "M1")
        assert await peer.answer() == ("AE", "M2")
        assert await peer.answer() is None
        assert len(server.inbox.received) == 1
    assert NAME not in caplog.text


async def test_a_peer_that_sends_all_before_it_reads_still_gets_the_refusal():
    async with serving(linger_seconds=PATIENCE) as server:
        peer = await server.connect()
        await peer.send(b"\x0b" + message(1) + b"x" * 20_000_000)
        assert await peer.answer() == ("AE", "M1")


async def test_a_block_left_open_is_refused():
    async with serving() as server:
        peer = await server.connect()
        await peer.send(frame(message(1)) + b"\x0b" + message(2)[:-5])
        peer.writer.write_eof()
        assert await peer.answer() == ("AA", "M1")
        assert await peer.answer() == ("AE", "M2")
        assert await peer.answer() is None
        assert len(server.inbox.received) == 1


async def test_a_block_begun_anew_is_refused_and_the_new_one_taken():
    async with serving() as server:
        peer = await server.connect()
        await peer.send(b"\x0b" + message(1)[:-3] + frame(message(2)))
        assert await peer.answer() == ("AE", "M1")
        assert await peer.answer() == ("AA", "M2")


async def test_a_silent_connection_is_ended():
    async with serving(idle_seconds=0.05) as server:
        peer = await server.connect()
        assert await peer.answer() is None


async def test_silence_inside_a_block_is_refused():
    async with serving(idle_seconds=1) as server:
        peer = await server.connect()
        await peer.send(frame(message(1))[:-2])
        assert await peer.answer() == ("AE", "M1")
        assert await peer.answer() is None


async def test_a_peer_that_never_reads_is_ended(caplog):
    caplog.set_level(logging.INFO)
    async with serving(idle_seconds=0.3, linger_seconds=0.1) as server:
        peer = await server.connect()
        peer.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.writer.transport.pause_reading()

        async def talk():
            while True:
                await peer.send(frame(message()) * 1000)

        with pytest.raises(ConnectionError):
            await asyncio.wait_for(talk(), PATIENCE)
    assert "does not read" in caplog.text


async def test_a_lost_connection_harms_no_other(caplog):
    caplog.set_level(logging.INFO)
    async with serving() as server:
        server.inbox.gate.clear()
        peer, other = await server.connect(), await server.connect()
        await peer.send(frame(message(1)) * 50)
        await until(lambda: server.inbox.asked)
        peer.writer.transport.abort()
        server.inbox.gate.set()
        await other.send(frame(message(2)))
        assert await other.answer() == ("AA", "M2")


async def test_a_stop_ends_idle_connections_and_accepts_no_more():
    async with serving() as server:
        peer = await server.connect()
        await peer.send(frame(message(1)))
        assert await peer.answer() == ("AA", "M1")
        await asyncio.wait_for(server.stop(), PATIENCE)
        assert await peer.answer() is None
        with pytest.raises(ConnectionRefusedError):
            await server.connect()


async def test_a_stop_lets_the_message_in_hand_be_answered():
    async with serving() as server:
        server.inbox.gate.clear()
        peer = await server.connect()
        await peer.send(frame(message(1)) + frame(message(2)) + frame(message(3))[:-9])
        await until(lambda: server.inbox.asked)
        stop = asyncio.create_task(server.stop())
        await asyncio.sleep(0.05)
        server.inbox.gate.set()
        assert await peer.answer() == ("AA", "M1")
        assert await peer.answer() == ("AA", "M2")
        assert await peer.answer() == ("AE", "M3")
        assert await peer.answer() is None
        await stop


async def test_a_stop_does_not_wait_for_ever():
    async with serving(grace_seconds=0.1) as server:
        server.inbox.gate.clear()
        peer = await server.connect()
        await peer.send(frame(message(1)))
        await until(lambda: server.inbox.asked)
        await asyncio.wait_for(server.stop(), PATIENCE)
        assert await peer.answer() is None


async def test_a_stop_ends_a_peer_that_never_pauses():
    async with serving(grace_seconds=1) as server:
        peer = await server.connect()

        async def talk():
            while True:
                await peer.send(frame(message(1)))

        talking = asyncio.create_task(talk())
        await until(lambda: server.inbox.received)
        await asyncio.wait_for(server.stop(), PATIENCE)
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
