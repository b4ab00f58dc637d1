"""Endpoints that do not answer, and endpoints that the gateway must not call."""

import asyncio
import datetime as dt
import ssl
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.events.courier import Patience
from gateway.events.places import AT_ONE_ADDRESS, OF_CAMPUS
from gateway.events.post import trust
from tests.gateway.events.house import QUICK, subscription, topical
from tests.gateway.events.receiver import Received, Receiver
from tests.gateway.interactions.consortium import observation
from tests.waiting import until

SLOW = 0.5
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"
HASTY = Patience(first=0.01, longest=0.01, most=0.0)


async def test_a_receiver_that_was_away_gets_what_it_missed_in_order(house, receiver, other):
    house.serve()
    await house.subscribe("A", topical("s", receiver.url))
    await house.subscribe("A", topical("t", other.url))
    receiver.answer = 503
    for number in range(4):
        await house.put("C", observation(f"o{number}"))
    await until(lambda: len(other.events) == 4 and len(receiver.events) > 2)
    assert {number for one in receiver.events for number in one.numbers} == {1}
    receiver.got.clear()
    receiver.answer = 200
    await until(lambda: len(receiver.events) == 4)
    assert receiver.numbers == other.numbers == [1, 2, 3, 4]
    assert house.status("s") == "active"


async def test_a_receiver_that_is_gone_is_put_in_error_and_its_events_stay(house, receiver):
    house.serve(patience=HASTY)
    await house.subscribe("A", topical("s", receiver.url))
    await receiver.stop()
    for number in range(3):
        await house.put("C", observation(f"o{number}"))
    await until(lambda: house.status("s") == "error")
    assert house.stored("s")["error"] == "The endpoint cannot be reached."
    ((_, kind, place, *_),) = house.store.fetch("alerts_open", (9,))
    assert (kind, place) == ("subscription", "Subscription/s")
    await house.put("C", observation("o3"))
    await until(lambda: len(house.store.fetch("subscription_events", ("s", 0, 9, 9))) == 4)
    back = Receiver(port=receiver.port)
    await back.start()
    await house.subscribe("A", topical("s", back.url))
    await until(lambda: len(back.events) == 4)
    assert next(one.kind for one in back.got) == "handshake"
    assert back.numbers == [1, 2, 3, 4]
    assert "error" not in house.stored("s")
    assert house.store.fetch("alerts_open", (9,)) == []
    await back.stop()


async def test_a_dead_endpoint_delays_nobody_else(house, receiver, other):
    hanging = asyncio.Event()

    async def hang(received):
        if received.kind == "event-notification":
            await hanging.wait()
        return 200

    receiver.answer = hang
    house.serve()
    for number in range(10):
        await house.subscribe("A", topical(f"dead{number}", receiver.url))
    await house.subscribe("A", topical("s", other.url))
    await house.put("C", observation("o"))
    await until(lambda: len(other.events) == 1)
    assert receiver.open_now <= AT_ONE_ADDRESS["prompt"]
    hanging.set()


@pytest.fixture
async def crowd():
    """More receivers than a campus has places; they take their time, and all that the test says."""
    free = asyncio.Event()
    free.set()

    async def answer(_received):
        await asyncio.sleep(SLOW)
        await free.wait()
        return 200

    opened = [await Receiver(answer=answer).start() for _ in range(OF_CAMPUS["prompt"] + 1)]
    yield opened, free
    free.set()
    for one in opened:
        await one.stop()


async def test_who_is_slow_holds_up_nobody_of_its_campus(house, receiver, crowd):
    slow, free = crowd
    house.serve(patience=replace(QUICK, slow=SLOW))
    await house.subscribe("A", topical("s", receiver.url, "result-amended"))
    for number, one in enumerate(slow):
        await house.put("A", topical(f"slow{number}", one.url))
    await until(lambda: all(house.status(f"slow{n}") == "active" for n in range(len(slow))))
    free.clear()
    await house.put("C", observation("o"))
    await until(lambda: sum(one.open_now for one in slow) == OF_CAMPUS["late"])
    await house.put("C", observation("o", note=[{"text": "x"}]))
    await until(lambda: receiver.numbers == [1])
    free.set()
    await until(lambda: all(one.numbers == [1] for one in slow))


async def test_endpoints_of_one_campus_hold_up_no_other_campus(house, receiver, crowd):
    dead, free = crowd
    house.serve()
    free.clear()
    for number, one in enumerate(dead):
        await house.put("A", topical(f"dead{number}", one.url))
    await until(lambda: sum(one.open_now for one in dead) == OF_CAMPUS["new"])
    await house.subscribe("B", topical("b", receiver.url))
    assert all(house.status(f"dead{number}") == "requested" for number in range(len(dead)))


