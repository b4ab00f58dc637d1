"""Patches over HTTP."""

import asyncio
import base64
import json

import pytest

from tests.gateway.api.samples import JSON, PATIENT, observation, post, put, read, refusal

KIND = {"Content-Type": "application/json-patch+json"}


def operation(type_, path, **parts):
    found = [{"name": "type", "valueCode": type_}, {"name": "path", "valueString": path}]
    for name, value in parts.items():
        key = "valueInteger" if isinstance(value, int) else "valueString"
        found.append({"name": name, **(value if isinstance(value, dict) else {key: value})})
    return {"name": "operation", "part": found}


def parameters(*operations):
    found = {"resourceType": "Parameters"}
    return found | ({"parameter": list(operations)} if operations else {})


async def patch(client, name, operations, **headers):
    return await client.patch(f"/{name}", content=json.dumps(operations), headers=KIND | headers)


async def fhirpath(client, name, *operations, **headers):
    body = json.dumps(parameters(*operations))
    return await client.patch(f"/{name}", content=body, headers=JSON | headers)


GENDER = [{"op": "add", "path": "/gender", "value": "female"}]


async def test_a_json_patch_makes_a_version(anna):
    await put(anna, PATIENT)
    answer = await patch(anna, "Patient/p1", GENDER)
    changed = read(answer)
    assert (changed["gender"], answer.headers["ETag"]) == ("female", 'W/"2"')
    assert read(await anna.get("/Patient/p1")) == changed


async def test_what_a_patch_does_not_touch_keeps_its_bytes(anna):
    body = (
        '{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"\\u738b\\/"},'
        '"valueQuantity":{"value":1.00},"component":[{"code":{"text":"x"},'
        '"valueQuantity":{"value":1.0E3}}]}'
    )
    await anna.put("/Observation/o1", content=body, headers=JSON)
    steps = [{"op": "replace", "path": "/component/0/code/text", "value": "y"}]
    answer = await patch(anna, "Observation/o1", steps)
    assert read(answer)["component"][0]["code"] == {"text": "y"}
    for part in ('"code":{"text":"\\u738b\\/"}', '"value":1.00}', '"value":1.0E3}'):
        assert part in answer.text


async def test_a_patch_that_changes_nothing_makes_no_version(anna):
    await put(anna, PATIENT)
    for answer in (
        await patch(anna, "Patient/p1", []),
        await patch(anna, "Patient/p1", [{"op": "test", "path": "/id", "value": "p1"}]),
        await patch(anna, "Patient/p1", [{"op": "replace", "path": "/id", "value": "p1"}]),
        await fhirpath(anna, "Patient/p1"),
        await fhirpath(anna, "Patient/p1", operation("delete", "Patient.gender")),
    ):
        assert (read(answer)["id"], answer.headers["ETag"]) == ("p1", 'W/"1"')


async def test_a_patch_looks_at_the_version(anna):
    await put(anna, PATIENT)
    assert (await patch(anna, "Patient/p1", GENDER, **{"If-Match": 'W/"1"'})).status_code == 200
    stale = await patch(anna, "Patient/p1", GENDER, **{"If-Match": 'W/"1"'})
    refusal(stale, 412, "conflict")


async def test_patches_at_once_all_count(anna):
    await put(anna, PATIENT | {"address": [{"city": "x"}]})
    jobs = [
        patch(anna, "Patient/p1", [{"op": "add", "path": "/address/-", "value": {"city": f"{n}"}}])
        for n in range(20)
    ]
    answers = await asyncio.gather(*jobs)
    assert {one.status_code for one in answers} == {200}
    cities = {one["city"] for one in read(await anna.get("/Patient/p1"))["address"]}
    assert cities == {"x", *map(str, range(20))}


async def test_a_fhirpath_patch_changes_what_it_names(anna):
    await put(anna, PATIENT | {"birthDate": "1950-01-01"})
    answer = await fhirpath(
        anna,
        "Patient/p1",
        operation("replace", "Patient.birthDate", value={"valueDate": "1951-01-01"}),
        operation("add", "Patient", name="gender", value={"valueCode": "female"}),
        operation("insert", "Patient.name[0].given", index=1, value="秀"),
        operation("move", "Patient.name[0].given", source=1, destination=0),
    )
    changed = read(answer)
    assert (changed["birthDate"], changed["gender"]) == ("1951-01-01", "female")
    assert changed["name"][0]["given"] == ["秀", "秀英"]


