"""DICOM over TLS, where the station shows who it is."""

import asyncio
import socket
import ssl

import pytest

from adapters.dicom.listener import Limits, Listener
from tests.adapters.dicom.objects import data_set
from tests.adapters.dicom.test_listener import Sink, associate, command, pdata
from tests.adapters.hl7v2.test_tls import Authority
from tests.waiting import PATIENCE


@pytest.fixture
async def secure(tmp_path):
    """A sink behind a listener that wants certificates, its port, and the authority."""
    authority = Authority(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.path)
    tls.load_cert_chain(authority.issue("gateway"))
    tls.verify_mode = ssl.CERT_REQUIRED
    sink = Sink()
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        bound.settimeout(0)
        listener = Listener(sink, ae_title="HUTONG", limits=Limits(grace_seconds=1), tls=tls)
        task = asyncio.create_task(listener.run(bound))
        yield sink, bound.getsockname()[1], authority
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def trusting(authority):
    return ssl.create_default_context(cafile=authority.path)


async def test_a_station_is_known_by_its_certificate(secure):
    sink, port, authority = secure
    tls = trusting(authority)
    tls.load_cert_chain(authority.issue("ct1"))
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=tls, server_hostname="localhost"
    )
    writer.write(associate())
    head = await reader.readexactly(6)
    assert head[0] == 2
    await reader.readexactly(int.from_bytes(head[2:], "big"))
    writer.write(pdata(3, command()) + pdata(2, data_set()))
    await asyncio.wait_for(reader.readexactly(6), PATIENCE)
    assert sink.calls[0].tls_name == "localhost"
    assert sink.taken[0].spool.data.endswith(data_set())
    writer.close()


async def anonymous(port, authority):
    """Call without a certificate."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=trusting(authority), server_hostname="localhost"
    )
    writer.write(associate())
    await writer.drain()
    if not await reader.read(1):
        raise ConnectionError


async def test_a_station_without_a_certificate_is_not_heard_and_others_are(secure):
    sink, port, authority = secure
    silent = await asyncio.open_connection("127.0.0.1", port)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await anonymous(port, authority)
    await test_a_station_is_known_by_its_certificate(secure)
    assert len(sink.calls) == 1
    silent[1].close()