async def test_one_that_is_moved_does_not_wait_for_what_failed_at_its_old_address(
    house, receiver, other
):
    answered = asyncio.Event()

    async def hang(received):
        if received.kind == "event-notification":
            await answered.wait()
            return 500
        return 200

    receiver.answer = hang
    house.serve(patience=Patience(first=3600.0, longest=3600.0))
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("C", observation("o"))
    await until(lambda: receiver.events)
    await house.put("A", topical("s", other.url))
    answered.set()
    await until(lambda: other.numbers == [1])


async def test_a_subscription_that_cannot_be_greeted_is_in_error(house, receiver):
    house.serve()
    receiver.answer = 500
    await house.subscribe("A", topical("s", receiver.url), status="error")
    assert house.stored("s")["error"] == "The endpoint answers with status 500."
    assert house.stored("s")["channel"]["endpoint"] == receiver.url
    await receiver.stop()
    await house.subscribe("A", subscription("t", receiver.url), status="error")


@pytest.mark.parametrize("body", ["Content-Length: 9\r\n\r\nx", CHUNKED, f"{CHUNKED}1\r\nx\r\n"])
@pytest.mark.parametrize("closes", [True, False])
async def test_a_receipt_counts_however_its_body_goes_on(house, body, closes):
    numbers, free = [], asyncio.Event()

    async def converse(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        sent = await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split()[0]))
        received = Received("POST", "/", {}, sent)
        numbers.extend(received.numbers)
        greeted = received.kind == "handshake"
        answer = "Content-Length: 0\r\n\r\n" if greeted else body
        writer.write(f"HTTP/1.1 200 OK\r\n{answer}".encode())
        await writer.drain()
        if not (greeted or closes):
            await free.wait()
        writer.close()

    async with await asyncio.start_server(converse, "127.0.0.1") as server:
        house.serve()
        port = server.sockets[0].getsockname()[1]
        await house.subscribe("A", topical("s", f"http://127.0.0.1:{port}/", timeout=2))
        for number in (1, 2):
            await house.put("C", observation(f"o{number}"))
        await until(lambda: house.store.fetch("subscription", ("s",))[0][7] == 2)
        free.set()
    assert numbers == [1, 2]


async def test_a_redirect_is_not_followed(house, receiver, other):
    house.serve()
    receiver.answer = 302
    receiver.extra = f"Location: {other.url}\r\n"
    await house.subscribe("A", topical("s", receiver.url), status="error")
    assert other.got == []


FORBIDDEN = (
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://0.0.0.0:{port}/",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.7/",
    "https://[fe80::1]/",
    "https://[64:ff9b::7f00:1]/",
    "http://93.184.215.14/",
    "https://user:pw@127.0.0.1/",
)


@pytest.mark.parametrize("address", FORBIDDEN)
async def test_a_target_that_is_not_the_campuss_own_is_not_called(house, receiver, address):
    house.serve()
    # C has said of no network that it is its own.
    wanted = subscription("s", address.format(port=receiver.port))
    await house.subscribe("C", wanted, status="error")
    assert receiver.got == []
    assert receiver.open_now == 0


async def test_a_name_that_leads_to_another_address_later_is_not_called_there(house, receiver):
    addresses = ["127.0.0.1"]

    async def resolver(_host, _port):
        return [addresses[0]]

    house.resolver = resolver
    house.serve()
    url = f"http://his.example.org:{receiver.port}/hook"
    await house.subscribe("A", topical("s", url))
    assert receiver.got[0].headers["host"] == f"his.example.org:{receiver.port}"
    addresses[0] = "169.254.169.254"
    await house.put("C", observation("o"))
    await until(lambda: house.store.fetch("subscription", ("s",))[0][8] > 2)
    assert receiver.events == []
    addresses[0] = "127.0.0.1"
    await until(lambda: receiver.numbers == [1])


@pytest.fixture
def certificate(tmp_path):
    """Makes a certificate of a name that vouches for itself; its files."""

    def make(name):
        key = ec.generate_private_key(ec.SECP256R1())
        named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder(named, named, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        files = tmp_path / f"{name}.pem", tmp_path / f"{name}.key"
        files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files

    return make


@pytest.mark.parametrize("payload", [{}, {"content": "id-only"}], ids=["plain", "topic"])
async def test_only_a_certificate_that_names_the_host_is_believed(house, certificate, payload):
    async def resolver(_host, _port):
        return ["127.0.0.1"]

    ours, stranger = certificate("his.example.org"), certificate("else.example.org")
    house.resolver = resolver
    house.serve(verify=trust(ours[0]))
    for files, status in ((ours, "active"), (stranger, "error")):
        served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        served.load_cert_chain(*files)
        receiver = await Receiver(ssl=served).start()
        url = f"https://his.example.org:{receiver.port}/hook"
        made = topical("s", url, **payload) if payload else subscription("s", url)
        await house.subscribe("A", made, status=status)
        await receiver.stop()
    assert house.stored("s")["error"] == "The certificate of the endpoint is not believed."
