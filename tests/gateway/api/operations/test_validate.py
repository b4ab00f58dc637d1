"""`$validate`: 200 with an OperationOutcome, whatever was found."""

import json

import pytest

from tests.gateway.api.operations.test_inputs import parameters
from tests.gateway.api.samples import JSON, PATIENT, observation, post, put, read, refusal
from tests.gateway.conformance.looking import PROFILE, profile

NARRATIVE = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'}
RIGHT = {**observation("o1"), "text": NARRATIVE}
HIDDEN = "Ouyang Feng"


def issues(answer):
    found = read(answer)
    assert found["resourceType"] == "OperationOutcome"
    return [
        (one["severity"], one["code"], *one.get("expression", []))
        for one in found["issue"]
        if "dom-6" not in one["details"]["text"]
    ]


FINE = [("information", "informational")]


async def test_a_right_resource_is_fine(anna):
    assert issues(await post(anna, RIGHT, "/Observation/$validate")) == FINE


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"status": "x"}, ("error", "code-invalid", "Observation.status")),
        ({"nobody": 1}, ("error", "structure", "Observation.nobody")),
        ({"valueString": "x", "valueInteger": 1}, ("error", "structure", "Observation.value[x]")),
        ({"issued": "yesterday"}, ("error", "value", "Observation.issued")),
        (
            {"valueString": "x", "dataAbsentReason": {"text": "x"}},
            ("error", "invariant", "Observation"),
        ),
        (
            {
                "subject": {
                    "reference": "Patient/p1",
                    "type": "Patient",
                    "extension": [{"url": "urn:x"}],
                }
            },
            ("error", "invariant", "Observation.subject.extension[0]"),
        ),
    ],
)
async def test_what_is_wrong_is_told_by_its_place(anna, more, expected):
    for body in (RIGHT | more, parameters({"name": "resource", "resource": RIGHT | more})):
        assert expected in issues(await post(anna, body, "/Observation/$validate"))


async def test_best_practice_is_a_warning(anna):
    found = read(await post(anna, observation("o1"), "/Observation/$validate"))
    (one,) = found["issue"]
    assert (one["severity"], one["code"]) == ("warning", "invariant")
    assert one["details"]["text"].startswith("Rule dom-6")


async def test_a_profile_that_a_member_stored_is_looked_at(anna):
    made = profile(("Observation.issued", {"min": 1}))
    await put(anna, made | {"id": "mine"})
    wanted = [("error", "required", "Observation.issued")]
    assert issues(await post(anna, RIGHT, f"/Observation/$validate?profile={PROFILE}")) == wanted
    body = parameters(
        {"name": "resource", "resource": RIGHT}, {"name": "profile", "valueCanonical": PROFILE}
    )
    assert issues(await post(anna, body, "/Observation/$validate")) == wanted
    claiming = RIGHT | {"meta": {"profile": [PROFILE]}}
    assert issues(await post(anna, claiming, "/Observation/$validate")) == wanted


async def test_a_claimed_profile_may_be_but_an_extension(anna):
    reason = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}
    claiming = RIGHT | {
        "meta": {
            "profile": [None, PROFILE],
            "_profile": [{"extension": [reason | {"valueCode": "unknown"}]}, None],
        }
    }
    assert issues(await post(anna, claiming, "/Observation/$validate")) == [
        ("warning", "not-found", "Observation.meta.profile")
    ]
    await put(anna, claiming)
    more = parameters({"name": "meta", "valueMeta": {"profile": [PROFILE, "urn:test:other"]}})
    told = read(await post(anna, more, "/Observation/o1/$meta-add"))["parameter"][0]["valueMeta"]
    assert told["profile"] == [None, PROFILE, "urn:test:other"]


@pytest.mark.parametrize("around", ["%s", '{"resourceType":"Parameters","parameter":[%s]}'])
async def test_a_member_that_comes_twice_is_told(anna, around):
    twice = json.dumps(RIGHT).replace('"status"', '"status": "final", "status"')
    inner = twice if around == "%s" else f'{{"name":"resource","resource":{twice}}}'
    answer = await anna.post("/Observation/$validate", content=around % inner, headers=JSON)
    assert issues(answer)[0] == ("error", "structure")


async def test_the_resource_is_a_resource(anna):
    body = parameters({"name": "resource", "valueCode": "x"})
    refusal(await post(anna, body, "/Observation/$validate"), 400, "invalid")
    refusal(await post(anna, RIGHT, "/Observation/$validate?resource=x"), 400, "invalid")


async def test_an_empty_body_asks_for_what_is_stored(anna):
    await put(anna, RIGHT)
    answer = await anna.post("/Observation/o1/$validate", content=b"", headers=JSON)
    assert issues(answer) == FINE


