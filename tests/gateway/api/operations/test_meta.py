"""`$meta`, `$meta-add`, `$meta-delete` and `$versions`."""

import pytest

from tests.gateway.api.operations.test_inputs import TAG, parameters
from tests.gateway.api.samples import PATIENT, observation, post, put, read, refusal

OTHER = {"system": "urn:example:tags", "code": "checked"}
PROFILE = "http://example.org/StructureDefinition/patient"
SECURITY = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"}
RESTRICTED = SECURITY | {"code": "R"}


def told(answer):
    (found,) = read(answer)["parameter"]
    assert found["name"] == "return"
    return found["valueMeta"]


async def change(client, name, how, **meta):
    body = parameters({"name": "meta", "valueMeta": meta})
    return await post(client, body, f"/{name}/$meta-{how}")


async def test_the_meta_of_an_instance_and_of_a_version(anna):
    await put(anna, PATIENT | {"meta": {"tag": [TAG]}})
    await put(anna, PATIENT | {"active": True, "meta": {"tag": [OTHER]}})
    now = await anna.get("/Patient/p1/$meta")
    assert told(now) == (await anna.get("/Patient/p1")).json()["meta"]
    assert now.headers["etag"] == 'W/"2"'
    assert told(await anna.post("/Patient/p1/_history/1/$meta"))["tag"] == [TAG]
    refusal(await anna.get("/Patient/p1/_history/3/$meta"), 404, "not-found")
    refusal(await anna.get("/Patient/p2/$meta"), 404, "not-found")
    await anna.delete("/Patient/p1")
    refusal(await anna.get("/Patient/p1/$meta"), 410, "deleted")


async def test_what_is_added_comes_once_and_makes_a_version(anna):
    await put(anna, PATIENT | {"meta": {"tag": [TAG]}})
    answer = await change(
        anna, "Patient/p1", "add", tag=[TAG | {"display": "Seen"}, OTHER], profile=[PROFILE]
    )
    assert told(answer)["tag"] == [TAG, OTHER]
    assert told(answer)["versionId"] == "2"
    again = await change(anna, "Patient/p1", "add", tag=[OTHER | {"version": "3"}])
    assert told(again) == told(answer)
    patient = (await anna.get("/Patient/p1")).json()
    assert patient["meta"] == told(answer)
    assert patient["name"] == PATIENT["name"]
    assert (await anna.get(f"/Patient?_profile={PROFILE}")).json()["total"] == 1


async def test_what_is_deleted_goes_by_system_and_code(anna):
    await put(anna, PATIENT | {"meta": {"tag": [TAG, OTHER], "profile": [PROFILE]}})
    answer = await change(
        anna, "Patient/p1", "delete", tag=[TAG | {"display": "x"}], profile=[PROFILE]
    )
    assert told(answer)["tag"] == [OTHER]
    assert "profile" not in told(answer)
    nothing = await change(anna, "Patient/p1", "delete", tag=[TAG], security=[SECURITY])
    assert told(nothing)["versionId"] == "2"


async def test_digits_stay_as_they_were_written(anna):
    body = (
        '{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},'
        '"valueQuantity":{"value":1.00}}'
    )
    await anna.put(
        "/Observation/o1", content=body, headers={"Content-Type": "application/fhir+json"}
    )
    await change(anna, "Observation/o1", "add", tag=[TAG])
    assert '"value":1.00' in (await anna.get("/Observation/o1")).text


async def test_a_precondition_holds(anna):
    await put(anna, PATIENT)
    body = parameters({"name": "meta", "valueMeta": {"tag": [TAG]}})
    answer = await post(anna, body, "/Patient/p1/$meta-add", **{"If-Match": 'W/"7"'})
    refusal(answer, 412, "conflict")


async def test_only_the_owner_labels(anna, gateway):
    await put(anna, PATIENT)
    other = await gateway.campus("B")
    refusal(await change(other, "Patient/p1", "add", tag=[TAG]), 403, "forbidden")
    reader = await gateway.campus("C", "system/*.rs")
    refusal(await change(reader, "Patient/p1", "add", tag=[TAG]), 403, "forbidden")
    assert told(await reader.get("/Patient/p1/$meta"))["versionId"] == "1"
    writer = await gateway.campus("D", "system/*.u")
    refusal(await writer.get("/Patient/p1/$meta"), 403, "forbidden")


async def test_the_label_of_what_is_sensitive_cannot_be_taken_out(anna):
    await put(anna, PATIENT | {"meta": {"security": [RESTRICTED]}})
    answer = await change(anna, "Patient/p1", "delete", security=[RESTRICTED])
    assert [one["code"] for one in told(answer)["security"]] == ["R"]


@pytest.mark.parametrize("level", ["", "/Patient"])
async def test_what_is_in_use_is_what_the_caller_may_see(anna, gateway, level):
    await put(anna, PATIENT | {"meta": {"tag": [TAG], "profile": [PROFILE]}})
    await put(anna, PATIENT | {"id": "p2", "meta": {"tag": [OTHER], "security": [RESTRICTED]}})
    await put(anna, PATIENT | {"id": "p3", "meta": {"tag": [OTHER | {"code": "gone"}]}})
    await anna.delete("/Patient/p3")
    mine = told(await anna.get(f"{level}/$meta"))
    assert mine["tag"] == [OTHER, TAG]
    assert mine["profile"] == [PROFILE]
    assert mine["security"] == [{"system": RESTRICTED["system"], "code": "R"}]
    theirs = told(await (await gateway.campus("B")).get(f"{level}/$meta"))
    assert theirs == {"profile": [PROFILE], "tag": [TAG]}


async def test_what_is_in_use_of_one_type_is_of_no_other(anna, gateway):
    await put(anna, PATIENT | {"meta": {"tag": [TAG]}})
    await put(anna, observation("o1", meta={"tag": [OTHER]}))
    assert told(await anna.get("/Observation/$meta"))["tag"] == [OTHER]
    assert "parameter" not in read(await anna.get("/Account/$meta"))
    some = await gateway.campus("B", "system/Patient.rs")
    assert told(await some.get("/$meta"))["tag"] == [TAG]
    refusal(await some.get("/Observation/$meta"), 403, "forbidden")
    none = await gateway.campus("C", "recognition")
    refusal(await none.get("/$meta"), 403, "forbidden")


async def test_versions(anna):
    found = {
        one["name"]: one["valueCode"] for one in read(await anna.get("/$versions"))["parameter"]
    }
    assert found == {"version": "4.0", "default": "4.0"}
