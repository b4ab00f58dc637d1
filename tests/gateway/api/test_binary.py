"""Binary in its own content type."""

import base64

import pytest

from tests.gateway.api.samples import PATIENT, observation, put, read, refusal

DATA = bytes(range(256)) * 4
PDF = {"Content-Type": "application/pdf"}
WANTED = {"Accept": "application/pdf"}
FHIR = {"Accept": "application/fhir+json"}
FHIR_JSON = "application/fhir+json; charset=utf-8"


@pytest.fixture
async def stored(anna):
    answer = await anna.put("/Binary/b1", content=DATA, headers=PDF)
    assert answer.status_code == 201
    return anna


async def test_what_is_sent_comes_back(stored):
    answer = await stored.get("/Binary/b1", headers=WANTED)
    assert (answer.content, answer.headers["Content-Type"]) == (DATA, "application/pdf")
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert (await stored.get("/Binary/b1")).content == DATA
    resource = read(await stored.get("/Binary/b1", headers=FHIR))
    assert base64.b64decode(resource["data"]) == DATA
    made = await stored.post("/Binary", content=b"x", headers={"Content-Type": "text/plain"})
    assert read(made, 201)["contentType"] == "text/plain"


async def test_a_browser_is_shown_a_picture(stored):
    await stored.put("/Binary/b2", content=DATA, headers={"Content-Type": "image/png"})
    accept = {"Accept": "image/avif,image/*,*/*;q=0.8"}
    assert (await stored.get("/Binary/b2", headers=accept)).content == DATA
    asked = await stored.get("/Binary/b2?_format=json", headers=accept)
    assert read(asked)["contentType"] == "image/png"


@pytest.mark.parametrize(
    ("accept", "is_content"),
    [
        (None, True),
        ("*/*", True),
        ("application/*", True),
        ("text/html,application/xhtml+xml,*/*;q=0.8", True),
        ("application/fhir+json, */*;q=0.1", False),
        ("application/json, text/plain, */*", False),
        ("application/fhir+xml", False),
        ("application/fhir+json;q=0.5, application/pdf", True),
    ],
)
async def test_what_is_not_asked_for_as_fhir_is_given_as_it_is(stored, accept, is_content):
    request = stored.build_request("GET", "/Binary/b1")
    del request.headers["Accept"]
    if accept:
        request.headers["Accept"] = accept
    answer = await stored.send(request)
    assert answer.status_code == 200
    assert (answer.content == DATA) == is_content


@pytest.mark.parametrize(
    ("asked", "status", "span", "told"),
    [
        ("bytes=0-9", 206, slice(0, 10), "bytes 0-9/1024"),
        ("bytes=1000-", 206, slice(1000, 1024), "bytes 1000-1023/1024"),
        ("bytes=1000-5000", 206, slice(1000, 1024), "bytes 1000-1023/1024"),
        ("bytes=-4", 206, slice(1020, 1024), "bytes 1020-1023/1024"),
        ("bytes=-5000", 206, slice(0, 1024), "bytes 0-1023/1024"),
        ("bytes=9-1", 200, slice(0, 1024), None),
        ("bytes=0-1,5-6", 200, slice(0, 1024), None),
        ("lines=0-1", 200, slice(0, 1024), None),
    ],
)
async def test_a_part_is_given(stored, asked, status, span, told):
    answer = await stored.get("/Binary/b1", headers=WANTED | {"Range": asked})
    assert (answer.status_code, answer.content) == (status, DATA[span])
    assert answer.headers.get("Content-Range") == told


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=-0"])
async def test_a_range_beyond_the_end_is_refused_with_the_size(stored, asked):
    answer = await stored.get("/Binary/b1", headers=WANTED | {"Range": asked})
    assert refusal(answer, 416, "invalid")["expression"] == ["Range"]
    assert answer.headers["Content-Range"] == "bytes */1024"


async def test_if_range_gives_all(stored):
    headers = WANTED | {"Range": "bytes=0-1", "If-Range": 'W/"1"'}
    assert (await stored.get("/Binary/b1", headers=headers)).status_code == 200
    head = await stored.head("/Binary/b1", headers=WANTED)
    assert (head.headers["Content-Length"], head.content) == ("1024", b"")


async def test_the_security_context_decides(gateway, stored):
    ben = await gateway.campus("B")
    await put(stored, PATIENT)
    hidden = {"resourceType": "Task", "id": "t1", "status": "draft", "intent": "order"}
    await put(stored, hidden)
    for context, status in (("Patient/p1", 200), ("Task/t1", 404), ("Patient/none", 404)):
        headers = PDF | {"X-Security-Context": context}
        await stored.put("/Binary/b1", content=DATA, headers=headers)
        assert (await stored.get("/Binary/b1", headers=WANTED)).status_code == 200
        assert (await ben.get("/Binary/b1", headers=WANTED)).status_code == status
        found = read(await ben.get("/Binary"))
        shown = [one for one in found.get("entry", []) if one["search"]["mode"] == "match"]
        assert len(shown) == (status == 200)
    elsewhere = ("http://other.test/fhir/Patient/p1", "fhir/Patient/p1", "urn:uuid:1", "#p1", "p1")
    for context in elsewhere:
        headers = PDF | {"X-Security-Context": context}
        await stored.put("/Binary/b1", content=DATA, headers=headers)
        assert (await stored.get("/Binary/b1", headers=WANTED)).status_code == 200
        refusal(await ben.get("/Binary/b1", headers=WANTED), 404, "not-found")
    binaries = await gateway.campus("C", "system/Binary.rs")
    refusal(await binaries.get("/Binary/b1"), 404, "not-found")
    await put(stored, observation("o1"))


@pytest.mark.parametrize("kind", ["application/pdf", "application/json", FHIR_JSON])
async def test_what_it_holds_is_not_indented(anna, kind):
    made = {"resourceType": "Binary", "id": "b1", "contentType": kind, "data": "e30K"}
    await put(anna, made)
    answer = await anna.get("/Binary/b1", params={"_pretty": "true"})
    assert (answer.status_code, answer.content) == (200, b"{}\n")
    await put(anna, made | {"data": "/w=="})
    answer = await anna.get("/Binary/b1", params={"_pretty": "true"})
    assert (answer.status_code, answer.content) == (200, b"\xff")
    pretty = await anna.get("/Binary/b1", params={"_pretty": "true", "_format": "json"})
    assert pretty.content.startswith(b'{\n  "resourceType": "Binary"')


async def test_whoever_asks_for_elements_is_given_the_resource(stored):
    for params in ({"_elements": "contentType"}, {"_summary": "true"}):
        told = read(await stored.get("/Binary/b1", params=params))
        assert told["contentType"] == "application/pdf"


async def test_a_media_type_must_be_one(anna):
    answer = await anna.post("/Binary", content=b"x", headers={"Content-Type": "pdf"})
    refusal(answer, 400, "invalid")
