"""Bodies at rest: what one version of the gateway stored, every later one reads."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.body import dictionary, fill, instant, pack, unpack

# A dictionary that was ever used stays as it is, to the byte.
PINNED = {
    1: "d60e9b91833bcc8b74dd8a049779c8bf260e9d9dace60ed863e82494fa677cea",
    2: "0c82333f2e777db181bb697f983fb7720d3450bec2e94eb2451c86d82462c41b",
}
OBSERVATION = (
    b'{"resourceType":"Observation","id":"1","meta":{},"status":"final","code":{"text":"K"}}'
)
# What the first versions stored, with deflate and dictionary 1.
DEFLATED = bytes.fromhex("23a634034d0b438b3350aac72826a019166ab737d05400")


@pytest.mark.parametrize("codec", PINNED)
def test_a_dictionary_never_changes(codec):
    assert hashlib.sha256(dictionary(codec)).hexdigest() == PINNED[codec]


@given(st.binary(max_size=3000))
def test_what_was_packed_comes_out_the_same(body):
    assert unpack(*pack(body)) == body


def test_what_an_older_version_stored_is_read():
    assert unpack(1, DEFLATED) == OBSERVATION


def test_threads_pack_and_unpack_side_by_side():
    bodies = [b'{"resourceType":"Patient","id":"%d"}' % number * 40 for number in range(2_000)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda body: unpack(*pack(body)), bodies)) == bodies


def test_one_body_leaves_no_trace_in_the_next():
    first = pack(b'{"resourceType":"Patient","id":"a"}' * 9)
    pack(b"something else entirely, and long enough to be compressed" * 9)
    assert pack(b'{"resourceType":"Patient","id":"a"}' * 9) == first


def test_version_and_moment_fill_the_hole():
    body = b'{"meta":{,"tag":[]}}'
    assert fill(body, 9, 7, 1_795_000_000_123_456) == (
        b'{"meta":{"versionId":"7","lastUpdated":"'
        + instant(1_795_000_000_123_456).encode()
        + b'","tag":[]}}'
    )
    assert instant(1_795_000_000_123_456) == "2026-11-18T11:06:40.123456Z"
