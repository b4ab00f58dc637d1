"""XML in and out, over HTTP."""

import pytest

from gateway.fhir import xml
from gateway.fhir.codec import encode
from tests.gateway.api.samples import JSON, PATIENT, observation, post, put, read, refusal

XML = {"Content-Type": "application/fhir+xml"}
WANTED = {"Accept": "application/fhir+xml"}


def told(answer, status=200):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/fhir+xml; charset=utf-8"
    if "Content-Encoding" not in answer.headers:
        assert answer.headers["Content-Length"] == str(len(answer.content))
    return xml.decode(answer.content)


async def test_what_comes_as_xml_is_the_same_resource(anna):
    body = encode(observation("o1", valueQuantity={"value": 5})).replace(b"5}", b"1.00}")
    sent = xml.encode(xml.decode(xml.encode(observation("o1"))))
    made = await anna.put("/Observation/o1", content=sent, headers=XML)
    assert read(made, 201)["code"] == observation("o1")["code"]
    await anna.put("/Observation/o1", content=body, headers=JSON)
    answer = await anna.get("/Observation/o1", headers=WANTED)
    assert b'<value value="1.00"/>' in answer.content
    assert answer.headers["ETag"] == 'W/"2"'
    assert told(answer)["meta"]["versionId"] == "2"
    again = await anna.put("/Observation/o1", content=answer.content, headers=XML)
    assert again.headers["ETag"] == 'W/"2"'


@pytest.mark.parametrize("name", ["xml", "application/fhir+xml", "text/xml", "application%2Fxml"])
async def test_format_asks_for_xml(anna, name):
    await put(anna, PATIENT)
    assert told(await anna.get(f"/Patient/p1?_format={name}"))["id"] == "p1"
    found = told(await anna.get(f"/Patient?_format={name}"))
    assert found["entry"][0]["resource"]["id"] == "p1"
    assert told(await anna.get(f"/metadata?_format={name}"))["fhirVersion"] == "4.0.1"


async def test_a_browser_that_prefers_json_gets_it(anna):
    await put(anna, PATIENT)
    answer = await anna.get("/Patient/p1", headers={"Accept": "text/xml;q=0.5, application/json"})
    assert answer.headers["Content-Type"].startswith("application/fhir+json")


async def test_errors_are_told_in_xml_too(anna, gateway):
    for answer in (
        await anna.get("/Patient/nobody", headers=WANTED),
        await anna.get("/Patient/nobody?_format=xml"),
        await anna.get("/Nothing", headers=WANTED),
        await gateway.client().get("/Patient/p1", headers=WANTED),
        await post(anna, {"resourceType": "Patient", "x": 1}, **WANTED),
    ):
        assert told(answer, answer.status_code)["resourceType"] == "OperationOutcome"


async def test_a_transaction_in_xml(anna):
    entry = {"request": {"method": "PUT", "url": "Patient/p1"}, "resource": PATIENT}
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    answer = await anna.post("", content=xml.encode(sent), headers=XML | WANTED)
    assert told(answer)["entry"][0]["response"]["status"] == "201 Created"


async def test_hostile_xml_is_refused(anna):
    bomb = '<!DOCTYPE x [<!ENTITY a "a">]><Patient xmlns="http://hl7.org/fhir"/>'
    for body in (bomb, "<", "<a>" * 50_000, '<Patient xmlns="http://hl7.org/fhir"><x/></Patient>'):
        answer = await anna.post("/Patient", content=body, headers=XML)
        refusal(answer, 400, "structure")
    refusal(await anna.post("/Patient", content="", headers=XML), 400, "invalid")


async def test_what_comes_as_xml_is_checked_like_json(anna):
    body = '<Patient xmlns="http://hl7.org/fhir"><gender value="woman"/></Patient>'
    issue = refusal(await anna.post("/Patient", content=body, headers=XML), 400, "code-invalid")
    assert issue["expression"] == ["Patient.gender"]


async def test_a_fhirpath_patch_comes_as_xml(anna):
    await put(anna, PATIENT)
    body = """<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>
      <part><name value="type"/><valueCode value="add"/></part>
      <part><name value="path"/><valueString value="Patient"/></part>
      <part><name value="name"/><valueString value="gender"/></part>
      <part><name value="value"/><valueCode value="female"/></part></parameter></Parameters>"""
    assert read(await anna.patch("/Patient/p1", content=body, headers=XML))["gender"] == "female"


async def test_what_is_no_resource_has_no_xml(gateway):
    anna = await gateway.campus("A", "recognition")
    for address in ("/recognition/reasons", "/recognition/quality"):
        answer = await anna.get(f"http://gateway.test{address}", headers=WANTED)
        assert answer.status_code == 406, address
    sent = await anna.post("http://gateway.test/recognition/check", content=b"<a/>", headers=XML)
    assert sent.status_code == 415


async def test_xml_is_indented_on_request(anna):
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>a</p> <b>b</b></div>'
    await put(anna, PATIENT | {"text": {"status": "generated", "div": div}})
    plain = await anna.get("/Patient/p1?_format=xml")
    pretty = await anna.get("/Patient/p1?_format=xml&_pretty=true")
    assert told(pretty) == told(plain)
    assert f"\n    {div}\n" in pretty.text
    assert '\n    <family value="王"/>\n' in pretty.text
    lines = pretty.text.splitlines()
    assert lines[1] == '<Patient xmlns="http://hl7.org/fhir">'
    assert lines[-1] == "</Patient>"