async def test_a_value_of_a_choice_takes_its_type(anna):
    await put(anna, observation("o1"))
    value = {"valueQuantity": {"value": 5, "unit": "mmol/L"}}
    answer = await fhirpath(
        anna, "Observation/o1", operation("add", "Observation", name="value", value=value)
    )
    assert read(answer)["valueQuantity"]["value"] == 5
    answer = await fhirpath(
        anna,
        "Observation/o1",
        operation("replace", "Observation.value", value={"valueString": "high"}),
    )
    changed = read(answer)
    assert (changed["valueString"], "valueQuantity" in changed) == ("high", False)


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (operation("replace", "Patient.gender", value={"valueCode": "male"}), 422),
        (operation("add", "Patient", name="birthDate", value={"valueDate": "1950"}), 422),
        (operation("add", "Patient", name="colour", value="x"), 422),
        (operation("delete", "Patient.name.given"), 422),
        (
            operation("insert", "Patient.name", index=5, value={"valueHumanName": {"text": "x"}}),
            422,
        ),
        (operation("move", "Patient.name", source=0, destination=4), 422),
        (operation("delete", "Patient"), 422),
        (operation("delete", "Patient.name.where(given.count() > 1)"), 400),
        (operation("drop", "Patient.name"), 400),
        (operation("delete", "Patient.name", index=1), 400),
        (operation("add", "Patient"), 400),
        ({"name": "other"}, 400),
    ],
)
async def test_what_a_fhirpath_patch_cannot_do_names_the_operation(anna, one, status):
    await put(anna, PATIENT | {"birthDate": "1950", "name": [{"given": ["a", "b"]}]})
    answer = await fhirpath(anna, "Patient/p1", operation("delete", "Patient.photo"), one)
    issue = read(answer, status)["issue"][0]
    assert issue["expression"][0].startswith("Parameters.parameter[")
    assert read(await anna.get("/Patient/p1"))["meta"]["versionId"] == "1"


async def test_a_patch_may_not_break_the_resource(anna):
    await put(anna, PATIENT)
    wrong = [{"op": "add", "path": "/gender", "value": "woman"}]
    issue = refusal(await patch(anna, "Patient/p1", wrong), 400, "code-invalid")
    assert issue["expression"] == ["Patient.gender"]
    for path, value in (("/id", "other"), ("/resourceType", "Person")):
        steps = [{"op": "replace", "path": path, "value": value}]
        refusal(await patch(anna, "Patient/p1", steps), 422, "processing")
    refusal(await patch(anna, "Patient/p1", [{"op": "remove", "path": "/x"}]), 422, "processing")
    refusal(await patch(anna, "Patient/p1", {}), 400, "invalid")
    refusal(await anna.patch("/Patient/p1", content=b"", headers=KIND), 400, "invalid")
    refusal(await anna.patch("/Patient/p1", content=b"[", headers=KIND), 400, "structure")
    no_patch = json.dumps(PATIENT)
    refusal(await anna.patch("/Patient/p1", content=no_patch, headers=JSON), 400, "structure")
    kind = {"Content-Type": "application/xml-patch+xml"}
    answer = await anna.patch("/Patient/p1", content=b"<x/>", headers=kind)
    issue = refusal(answer, 415, "not-supported")
    assert "XML Patch is not offered" in issue["details"]["text"]


@pytest.mark.parametrize("op", [["add"], {"a": 1}, None, 1, "drop"])
async def test_what_is_no_op_is_refused_by_its_place(anna, op):
    await put(anna, PATIENT)
    answer = await patch(anna, "Patient/p1", [{"op": op, "path": "/gender", "value": "male"}])
    assert refusal(answer, 400, "invalid")["expression"] == ["[0]"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("json-patch", b'[{"op":"test","op":"remove","path":"/name","value":1}]'),
        ("json-patch", b'[{"op":"add","path":"/gender","value":{"a":1,"\\u0061":2}}]'),
        ("merge-patch", b'{"gender":"male","gender":"female"}'),
    ],
)
async def test_a_patch_that_names_a_member_twice_is_refused(anna, kind, body):
    await put(anna, PATIENT)
    headers = {"Content-Type": f"application/{kind}+json"}
    answer = await anna.patch("/Patient/p1", content=body, headers=headers)
    assert "twice" in refusal(answer, 400, "structure")["details"]["text"]
    assert read(await anna.get("/Patient/p1"))["meta"]["versionId"] == "1"


async def test_a_part_without_a_name_is_refused_by_its_place(anna):
    await put(anna, PATIENT)
    absent = {"extension": [{"url": "urn:x", "valueCode": "unknown"}]}
    one = operation("delete", "Patient.name")
    one["part"].append({"_name": absent, "valueString": "x"})
    issue = refusal(await fhirpath(anna, "Patient/p1", one), 400, "invalid")
    assert issue["expression"] == ["Parameters.parameter[0]"]


