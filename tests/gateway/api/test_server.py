"""Over real sockets: what uvicorn itself and the bounds around it do."""

import asyncio
import json
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.api import server
from gateway.api.server import HEAD_BYTES, TLS, serve
from tests.gateway.api.samples import PATIENT, put, read
from tests.waiting import PATIENCE

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


@asynccontextmanager
async def serving(app, **more):
    listening = socket.create_server(("127.0.0.1", 0))
    stop = asyncio.Event()
    task = asyncio.create_task(serve(app, listening, stop, **more))
    try:
        yield listening.getsockname()[1]
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE)


@pytest.fixture
async def port(gateway):
    async with serving(gateway.app) as port:
        yield port


@asynccontextmanager
async def connected(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield reader, writer
    writer.close()


async def everything(reader):
    return await asyncio.wait_for(reader.read(), PATIENCE)


def told(answer):
    """The status and issue code of what came before the connection was closed."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert b"content-type: application/fhir+json; charset=utf-8" in lines
    assert b"content-length: %d" % len(body) in lines
    return int(head.split()[1]), json.loads(body)["issue"][0]["code"]


@pytest.mark.usefixtures("anna")
async def test_a_resource_goes_out_and_in(port):
    headers = {"Authorization": "Bearer A"}
    base = f"http://127.0.0.1:{port}/fhir"
    async with httpx.AsyncClient(
        base_url=base, headers=headers, trust_env=False, timeout=PATIENCE
    ) as client:
        made = await put(client, PATIENT)
        assert read(made, 201)["id"] == "p1"
        assert made.headers["Location"] == f"{base}/Patient/p1/_history/1"
        assert "Server" not in made.headers
        assert (await client.head("/Patient/p1")).headers["ETag"] == 'W/"1"'
        large = PATIENT | {"text": {"status": "generated", "div": "a" * 5_000_000}}
        assert (await put(client, large)).status_code == 413


@pytest.mark.parametrize("step", [1000, 200_000])
async def test_a_head_that_is_too_long_is_refused(port, step):
    head = GET + b"X-Long: " + b"a" * (HEAD_BYTES * 2)
    async with connected(port) as (reader, writer):
        for at in range(0, len(head), step):
            if writer.is_closing():
                break
            writer.write(head[at : at + step])
        writer.write(b"\r\n\r\n")
        assert told(await everything(reader)) == (431, "too-long")


async def test_many_requests_on_one_connection_are_no_long_head(port):
    request = GET + b"X-Long: " + b"a" * (HEAD_BYTES // 3) + b"\r\n\r\n"
    async with connected(port) as (reader, writer):
        for _ in range(5):
            writer.write(request)
            answer = await reader.readuntil(b"}")
            assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x0bMSH|^~\\&|\r\x1c\r",
        b"get /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /fhir/Patient?name=张三 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        b"POST /fhir HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused(port, sent):
    async with connected(port) as (reader, writer):
        writer.write(sent)
        assert told(await everything(reader)) == (400, "invalid")


async def test_a_head_that_does_not_come_is_not_awaited_for_ever(gateway, monkeypatch):
    monkeypatch.setattr(server, "HEAD_SECONDS", 1)
    monkeypatch.setattr(server, "SWEEP_SECONDS", 0.1)
    async with serving(gateway.app) as port:
        async with connected(port) as (reader, _):
            assert await everything(reader) == b""
        async with connected(port) as (reader, writer):
            writer.write(GET)
            assert await everything(reader) == b""
        async with connected(port) as (reader, writer):
            writer.write(GET + b"\r\n")
            await reader.readuntil(b"}")
            await asyncio.sleep(1.5)
            writer.write(GET + b"\r\n")
            assert (await reader.readuntil(b"}")).startswith(b"HTTP/1.1 200 ")


async def test_what_is_being_answered_is_finished_before_the_end(gateway):
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow():
        entered.set()
        await leave.wait()
        return []

    gateway.slow = slow
    async with serving(gateway.app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET.replace(b"healthz", b"readyz") + b"\r\n")
        await entered.wait()
        asyncio.get_running_loop().call_later(0.5, leave.set)
    assert (await everything(reader)).startswith(b"HTTP/1.1 200 ")
    writer.close()


@pytest.fixture
def certificate(tmp_path):
    """The files of a certificate of 127.0.0.1 that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


async def test_tls_asks_for_a_certificate_where_it_is_told_to(gateway, certificate):
    cert, key = certificate
    trusting = ssl.create_default_context(cafile=str(cert))
    showing = ssl.create_default_context(cafile=str(cert))
    showing.load_cert_chain(cert, key)
    async with serving(gateway.app, tls=TLS(cert, key)) as port:
        assert await _alive(port, trusting)
    async with serving(gateway.app, tls=TLS(cert, key, client_ca=cert)) as port:
        assert await _alive(port, showing)
        assert not await _alive(port, trusting)


async def _alive(port, context):
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )
    writer.write(GET + b"Connection: close\r\n\r\n")
    try:
        answer = await everything(reader)
    except (ssl.SSLError, ConnectionError):
        return False
    finally:
        writer.close()
    return answer.startswith(b"HTTP/1.1 200 ")
