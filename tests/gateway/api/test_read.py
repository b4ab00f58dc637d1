from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest

from tests.gateway.api.samples import JSON, PATIENT, put, read, refusal

EXACT = (
    b'{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},'
    b'"valueQuantity":{"value":1.0E3}}'
)


@pytest.fixture
async def stored(anna):
    return await put(anna, PATIENT)


async def test_what_was_written_is_read_digit_for_digit(anna):
    await anna.put("/Observation/o1", content=EXACT, headers=JSON)
    answer = await anna.get("/Observation/o1")
    assert read(answer)["id"] == "o1"
    assert b'"value":1.0E3' in answer.content


@pytest.mark.usefixtures("stored")
async def test_a_read_tells_version_and_time(anna):
    answer = await anna.get("/Patient/p1")
    meta = read(answer)["meta"]
    assert answer.headers["ETag"] == 'W/"1"'
    assert meta["versionId"] == "1"
    changed = parsedate_to_datetime(answer.headers["Last-Modified"]).isoformat()
    assert changed[:19] == meta["lastUpdated"][:19]
    assert answer.headers["Content-Type"] == "application/fhir+json; charset=utf-8"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("stored")
async def test_a_head_has_the_headers_and_no_body(anna):
    full = await anna.get("/Patient/p1")
    head = await anna.head("/Patient/p1")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == full.headers


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("tags", ['W/"1"', '"1"', 'W/"7", W/"1"', "*"])
async def test_what_the_client_has_is_not_sent_again(anna, tags):
    answer = await anna.get("/Patient/p1", headers={"If-None-Match": tags})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == 'W/"1"'


@pytest.mark.usefixtures("stored")
async def test_another_version_is_sent(anna):
    answer = await anna.get("/Patient/p1", headers={"If-None-Match": 'W/"2"'})
    assert read(answer)["id"] == "p1"


async def test_what_did_not_change_since_is_not_sent_again(anna, stored):
    changed = parsedate_to_datetime(stored.headers["Last-Modified"])
    before = format_datetime(changed.replace(year=changed.year - 1), usegmt=True)
    for since, status in ((stored.headers["Last-Modified"], 304), (before, 200), ("soon", 200)):
        answer = await anna.get("/Patient/p1", headers={"If-Modified-Since": since})
        assert answer.status_code == status, since


@pytest.mark.usefixtures("stored")
async def test_a_change_within_the_same_second_is_not_hidden(anna):
    for gender in ("female", "male", "other"):
        since = (await anna.get("/Patient/p1")).headers["Last-Modified"]
        changed = await put(anna, PATIENT | {"gender": gender})
        answer = await anna.get("/Patient/p1", headers={"If-Modified-Since": since})
        assert (answer.status_code, answer.headers["ETag"]) == (200, changed.headers["ETag"])
    later = parsedate_to_datetime(changed.headers["Last-Modified"]) + timedelta(seconds=1)
    since = format_datetime(later, usegmt=True)
    answer = await anna.get("/Patient/p1", headers={"If-Modified-Since": since})
    assert answer.status_code == 304


async def test_what_is_not_there_is_not_found(anna):
    refusal(await anna.get("/Patient/nobody"), 404, "not-found")


@pytest.mark.usefixtures("stored")
async def test_what_was_deleted_is_gone(anna):
    await anna.delete("/Patient/p1")
    refusal(await anna.get("/Patient/p1"), 410, "deleted")


@pytest.mark.usefixtures("stored")
async def test_a_version_is_read(anna):
    await put(anna, PATIENT | {"gender": "female"})
    first = await anna.get("/Patient/p1/_history/1")
    assert "gender" not in read(first)
    assert first.headers["ETag"] == 'W/"1"'
    assert read(await anna.get("/Patient/p1/_history/2"))["gender"] == "female"


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("version", ["2", "0", "-1", "x", "9" * 40])
async def test_a_version_that_never_was_is_not_found(anna, version):
    refusal(await anna.get(f"/Patient/p1/_history/{version}"), 404, "not-found")


@pytest.mark.usefixtures("stored")
async def test_the_version_of_a_delete_is_gone(anna):
    await anna.delete("/Patient/p1")
    refusal(await anna.get("/Patient/p1/_history/2"), 410, "deleted")
    assert read(await anna.get("/Patient/p1/_history/1"))["id"] == "p1"


@pytest.mark.usefixtures("stored")
async def test_a_read_takes_no_parameter_of_a_search(anna):
    issue = refusal(await anna.get("/Patient/p1?name=x"), 400, "invalid")
    assert issue["expression"] == ["http.name"]
    lenient = await anna.get("/Patient/p1?name=x", headers={"Prefer": "handling=lenient"})
    assert read(lenient)["id"] == "p1"


async def test_pretty_text_keeps_every_digit(anna):
    await anna.put("/Observation/o1", content=EXACT, headers=JSON)
    answer = await anna.get("/Observation/o1?_pretty=true")
    assert b'\n    "value": 1.0E3\n' in answer.content
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Content-Length"] == str(len(answer.content))


BINARY = {
    "resourceType": "Binary",
    "id": "b1",
    "contentType": "application/xml; charset=utf-8",
    "data": "PGEvPg==",
}


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/xml", "text/html, application/xml;q=0.5", "application/xml;q=0.1, */*"],
)
async def test_a_binary_is_read_as_what_it_holds(anna, accept):
    await put(anna, BINARY)
    answer = await anna.get("/Binary/b1", headers={"Accept": accept})
    assert (answer.status_code, answer.content) == (200, b"<a/>")
    assert answer.headers["Content-Type"] == BINARY["contentType"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["ETag"] == 'W/"1"'


@pytest.mark.parametrize(
    "accept", ["application/json", "application/fhir+json", "application/fhir+json, */*;q=0.5"]
)
async def test_a_binary_is_a_resource_for_whoever_takes_one(anna, accept):
    await put(anna, BINARY)
    answer = await anna.get("/Binary/b1", headers={"Accept": accept})
    assert read(answer)["data"] == "PGEvPg=="


@pytest.mark.parametrize("accept", ["text/csv", "application/xml;q=0"])
async def test_a_binary_is_not_made_into_something_else(anna, accept):
    await put(anna, BINARY)
    refusal(await anna.get("/Binary/b1", headers={"Accept": accept}), 406, "not-supported")