async def test_a_profile_counts_as_it_stands_now(anna):
    await put(anna, profile(("Observation.issued", {"min": 1})) | {"id": "mine"})
    address = f"/Observation/$validate?profile={PROFILE}"
    assert issues(await post(anna, RIGHT, address)) != FINE
    await put(anna, profile(("Observation.issued", {"max": "1"})) | {"id": "mine"})
    assert issues(await post(anna, RIGHT, address)) == FINE
    await anna.delete("/StructureDefinition/mine")
    expected = [("error", "not-found", "Observation.meta.profile")]
    assert issues(await post(anna, RIGHT, address)) == expected


async def test_a_profile_that_the_caller_may_not_read_is_not_used(anna, gateway):
    await put(anna, profile(("Observation.issued", {"min": 1})) | {"id": "mine"})
    ben = await gateway.campus("B", "system/Observation.cruds")
    expected = [("error", "not-found", "Observation.meta.profile")]
    address = f"/Observation/$validate?profile={PROFILE}"
    assert issues(await post(ben, RIGHT, address)) == expected


async def test_a_stored_resource_is_validated(anna):
    await put(anna, PATIENT)
    await put(anna, RIGHT)
    for how in (anna.get, anna.post):
        assert issues(await how("/Observation/o1/$validate")) == FINE
    refusal(await anna.get("/Observation/o2/$validate"), 404, "not-found")


@pytest.mark.parametrize(
    ("place", "body", "mode", "expected"),
    [
        ("Observation", RIGHT, "create", FINE),
        ("Observation/o1", RIGHT, "update", FINE),
        ("Observation/o2", RIGHT, "update", [("error", "value", "Observation.id")]),
        ("Observation/o1", None, "delete", FINE),
        ("Observation/o1", RIGHT, "profile", None),
        ("Observation/o1", RIGHT, "something", None),
    ],
)
async def test_a_mode_asks_whether_the_write_would_be_taken(anna, place, body, mode, expected):
    await put(anna, RIGHT)
    address = f"/{place}/$validate?mode={mode}"
    answer = await (post(anna, body, address) if body else anna.post(address))
    if expected is None:
        refusal(answer, 400, "invalid")
    else:
        assert issues(answer)[: len(expected)] == expected


@pytest.mark.parametrize("mode", ["", "?mode=create", "?mode=update"])
async def test_a_reference_by_criteria_is_refused_as_a_single_write_is(anna, mode):
    criteria = {"reference": "Patient?identifier=urn:x|1"}
    body = RIGHT | {"subject": criteria, "performer": [{"reference": "Patient/p1"}, criteria]}
    found = read(await post(anna, body, f"/Observation/$validate{mode}"))["issue"]
    told = [one for one in found if one["code"] == "processing"]
    assert [one["expression"] for one in told] == [
        ["Observation.subject.reference"],
        ["Observation.performer[1].reference"],
    ]
    assert read(await put(anna, body), 422)["issue"] == told


async def test_a_bundle_may_hold_references_by_criteria(anna):
    held = RIGHT | {"subject": {"reference": "Patient?identifier=urn:x|1"}}
    body = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": held}]}
    found = read(await post(anna, body, "/Bundle/$validate"))["issue"]
    assert not [one for one in found if one["code"] == "processing"]


async def test_a_write_to_what_is_anothers_would_not_be_taken(anna, gateway):
    await put(anna, RIGHT)
    ben = await gateway.campus("B")
    for mode in ("update", "delete"):
        answer = await post(ben, RIGHT, f"/Observation/o1/$validate?mode={mode}")
        assert issues(answer)[0][:2] == ("error", "forbidden")
    carl = await gateway.campus("C", "system/Observation.rs")
    answer = await post(carl, RIGHT, "/Observation/$validate?mode=create")
    assert issues(answer)[0][:2] == ("error", "forbidden")


async def test_a_create_that_would_update_says_so(anna):
    key = {"identifier": [{"system": "urn:hutong:A:filler", "value": "1"}]}
    await put(anna, RIGHT | key)
    answer = await post(anna, RIGHT | key, "/Observation/$validate?mode=create")
    assert ("information", "duplicate", "identifier") in issues(answer)


async def test_another_type_than_that_of_the_address_is_told_of(anna):
    answer = await post(anna, PATIENT, "/Observation/$validate")
    assert issues(answer) == [("error", "invalid", "resourceType")]


@pytest.mark.parametrize(
    "body",
    [
        parameters({"name": "nobody", "valueString": "x"}),
        parameters(
            {"name": "mode", "valueCode": "create"}, {"name": "mode", "valueCode": "update"}
        ),
        {"resourceType": "Parameters", "parameter": [{"nme": "mode"}]},
        parameters({"name": "mode", "valueCode": "create"}),
    ],
)
async def test_what_asks_wrongly_is_refused(anna, body):
    answer = await post(anna, body, "/Observation/$validate")
    assert answer.status_code == 400


async def test_no_value_is_told(anna):
    named = {**PATIENT, "name": [{"family": HIDDEN}], "gender": HIDDEN, "birthDate": HIDDEN}
    answer = await post(anna, named, "/Patient/$validate")
    assert HIDDEN not in answer.text
    assert len(issues(answer)) > 1
