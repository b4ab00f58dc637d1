"""MLLP over TLS, where the sender shows who it is."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.base import Receipt
from adapters.errors import SilenceError
from adapters.hl7v2 import parse
from adapters.hl7v2.client import Client
from adapters.hl7v2.conversation import Limits, name_of
from adapters.hl7v2.framing import FrameReader
from adapters.hl7v2.listener import Listener
from tests.waiting import PATIENCE

pytestmark = pytest.mark.anyio

MESSAGE = b"MSH|^~\\&|LIS|B|HUB|A|||ORU^R01|M1|P|2.5.1\r"


USES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


class Authority:
    """Issues certificates into a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.path = folder / "ca.pem"
        extensions = [
            x509.BasicConstraints(ca=True, path_length=None),
            x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()),
            x509.KeyUsage(**{use: use == "key_cert_sign" for use in USES}),
        ]
        self.path.write_bytes(self._certificate("test authority", self.key, extensions))

    def issue(self, common_name):
        key = ec.generate_private_key(ec.SECP256R1())
        extensions = [
            x509.SubjectAlternativeName([x509.DNSName("localhost")]),
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
        ]
        path = self.folder / f"{common_name}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(private + self._certificate(common_name, key, extensions))
        return path

    def _certificate(self, common_name, key, extensions):
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(common_name))
            .issuer_name(named("test authority"))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
        )
        for extension in extensions:
            builder = builder.add_extension(
                extension, critical=isinstance(extension, x509.BasicConstraints)
            )
        certificate = builder.sign(self.key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM)


@asynccontextmanager
async def serving(folder, *, certify: str):
    """A listener that wants certificates, what it received, and a context for a client."""
    authority = Authority(folder)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.path)
    server.load_cert_chain(authority.issue("server"))
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(cafile=authority.path)
    client.check_hostname = False  # the address is 127.0.0.1
    if certify:
        client.load_cert_chain(authority.issue(certify))
    received = []

    async def sink(message):
        received.append(message)
        return Receipt("AA")

    listening = socket.create_server(("127.0.0.1", 0))
    limits = Limits(max_bytes=1000, linger_seconds=0.3)
    task = asyncio.create_task(Listener(sink, limits=limits, tls=server).run(listening))
    yield listening.getsockname()[1], client, received
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_sender_is_named_by_its_certificate(tmp_path):
    async with serving(tmp_path, certify="lis.b") as (port, tls, received):
        async with Client("127.0.0.1", port, tls=tls) as client:
            assert (await client.send(MESSAGE)).code == "AA"
        assert [message.tls_name for message in received] == ["localhost"]


async def test_a_sender_without_a_certificate_is_not_heard(tmp_path):
    async with serving(tmp_path, certify="") as (port, tls, received):
        async with Client("127.0.0.1", port, tls=tls) as client:
            with pytest.raises(SilenceError):
                await client.send(MESSAGE)
        assert not received


async def test_an_oversized_block_is_refused_here_too(tmp_path):
    async with serving(tmp_path, certify="lis.b") as (port, tls, received):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
        writer.write(b"\x0b" + MESSAGE + b"x" * 2000)
        answer = await asyncio.wait_for(reader.read(), PATIENCE)
        writer.transport.abort()
        (block,) = FrameReader(max_bytes=1000).feed(answer)
        assert parse(block.body).segments[1].fields[1:3] == ("AE", "M1")
        assert not received


def test_a_name_comes_from_the_alternative_names_first():
    subject = ((("countryName", "CN"),), (("commonName", "LIS of B"),))
    both = {"subject": subject, "subjectAltName": (("IP Address", "10.0.0.1"), ("DNS", "lis.b"))}
    assert name_of(both) == "lis.b"
    assert (
        name_of({"subject": subject, "subjectAltName": (("IP Address", "10.0.0.1"),)}) == "LIS of B"
    )
    assert name_of({"subject": ((("countryName", "CN"),),)}) == ""
    assert name_of({}) == ""
