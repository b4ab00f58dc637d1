"""How any operation is asked: Parameters, a form, a query; what is wrong is named by its place."""

import json

import pytest

from tests.gateway.api.samples import JSON, PATIENT, post, put, read, refusal

TAG = {"system": "urn:example:tags", "code": "seen"}


def parameters(*rows):
    return {"resourceType": "Parameters", "parameter": list(rows)}


@pytest.fixture
async def patient(anna):
    await put(anna, PATIENT)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize(
    ("rows", "text", "place"),
    [
        ([], "The parameter meta is missing.", "http.meta"),
        ([{"name": "mete", "valueMeta": {"tag": [TAG]}}], "Near: meta.", "Parameters.parameter[0]"),
        ([{"name": "meta", "valueCode": "a"}], "meta takes Meta.", "Parameters.parameter[0]"),
        ([{"name": "meta", "part": []}], None, None),
        ([{"name": "meta", "valueMeta": {"tag": [TAG]}}] * 2, "twice", "Parameters.parameter[1]"),
    ],
)
async def test_what_is_wrong_is_named_by_its_place(anna, rows, text, place):
    body = parameters(*rows) if rows else {"resourceType": "Parameters"}
    answer = await post(anna, body, "/Patient/p1/$meta-add")
    assert answer.status_code == 400
    issue = answer.json()["issue"][0]
    if text:
        assert text in issue["details"]["text"]
        assert issue["expression"] == [place]


@pytest.mark.usefixtures("patient")
async def test_a_body_that_is_no_parameters_is_refused(anna):
    refusal(await post(anna, PATIENT, "/Patient/p1/$meta-add"), 400, "structure")
    broken = parameters({"name": "meta", "valueMeta": {"tag": [TAG]}, "valueCode": "a"})
    refusal(await post(anna, broken, "/Patient/p1/$meta-add"), 400, "structure")
    answer = await anna.post("/Patient/p1/$meta-add", content=b"{", headers=JSON)
    refusal(answer, 400, "structure")
    answer = await anna.post("/Patient/p1/$meta-add", content=b"<a/>")
    refusal(answer, 415, "not-supported")


async def test_a_query_is_as_strict_as_a_search(anna):
    issue = refusal(await anna.get("/$versions?mete=1"), 400, "invalid")
    assert issue["expression"] == ["http.mete"]
    read(await anna.get("/$versions?mete=1", headers={"Prefer": "handling=lenient"}))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    read(await anna.post("/$versions", content="_format=json", headers=form))
    refusal(await anna.post("/$versions", content="a=1", headers=form), 400, "invalid")


async def test_the_answer_comes_in_either_format(anna):
    answer = await anna.get("/$versions", headers={"Accept": "application/fhir+xml"})
    assert answer.text.startswith("<?xml") or answer.text.startswith("<Parameters")
    assert (await anna.post("/$versions")).status_code == 200
    assert (await anna.head("/$versions")).content == b""
    answer = await anna.options("/$versions")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, POST")
    xml = (
        '<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="meta"/><valueMeta><tag>'
        '<system value="urn:example:tags"/><code value="seen"/></tag></valueMeta></parameter>'
        "</Parameters>"
    )
    await put(anna, PATIENT)
    answer = await anna.post(
        "/Patient/p1/$meta-add", content=xml, headers={"Content-Type": "application/fhir+xml"}
    )
    assert read(answer)["parameter"][0]["valueMeta"]["tag"] == [TAG]


async def test_an_operation_needs_a_token(gateway):
    refusal(await gateway.client().get("/$versions"), 401, "login")
    answer = await gateway.client().post("/Patient/p1/$meta-add", content=json.dumps(PATIENT))
    refusal(answer, 401, "login")
