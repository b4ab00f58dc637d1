"""Clients that sign: https://cds-hooks.hl7.org/2.0/#trusting-cds-clients."""

import asyncio
import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from gateway.access.clients import Clients
from gateway.access.directory import Directory
from gateway.access.keys import KeySetError, Source, address_of, keys_of
from gateway.errors import UnauthenticatedError, UnavailableError
from gateway.store.records import Batch
from tests.faltering import Faltering
from tests.signing import Signer

ISSUER = "https://his.example.org"
HERE = "https://gateway.example.org/cds-services/recognition-order-sign"


@pytest.fixture
def signer():
    return Signer(ISSUER)


@pytest.fixture
async def trusted(store, signer):
    """Clients of a gateway that knows the signer's keys."""
    await put(store, ("campus_add", ("A", "甲", "甲", "Asia/Shanghai", "", "[]", "[]", "[]", 0)))
    await put(store, ("cds_client_add", (1, ISSUER, signer.jwks, "", 0)))
    return clients(store)


def clients(store):
    return Clients(store, Directory(store), lambda: time.time_ns() // 1000)


async def put(store, *statements):
    ticket = str(time.perf_counter_ns()).encode()
    await store.submit(Batch(ticket, statements=list(statements), notices=[("config", "")]))


async def test_a_signed_call_speaks_for_the_client_s_campus(trusted, signer):
    caller = await trusted.caller(signer.token(HERE), [HERE], person="王医生")
    assert (caller.actor.code, caller.actor.person, caller.own_ids) == ("A", "王医生", False)
    assert caller.actor.has("recognition")
    assert not caller.actor.may("Patient", "r")


@pytest.mark.parametrize("alg", ["RS384", "PS256"])
async def test_rsa_signatures_are_taken_too(store, trusted, alg):
    other = Signer("https://other.example.org", alg=alg)
    await put(store, ("cds_client_add", (1, other.issuer, other.jwks, "hutong", 0)))
    caller = await trusted.caller(other.token([HERE, "https://elsewhere"]), [HERE])
    assert caller.own_ids


WRONG = {
    "another address": {
        "audience": "https://gateway.example.org/cds-services/recognition-dispatch"
    },
    "no address": {"audience": None},
    "expired": {"exp": 1_700_000_000},
    "no expiry": {"exp": None},
    "an expiry that is no number": {"exp": "tomorrow"},
    "not issued yet": {"iat": 4_000_000_000},
    "no time of issue": {"iat": None},
    "not to be used yet": {"nbf": 4_000_000_000},
    "no nonce": {"jti": None},
    "an empty nonce": {"jti": ""},
    "an endless nonce": {"jti": "x" * 300},
    "a nonce of what cannot be shown": {"jti": "a\x00b"},
    "an expiry that is never": {"exp": float("inf")},
    "another issuer": {"iss": "https://stranger.example.org"},
    "no issuer": {"iss": None},
    "an issuer that is no text": {"iss": [ISSUER]},
    "another key": {"header": {"kid": "key-2"}},
    "no key": {"header": {"kid": None}},
    "another type": {"header": {"typ": "at+jwt"}},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_a_token_that_is_not_for_this_call_is_refused(trusted, signer, wrong):
    claims = {"audience": HERE, **wrong}
    with pytest.raises(UnauthenticatedError):
        await trusted.caller(signer.token(**claims), [HERE])


async def test_a_shared_secret_is_no_signature(trusted, signer):
    with pytest.raises(UnauthenticatedError, match="alg"):
        await trusted.caller(signer.shared_secret(HERE), [HERE])


async def test_an_unsigned_token_is_refused(trusted, signer):
    header, claims, _ = signer.token(HERE).split(".")
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": "key-1"}).encode()).decode()
    for token in (f"{none.rstrip('=')}.{claims}.", f"{header}.{claims}.", f"{header}.{claims}.AA"):
        with pytest.raises(UnauthenticatedError):
            await trusted.caller(token, [HERE])


@pytest.mark.parametrize("token", ["", "..", "a.b.c", "e30.e30.", "W10.W10.x", "é.é.é", "a.b"])
async def test_what_is_no_token_is_refused(trusted, token):
    with pytest.raises(UnauthenticatedError):
        await trusted.caller(token, [HERE])


async def test_a_token_of_another_key_is_refused(trusted):
    with pytest.raises(UnauthenticatedError, match="signature"):
        await trusted.caller(Signer(ISSUER).token(HERE), [HERE])


async def test_a_token_is_used_once_whatever_process_it_reaches(store, trusted, signer):
    token = signer.token(HERE)
    tries = (one.caller(token, [HERE]) for one in (trusted, clients(store), trusted))
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, UnauthenticatedError) for one in done) == 2


