"""gzip, in and out."""

import gzip
import json

from tests.gateway.api.conftest import BODY_LIMIT
from tests.gateway.api.samples import JSON, PATIENT, put, read, refusal

PACKED = JSON | {"Content-Encoding": "gzip"}
LARGE = PATIENT | {"name": [{"text": f"name {number}"} for number in range(100)]}


async def test_a_large_answer_is_packed_for_whoever_takes_it(anna):
    await put(anna, LARGE)
    plain = await anna.get("/Patient/p1", headers={"Accept-Encoding": "identity"})
    packed = await anna.get("/Patient/p1", headers={"Accept-Encoding": "br, gzip;q=0.5"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "accept-encoding"
    assert int(packed.headers["Content-Length"]) < len(plain.content) / 3
    assert packed.content == plain.content
    assert packed.headers["ETag"] == plain.headers["ETag"]
    for header in ("gzip;q=0", "br", "*;q=0.0"):
        answer = await anna.get("/Patient/p1", headers={"Accept-Encoding": header})
        assert "Content-Encoding" not in answer.headers


async def test_a_small_answer_is_not(anna):
    answer = await put(anna, PATIENT, **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


async def test_a_packed_body_is_read(anna):
    body = gzip.compress(json.dumps(LARGE).encode())
    assert read(await anna.put("/Patient/p1", content=body, headers=PACKED), 201)["id"] == "p1"


async def test_a_packed_body_is_bounded(anna):
    bomb = gzip.compress(b" " * (50 * BODY_LIMIT))
    assert len(bomb) < BODY_LIMIT
    refusal(await anna.put("/Patient/p1", content=bomb, headers=PACKED), 413, "too-long")


async def test_a_damaged_body_is_refused(anna):
    whole = gzip.compress(json.dumps(PATIENT).encode())
    for body in (b"plain", whole[:-3], whole + b"more", b""):
        answer = await anna.put("/Patient/p1", content=body, headers=PACKED)
        refusal(answer, 400, "invalid")
