"""Where the gateway may connect to for somebody else."""

import asyncio
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address, ip_network

import httpx
import pytest

from gateway.access.targets import TargetError, Targets, client

HERE = ip_network("127.0.0.0/8")


def names(*answers):
    """A resolver that gives one list of addresses after the other, then the last again."""
    left = list(answers)

    async def resolver(_host, _port):
        return left.pop(0) if len(left) > 1 else left[0]

    return resolver


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),  # noqa: S104 - none is bound
        *("169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1"),
        *("::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::10.0.0.1"),
    ],
)
async def test_what_is_not_public_is_refused_by_number_and_by_name(address):
    literal = f"[{address}]" if ":" in address else address
    with pytest.raises(TargetError):
        await Targets().judged(f"https://{literal}/hook")
    with pytest.raises(TargetError):
        await Targets(resolver=names([address])).judged("https://his.example.org/hook")
    with pytest.raises(TargetError):
        # One bad address among good ones is enough: the next look-up may give it alone.
        await Targets(resolver=names(["1.1.1.1", address])).judged("https://his.example.org/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "localhost"])
async def test_other_spellings_of_loopback_are_looked_up_and_refused(host):
    with pytest.raises(TargetError):
        await Targets().judged(f"https://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        *("", "his.example.org", "ftp://his.example.org/", "file:///etc/passwd", "https:///x"),
        *("https://user@his.example.org/", "https://user:pw@his.example.org/"),
        *("https://his.example.org:0/", "https://his.example.org:99999/", "https://[::1/"),
        *("https://his.example.org/#a", "https://his.example.org/a b", "https://医院.example/"),
        *("https://his.example.org\\@127.0.0.1/", "https://his.example.org/\r\nHost: x"),
        "https://his.example.org/" + "a" * 3000,
        "gopher://his.example.org/",
    ],
)
async def test_what_is_no_plain_url_is_refused(url):
    with pytest.raises(TargetError):
        await Targets(resolver=names(["1.1.1.1"])).judged(url)


async def test_public_addresses_are_reached_by_https_alone():
    targets = Targets(resolver=names(["1.1.1.1"]))
    target = await targets.judged("https://his.example.org:8443/hook?a=b")
    assert (str(target.address), target.port, target.path) == ("1.1.1.1", 8443, "/hook?a=b")
    assert target.authority == "his.example.org:8443"
    with pytest.raises(TargetError):
        await targets.judged("http://his.example.org/hook")


async def test_a_campus_reaches_its_own_networks_and_what_is_allowed_for_all():
    targets = Targets(resolver=names(["10.2.0.9"]))
    with pytest.raises(TargetError):
        await targets.judged("http://his.a.example/")
    own = [ip_network("10.2.0.0/16")]
    assert (await targets.judged("http://his.a.example/", own)).address == ip_address("10.2.0.9")
    for_all = Targets(tuple(own), resolver=names(["::ffff:10.2.0.9"]))
    assert await for_all.judged("http://his.a.example/")
    with pytest.raises(TargetError):
        await Targets(resolver=names(["10.3.0.1"])).judged("http://his.b.example/", own)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]"])
async def test_a_network_of_everything_names_nothing_that_is_not_public(address):
    everything = ip_network("0.0.0.0/0"), ip_network("::/0")
    with pytest.raises(TargetError):
        await Targets(everything).judged(f"https://{address}/", everything)
    assert (await Targets(everything).judged("http://1.1.1.1/")).port == 80


async def test_a_name_without_addresses_is_refused():
    async def nowhere(_host, _port):
        raise OSError(-2, "Name or service not known")

    for resolver in (nowhere, names([])):
        with pytest.raises(TargetError):
            await Targets(resolver=resolver).judged("https://his.example.org/")


class Answering(BaseHTTPRequestHandler):
    """Tells which host was asked for."""

    def do_GET(self):
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1/secret")
            self.end_headers()
            return
        body = self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Answering) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


async def test_the_connection_goes_to_the_address_that_was_judged(server):
    # At a second look-up the name leads elsewhere; nobody looks a second time.
    targets = Targets((HERE,), resolver=names(["127.0.0.1"], ["192.0.2.1"]))
    url = f"http://his.example.org:{server.server_port}/hook"
    target = await targets.judged(url)
    async with client(seconds=10) as asking:
        response = await asking.send(target.request("GET"))
    assert response.text == f"his.example.org:{server.server_port}"


async def test_a_redirect_is_not_followed(server):
    targets = Targets((HERE,), resolver=names(["127.0.0.1"]))
    target = await targets.judged(f"http://his.example.org:{server.server_port}/away")
    async with client(seconds=10) as asking:
        assert (await asking.send(target.request("GET"))).status_code == 302


@pytest.fixture
def certificate(tmp_path):
    key, pem = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", str(key), "-out", str(pem), "-subj", "/CN=his.example.org"),
            *("-addext", "subjectAltName=DNS:his.example.org"),
        ],
        check=True,
        capture_output=True,
    )
    return key, pem


async def test_the_certificate_must_be_trusted_and_name_the_host(server, certificate):
    key, pem = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    trusting = ssl.create_default_context(cafile=str(pem))
    targets = Targets((HERE,), resolver=names(["127.0.0.1"]))

    async def ask(host, verify=None):
        target = await targets.judged(f"https://{host}:{server.server_port}/")
        async with client(seconds=10, verify=verify) as asking:
            return await asking.send(target.request("GET"))

    assert (await ask("his.example.org", trusting)).status_code == 200
    for host, verify in (("other.example.org", trusting), ("his.example.org", None)):
        with pytest.raises(httpx.ConnectError):
            await asyncio.wait_for(ask(host, verify), 20)
