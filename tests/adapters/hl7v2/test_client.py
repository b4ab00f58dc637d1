import asyncio
import socket
from contextlib import asynccontextmanager, suppress

import pytest

from adapters.base import Receipt
from adapters.errors import MismatchError, SilenceError
from adapters.hl7v2.client import Client
from adapters.hl7v2.framing import frame
from adapters.hl7v2.listener import Listener
from tests.waiting import PATIENCE

pytestmark = pytest.mark.anyio

MESSAGE = "MSH|^~\\&|LIS|B|HUB|A|||ORU^R01|M{}|P|2.5.1\rPID|||||张\r"
ACK = "MSH|^~\\&\rMSA|AA|M{}\r"


def message(number: int = 1) -> bytes:
    return MESSAGE.format(number).encode()


def ack(number: int = 1) -> bytes:
    return ACK.format(number).encode()


@asynccontextmanager
async def answering(*answers: bytes | None, patience: float = PATIENCE):
    """A client of a peer that gives these answers, one a message; None: it hangs up."""
    rest = list(answers)
    connections = []

    async def converse(reader, writer):
        connections.append(asyncio.current_task())
        with suppress(OSError):
            while await reader.read(9999):
                answer = rest.pop(0)
                if answer is None:
                    break
                writer.write(answer)
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Client("127.0.0.1", port, timeout=patience) as client:
        try:
            yield client, connections
        finally:
            await client.close()
            await asyncio.gather(*connections)


async def test_the_answer_of_a_listener_comes_back():
    async def sink(received):
        assert received.body == message()
        return Receipt("AR", "不支持的报文类型", "200", "MSH^1^9")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        task = asyncio.create_task(Listener(sink).run(listening))
        async with Client("127.0.0.1", listening.getsockname()[1]) as client:
            answer = await client.send(message())
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (answer.code, answer.text) == ("AR", "不支持的报文类型")
    assert answer.body.startswith(b"MSH|^~\\&|HUB|A|LIS|B|")


async def test_messages_share_a_connection_and_wait_for_each_other():
    async with answering(frame(ack(1)), frame(ack(2))) as (client, connections):
        answers = await asyncio.gather(client.send(message(1)), client.send(message(2)))
        assert [answer.code for answer in answers] == ["AA", "AA"]
        assert len(connections) == 1


async def test_the_text_may_stand_in_err_alone():
    answer = ack().replace(b"AA", b"AE") + b"ERR||||E||||why\r"
    async with answering(frame(answer)) as (client, _):
        assert (await client.send(message())).text == "why"


async def test_an_answer_without_text_has_none():
    async with answering(frame(ack()[:-2] + b"1\rERR|\r")) as (client, _):
        assert (await client.send(message())).text == ""


@pytest.mark.parametrize(
    "answer",
    [
        frame(ack(2)),
        frame(b"MSH|^~\\&\r"),
        frame(b"hello"),
        frame(b""),
        b"\x0b" + b"x" * 2_000_000,
    ],
    ids=["other", "no-msa", "no-hl7", "empty", "endless"],
)
async def test_an_answer_to_something_else_ends_the_connection(answer):
    async with answering(answer, frame(ack(1))) as (client, connections):
        with pytest.raises(MismatchError):
            await client.send(message(1))
        assert (await client.send(message(1))).code == "AA"
        assert len(connections) == 2


async def test_a_late_answer_is_not_taken_for_the_next():
    async with answering(b"", frame(ack(2)), patience=2) as (client, connections):
        with pytest.raises(SilenceError, match="within 2 s"):
            await client.send(message(1))
        assert (await client.send(message(2))).code == "AA"
        assert len(connections) == 2


async def test_a_peer_that_hangs_up_has_not_answered():
    async with answering(None, frame(ack(1))) as (client, _):
        with pytest.raises(SilenceError, match="hung up"):
            await client.send(message(1))
        assert (await client.send(message(1))).code == "AA"


async def test_a_peer_that_is_not_there_has_not_answered(free_port):
    with pytest.raises(SilenceError, match="ConnectionRefusedError"):
        await Client("127.0.0.1", free_port()).send(message())


async def test_a_message_without_a_header_cannot_be_matched():
    async with answering(frame(ack())) as (client, _):
        with pytest.raises(MismatchError):
            await client.send(b"PID|1")
