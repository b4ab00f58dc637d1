import json

import pytest

from tests.gateway.api.conftest import BASE, BODY_LIMIT
from tests.gateway.api.samples import JSON, PATIENT, observation, post, put, read, refusal

KEYED = {
    "resourceType": "ServiceRequest",
    "identifier": [{"system": "urn:hutong:A:placer", "value": "ORD77"}],
    "status": "active",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
}


async def test_a_create_tells_where_it_is(anna):
    answer = await post(anna, {"resourceType": "Patient"})
    created = read(answer, 201)
    assert answer.headers["Location"] == f"{BASE}/Patient/{created['id']}/_history/1"
    assert answer.headers["ETag"] == 'W/"1"'
    assert "Last-Modified" in answer.headers
    assert read(await anna.get(answer.headers["Location"])) == created


async def test_a_known_business_key_updates_its_resource(anna):
    first = await post(anna, KEYED)
    assert first.status_code == 201
    again = await post(anna, KEYED)
    changed = await post(anna, KEYED | {"status": "completed"})
    assert (again.status_code, changed.status_code) == (200, 200)
    assert again.headers["Location"] == first.headers["Location"]
    assert changed.headers["Location"] == first.headers["Location"].replace("/1", "/2")


async def test_an_update_makes_what_is_not_there(anna):
    made = await put(anna, PATIENT)
    assert read(made, 201)["meta"]["versionId"] == "1"
    changed = await put(anna, PATIENT | {"gender": "female"})
    assert read(changed)["meta"]["versionId"] == "2"
    assert changed.headers["ETag"] == 'W/"2"'
    assert changed.headers["Location"] == f"{BASE}/Patient/p1/_history/2"


async def test_an_update_that_changes_nothing_makes_no_version(anna):
    await put(anna, PATIENT)
    assert read(await put(anna, PATIENT))["meta"]["versionId"] == "1"


async def test_an_update_of_an_older_version_is_refused(anna):
    await put(anna, PATIENT)
    changed = PATIENT | {"gender": "female"}
    assert (await put(anna, changed, **{"If-Match": 'W/"1"'})).status_code == 200
    refusal(await put(anna, PATIENT, **{"If-Match": 'W/"1"'}), 412, "conflict")
    refusal(await put(anna, PATIENT, **{"If-Match": "latest"}), 400, "invalid")
    assert read(await anna.get("/Patient/p1"))["gender"] == "female"


async def test_a_delete_leaves_a_tombstone(anna):
    await put(anna, PATIENT)
    answer = await anna.delete("/Patient/p1")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["ETag"] == 'W/"2"'
    assert "Content-Type" not in answer.headers
    assert (await anna.delete("/Patient/p1")).status_code == 204
    assert (await anna.delete("/Patient/nobody")).status_code == 204


async def test_a_delete_of_an_older_version_is_refused(anna):
    await put(anna, PATIENT)
    refusal(await anna.delete("/Patient/p1", headers={"If-Match": 'W/"9"'}), 412, "conflict")


async def test_what_comes_back_is_what_is_preferred(anna):
    minimal = await put(anna, PATIENT, Prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (201, b"")
    assert minimal.headers["Content-Length"] == "0"
    told = read(await put(anna, PATIENT, Prefer="return=OperationOutcome"))
    assert told["issue"][0]["severity"] == "information"
    whole = await put(anna, PATIENT, Prefer="respond-async, return=representation")
    assert read(whole)["id"] == "p1"
    refusal(await put(anna, PATIENT, Prefer="return=nothing"), 400, "invalid")


async def test_a_warning_comes_with_the_outcome(anna):
    odd = observation("o1", performer=[{"reference": "Device/d1"}])
    told = read(await put(anna, odd, Prefer="return=OperationOutcome"), 201)
    assert [(one["severity"], one.get("expression")) for one in told["issue"]] == [
        ("information", None),
        ("warning", ["Observation.performer[0]"]),
    ]


async def test_the_place_of_a_bad_element_is_told(anna):
    issue = refusal(await put(anna, PATIENT | {"gender": "woman"}), 400, "code-invalid")
    assert issue["expression"] == ["Patient.gender"]
    assert "woman" not in json.dumps(issue)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
async def test_what_is_no_resource_is_refused(anna, body):
    answer = await anna.put("/Patient/p1", content=body, headers=JSON)
    assert read(answer, 400)["resourceType"] == "OperationOutcome"


async def test_the_id_of_the_body_is_that_of_the_address(anna):
    answer = await anna.put("/Patient/p2", content=json.dumps(PATIENT), headers=JSON)
    assert refusal(answer, 400, "invalid")["expression"] == ["Patient.id"]


@pytest.mark.parametrize("kind", ["application/fhir+json", "application/json", "text/json"])
@pytest.mark.parametrize("charset", ["", "; charset=UTF-8", ';charset="utf-8";fhirVersion=4.0'])
async def test_json_has_three_names(anna, kind, charset):
    answer = await put(anna, PATIENT, **{"Content-Type": kind + charset})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    "kind",
    [
        *("application/fhir+turtle", "application/json; charset=gb18030", "text/plain"),
        *("application/fhir+json; fhirVersion=5.0", "application/fhir+xml; charset=gb18030"),
    ],
)
async def test_another_format_is_refused_by_name(anna, kind):
    issue = refusal(await put(anna, PATIENT, **{"Content-Type": kind}), 415, "not-supported")
    assert issue["expression"] == ["Content-Type"]