async def test_a_nonce_is_another_s_too(store, trusted, signer):
    other = Signer("https://other.example.org")
    await put(store, ("cds_client_add", (1, other.issuer, other.jwks, "", 0)))
    for one in (signer, other):
        await trusted.caller(one.token(HERE, jti="1"), [HERE])


async def test_a_revoked_client_is_refused_and_may_come_back(store, trusted, signer):
    await put(store, ("cds_client_revoke", (1, 1)))
    with pytest.raises(UnauthenticatedError, match="registered"):
        await trusted.caller(signer.token(HERE), [HERE])
    await put(store, ("cds_client_add", (1, ISSUER, signer.jwks, "", 0)))
    assert await trusted.caller(signer.token(HERE), [HERE])


async def test_a_client_of_a_campus_that_left_is_refused(store, trusted, signer):
    await put(store, ("campus_set", ("甲", "甲", "Asia/Shanghai", "", "[]", "[]", "[]", 0, "A")))
    with pytest.raises(UnauthenticatedError, match="active"):
        await trusted.caller(signer.token(HERE), [HERE])


# Key sets.


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"keys": 1}',
        '{"keys": []}',
        '{"keys": [1, {"kty": "EC", "kid": "a"}]}',
        '{"keys": [{"kty": "oct", "kid": "a", "k": "c2VjcmV0"}]}',
    ],
)
def test_what_holds_no_public_key_is_no_key_set(text):
    with pytest.raises(KeySetError):
        keys_of(text)


def test_a_private_key_is_not_taken():
    key = Signer(ISSUER).key
    with pytest.raises(KeySetError, match="private"):
        keys_of(json.dumps({"keys": [key.as_dict(private=True)]}))


def test_keys_of_another_purpose_or_without_a_name_are_passed_over(signer):
    own = json.loads(signer.jwks)["keys"][0]
    others = [{**own, "kid": "b", "use": "enc"}, {**own, "kid": ""}, {"kty": "new", "kid": "c"}]
    assert list(keys_of(json.dumps({"keys": [*others, own]}))) == ["key-1"]


@pytest.mark.parametrize(
    "address",
    ["http://his.example.org/jwks", "ftp://x/y", "https://", "file:///etc/x", "http://[x"],
)
def test_keys_come_over_tls_alone(address):
    with pytest.raises(KeySetError):
        address_of(address)


@pytest.mark.parametrize(
    "address", ["https://his.example.org/jwks", "http://127.0.0.1:1/", "http://localhost/a"]
)
def test_this_machine_needs_no_tls(address):
    assert address_of(address) == address


class Published:
    """A key set at an address of this machine; counts who asks."""

    def __init__(self):
        self.body = b"{}"
        self.status = 200
        self.asked = 0
        published = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                published.asked += 1
                self.send_response(published.status)
                self.send_header("Content-Length", str(len(published.body)))
                self.end_headers()
                self.wfile.write(published.body)

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/jwks.json"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def published():
    found = Published()
    yield found
    found.close()


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


async def test_keys_are_fetched_once_and_again_for_an_unknown_one_in_turn(published, signer):
    clock = Clock()
    source = Source(published.address, clock)
    published.body = signer.jwks.encode()
    assert all(await asyncio.gather(*(source.key("key-1") for _ in range(5))))
    assert published.asked == 1
    published.body = Signer(ISSUER, "key-2").jwks.encode()
    assert await source.key("key-2") is None
    assert published.asked == 1
    clock.now += 31
    assert await source.key("key-2") is not None
    assert await source.key("key-1") is None
    assert published.asked == 2


async def test_keys_that_were_good_hold_while_their_address_is_out_of_reach(published, signer):
    clock = Clock()
    source = Source(published.address, clock)
    published.status = 500
    with pytest.raises(UnavailableError):
        await source.key("key-1")
    clock.now += 31
    published.status, published.body = 200, signer.jwks.encode()
    assert await source.key("key-1") is not None
    clock.now += 4000
    published.status = 500
    assert await source.key("key-1") is not None
    assert published.asked == 3


async def test_a_key_set_without_end_is_not_read(published):
    published.body = b"[" * 100_000
    with pytest.raises(UnavailableError):
        await Source(published.address, Clock()).key("key-1")


async def test_a_client_is_not_called_unregistered_while_the_database_is_away(store, signer):
    faltering = Faltering(store)
    faltering.away.add("cds_clients")
    asked = clients(faltering)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await asked.caller(signer.token(HERE), [HERE])