async def test_a_patch_needs_a_resource_of_its_campus(gateway, anna):
    ben = await gateway.campus("B")
    await put(anna, PATIENT)
    refusal(await patch(ben, "Patient/p1", GENDER), 403, "forbidden")
    refusal(await patch(anna, "Patient/nobody", GENDER), 404, "not-found")
    refusal(await patch(ben, "Patient?_id=p1", GENDER), 404, "not-found")
    await anna.delete("/Patient/p1")
    refusal(await patch(anna, "Patient/p1", GENDER), 410, "deleted")


async def test_a_conditional_patch(anna):
    await put(anna, PATIENT)
    assert read(await patch(anna, "Patient?name=王", GENDER))["gender"] == "female"
    refusal(await patch(anna, "Patient?name=李", GENDER), 404, "not-found")


async def test_patches_in_bundles(anna):
    await put(anna, PATIENT)
    await put(anna, observation("o1"))
    data = base64.b64encode(json.dumps(GENDER).encode()).decode()
    binary = {"resourceType": "Binary", "contentType": KIND["Content-Type"], "data": data}
    amended = operation("replace", "Observation.status", value={"valueCode": "amended"})
    for kind in ("transaction", "batch"):
        sent = {
            "resourceType": "Bundle",
            "type": kind,
            "entry": [
                {"request": {"method": "PATCH", "url": "Patient/p1"}, "resource": binary},
                {
                    "request": {"method": "PATCH", "url": "Observation?subject=Patient/p1"},
                    "resource": parameters(amended),
                },
                {"request": {"method": "GET", "url": "Patient/p1"}},
            ],
        }
        told = read(await post(anna, sent, ""))["entry"]
        assert [one["response"]["status"][:3] for one in told] == ["200"] * 3
        assert told[2]["resource"]["gender"] == "female"
    assert read(await anna.get("/Observation/o1"))["meta"]["versionId"] == "2"


async def test_a_bad_patch_in_a_bundle_names_its_entry(anna):
    await put(anna, PATIENT)
    wrong = {"resourceType": "Binary", "contentType": "text/plain", "data": "IQ=="}
    for resource in (wrong, wrong | {"contentType": KIND["Content-Type"], "data": "!"}, PATIENT):
        one = {"request": {"method": "PATCH", "url": "Patient/p1"}, "resource": resource}
        sent = {"resourceType": "Bundle", "type": "transaction", "entry": [one]}
        issue = read(await post(anna, sent, ""), 400)["issue"][0]
        assert issue["expression"][0].startswith("Bundle.entry[0]")


MERGE = {"Content-Type": "application/merge-patch+json"}


async def merge(client, name, body, **headers):
    return await client.patch(f"/{name}", content=json.dumps(body), headers=MERGE | headers)


async def test_a_merge_patch_sets_and_takes_out_members(anna):
    await put(anna, PATIENT | {"gender": "male", "contact": [{"name": {"text": "a"}}]})
    changed = read(
        await merge(anna, "Patient/p1", {"gender": None, "active": True, "contact": None})
    )
    assert (changed["active"], changed["name"]) == (True, PATIENT["name"])
    assert not {"gender", "contact"} & changed.keys()
    same = await merge(anna, "Patient/p1", {"active": True, "nothing": None})
    assert read(same)["meta"]["versionId"] == "2"


async def test_plain_json_is_a_merge_unless_it_is_parameters(anna):
    await put(anna, PATIENT)
    kind = {"Content-Type": "application/json"}
    assert read(await merge(anna, "Patient/p1", {"active": True}, **kind))["active"]
    body = parameters(operation("delete", "Patient.active"))
    answer = await anna.patch("/Patient/p1", content=json.dumps(body), headers=kind)
    assert "active" not in read(answer)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({"id": "p2"}, 422),
        ({"resourceType": "Person"}, 422),
        ({"gender": "unheard"}, 400),
        ({"resourceType": None}, 422),
    ],
)
async def test_a_merge_patch_that_leaves_no_such_resource_is_refused(anna, body, status):
    await put(anna, PATIENT)
    assert (await merge(anna, "Patient/p1", body)).status_code == status
    assert read(await anna.get("/Patient/p1"))["meta"]["versionId"] == "1"


async def test_a_merge_patch_stands_in_a_binary_of_a_bundle(anna):
    await put(anna, PATIENT)
    data = base64.b64encode(json.dumps({"active": True}).encode()).decode()
    binary = {"resourceType": "Binary", "contentType": MERGE["Content-Type"], "data": data}
    request = {"method": "PATCH", "url": "Patient/p1"}
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{"request": request, "resource": binary}],
    }
    told = read(await post(anna, bundle, ""))
    assert told["entry"][0]["response"]["status"] == "200 OK"
    assert read(await anna.get("/Patient/p1"))["active"]