async def test_a_body_says_what_it_is(anna):
    answer = await anna.put("/Patient/p1", content=json.dumps(PATIENT))
    refusal(answer, 415, "not-supported")
    packed = await put(anna, PATIENT, **{"Content-Encoding": "br"})
    assert refusal(packed, 415, "not-supported")["expression"] == ["Content-Encoding"]


async def test_a_body_over_the_limit_is_refused_before_it_is_read(anna):
    answer = await anna.put("/Patient/p1", content=b" " * (BODY_LIMIT + 1), headers=JSON)
    refusal(answer, 413, "too-long")
    assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("pieces", [[BODY_LIMIT + 1], [BODY_LIMIT, 1]])
async def test_a_body_that_does_not_tell_its_length_is_counted(anna, pieces):
    async def body():
        for size in pieces:
            yield b" " * size

    answer = await anna.put("/Patient/p1", content=body(), headers=JSON)
    refusal(answer, 413, "too-long")


async def test_a_body_in_pieces_is_joined(anna):
    async def body():
        text = json.dumps(PATIENT).encode()
        for at in range(0, len(text), 7):
            yield text[at : at + 7]

    answer = await anna.put("/Patient/p1", content=body(), headers=JSON)
    assert read(answer, 201)["name"] == PATIENT["name"]


async def test_a_write_takes_no_parameter(anna):
    for answer in (
        await post(anna, PATIENT, "/Patient?a=b"),
        await anna.delete("/Patient/p1?a=b"),
        await anna.put("/Patient/p1?a=b", content=b"{}", headers=JSON),
    ):
        assert refusal(answer, 400, "invalid")["expression"] == ["http.a"]


@pytest.mark.parametrize("criteria", ["identifier=urn:x|2", "bogus=1", ""])
async def test_a_single_write_refuses_references_by_criteria(anna, criteria):
    dead = f"Patient?{criteria}"
    for subject in (dead, f"{BASE}/{dead}"):
        sent = observation("o1", subject)
        answers = [await put(anna, sent), await post(anna, sent)]
        answers.append(await post(anna, sent, **{"If-None-Exist": "identifier=1"}))
        answers.append(
            await anna.put("/Observation?_id=o1", content=json.dumps(sent), headers=JSON)
        )
        for answer in answers:
            issue = refusal(answer, 422, "processing")
            assert issue["expression"] == ["Observation.subject.reference"]
            assert "transactions" in issue["details"]["text"]
    listed = observation("o1", performer=[{"display": "x"}, {"reference": dead}])
    issue = refusal(await put(anna, listed), 422, "processing")
    assert issue["expression"] == ["Observation.performer[1].reference"]
    refusal(await anna.get("/Observation/o1"), 404, "not-found")


async def test_addresses_elsewhere_may_have_a_query(anna):
    elsewhere = "http://pacs.test/Patient?id=1"
    read(await put(anna, observation("o1", elsewhere)), 201)
    assert read(await anna.get("/Observation/o1"))["subject"]["reference"] == elsewhere


async def test_a_patch_refuses_references_by_criteria(anna):
    await put(anna, observation("o1"))
    patch = {"subject": {"reference": "Patient?identifier=1"}}
    kind = {"Content-Type": "application/merge-patch+json"}
    issue = refusal(
        await anna.patch("/Observation/o1", content=json.dumps(patch), headers=kind),
        422,
        "processing",
    )
    assert issue["expression"] == ["Observation.subject.reference"]
