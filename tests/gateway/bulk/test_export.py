"""https://hl7.org/fhir/uv/bulkdata/STU2/export.html"""

import gzip
import json

import pytest

from gateway.bulk import export as exporting
from gateway.bulk import walk
from gateway.store.records import Batch, new_ticket
from tests.gateway.bulk.county import ASYNC, BASE
from tests.gateway.interactions.consortium import (
    GLUCOSE,
    LOINC,
    ROOT,
    observation,
    patient,
)

EXACT = b'{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"K"},"subject":{"reference":"Patient/a1"},"valueQuantity":{"value":1.0E3,"unit":"\xe6\xaf\xab"}}'  # noqa: E501


async def test_a_campus_exports_its_own_rows_and_the_administrator_what_all_may_read(filled):
    assert await filled.exported("A") == {
        "Patient": ["a1", "a2"],
        "Observation": ["ah", "ao1", "ao2"],
        "Location": ["al"],
    }
    found = await filled.exported(ROOT)
    assert found["Observation"] == ["ao1", "ao2", "bo1", "bo2"], "what is sensitive stays"
    assert found["Patient"] == ["a1", "a2", "b1", "b2"]
    headers = {"X-Hutong-Campus": "B"}
    started = await filled.client(ROOT, **headers).get("$export", headers=ASYNC)
    await filled.runner.drain()
    manifest = await filled.finished(ROOT, started.headers["content-location"])
    lines = await filled.lines(ROOT, manifest)
    assert [json.loads(one)["id"] for one in lines["Location"]] == ["bl"]


async def test_the_manifest_says_what_the_guide_asks_for(filled):
    manifest = await filled.manifest("A", "$export", _type="Patient,Location")
    assert manifest["request"] == f"{BASE}/$export?_type=Patient%2CLocation"
    assert manifest["requiresAccessToken"] is True
    assert manifest["transactionTime"].endswith("Z")
    assert (manifest["deleted"], manifest["error"]) == ([], [])
    assert [(one["type"], one["count"]) for one in manifest["output"]] == [
        ("Patient", 2),
        ("Location", 1),
    ]


async def test_the_bytes_are_those_that_a_read_gives(filled):
    from gateway.interactions.update import update  # noqa: PLC0415

    house = filled.house
    await update(house.door, house.actor("A"), "Observation", "exact", EXACT)
    manifest = await filled.manifest("A", "$export", _type="Observation")
    lines = (await filled.lines("A", manifest))["Observation"]
    (line,) = [one for one in lines if b'"exact"' in one]
    assert b'"value":1.0E3' in line
    assert line == (await house.read("A", "Observation/exact")).json()


async def test_nothing_before_the_transaction_time_is_missing_from_two_exports(filled):
    house = filled.house
    first = await filled.manifest("A", "$export")
    time = first["transactionTime"]
    assert await filled.exported("A", _since=time) == {}
    await house.put("A", patient("a2", gender="female"))
    await house.put("A", patient("a3"))
    await house.delete("A", "Location/al")
    second = await filled.manifest("A", "$export", _since=time)
    lines = await filled.lines("A", second)
    assert [json.loads(one)["id"] for one in lines["Patient"]] == ["a2", "a3"]
    (bundle,) = map(json.loads, (await filled.lines("A", second, "deleted"))["Bundle"])
    assert bundle["type"] == "transaction"
    assert bundle["entry"] == [{"request": {"method": "DELETE", "url": "Location/al"}}]
    assert (await filled.manifest("A", "$export"))["deleted"] == []


async def test_patients_and_what_is_in_their_compartments(filled):
    await filled.house.put("A", observation("aq", ""))
    found = await filled.exported("A", "Patient/$export")
    assert found == {"Patient": ["a1", "a2"], "Observation": ["ah", "ao1", "ao2"]}
    named = [{"name": "patient", "valueReference": {"reference": "Patient/a2"}}]
    found = await filled.exported("A", "Patient/$export", named)
    assert found == {"Patient": ["a2"], "Observation": ["ao2"]}


async def test_a_group_s_members_and_no_linked_patient(filled):
    members = [
        {"entity": {"reference": "Patient/a1"}},
        {"entity": {"reference": "Patient/a2"}, "inactive": True},
        {"entity": {"reference": "Practitioner/x"}},
        {"entity": {"reference": "Patient/b1"}},
    ]
    group = {"resourceType": "Group", "id": "g", "type": "person", "actual": True}
    await filled.house.put("A", {**group, "member": members})
    link = [
        {"target": {"reference": f"Patient/{one}"}, "assurance": "level4"} for one in ("a1", "a2")
    ]
    await filled.house.put(
        filled.house.admin(), {"resourceType": "Person", "id": "p", "link": link}
    )
    assert await filled.exported("A", "Group/g/$export") == {
        "Patient": ["a1"],
        "Group": ["g"],
        "Observation": ["ah", "ao1"],
    }
    assert await filled.exported(ROOT, "Group/g/$export") == {
        "Patient": ["a1", "b1"],
        "Group": ["g"],
        "Observation": ["ao1", "bo1"],
        "Person": ["p"],
    }
    named = [{"name": "patient", "valueReference": {"reference": "Patient/a2"}}]
    response = await filled.kick_off("A", "Group/g/$export", named)
    assert response.status_code == 404
    assert (await filled.kick_off("A", "Group/none/$export")).status_code == 404


async def test_a_deleted_resource_of_no_member_is_not_told_to_a_group(filled):
    group = {"resourceType": "Group", "id": "g", "type": "person", "actual": True}
    await filled.house.put("A", {**group, "member": [{"entity": {"reference": "Patient/a1"}}]})
    since = (await filled.manifest("A", "Group/g/$export"))["transactionTime"]
    await filled.house.delete("A", "Observation/ao1")
    await filled.house.delete("A", "Observation/ao2")
    manifest = await filled.manifest("A", "Group/g/$export", _since=since)
    (bundle,) = map(json.loads, (await filled.lines("A", manifest, "deleted"))["Bundle"])
    assert [one["request"]["url"] for one in bundle["entry"]] == ["Observation/ao1"]


async def test_filters_narrow_their_type_and_any_of_several_will_do(filled):
    one, other = f"Observation?code={LOINC}|{GLUCOSE}", "Observation?code=1-1"
    found = await filled.exported("A", "$export", _type="Observation,Location", _typeFilter=one)
    assert found == {"Observation": ["ao1"], "Location": ["al"]}
    started = await filled.client("A").get(
        "$export", params=[("_typeFilter", one), ("_typeFilter", other)], headers=ASYNC
    )
    await filled.runner.drain()
    manifest = await filled.finished("A", started.headers["content-location"])
    lines = (await filled.lines("A", manifest))["Observation"]
    assert [json.loads(line)["id"] for line in lines] == ["ao1", "ao2"]


async def test_filters_of_one_parameter_stand_between_commas(filled):
    both = f"Observation?code={LOINC}|{GLUCOSE},2-2,Observation?code=1-1"
    found = await filled.exported("A", "$export", _type="Observation", _typeFilter=both)
    assert found == {"Observation": ["ao1", "ao2"]}
    response = await filled.kick_off("A", "$export", _typeFilter=f"{both},Location?nonsense=1")
    assert response.json()["issue"][0]["expression"] == ["http._typeFilter"]


async def test_elements_leave_out_the_rest_and_say_so(filled):
    manifest = await filled.manifest("A", "$export", _type="Observation", _elements="status")
    for line in (await filled.lines("A", manifest))["Observation"]:
        found = json.loads(line)
        assert "subject" not in found
        assert found["meta"]["tag"][-1]["code"] == "SUBSETTED"


REFUSED = [
    ({"_type": "Nothing"}, "http._type"),
    ({"_outputFormat": "application/xml"}, "http._outputFormat"),
    ({"_since": "yesterday"}, "http._since"),
    ({"_typeFilter": "Observation?nonsense=1"}, "http._typeFilter"),
    ({"_typeFilter": "Observation?_sort=date"}, "http._typeFilter"),
    ({"_typeFilter": "Observation"}, "http._typeFilter"),
    ({"_elements": "nothing.such"}, "http._elements"),
    ({"includeAssociatedData": "LatestProvenanceResources"}, "http.includeAssociatedData"),
    ({"patient": "Patient/a1"}, "http.patient"),
    ({"nonsense": "1"}, "http.nonsense"),
]


@pytest.mark.parametrize(("params", "place"), REFUSED)
async def test_what_is_not_understood_is_refused_at_once_by_its_place(filled, params, place):
    response = await filled.kick_off("A", "$export", **params)
    assert response.status_code == 400
    assert response.json()["issue"][0]["expression"] == [place]


SENT = [
    ({"name": "_type", "valueString": "Nothing"}, "Patient/$export"),
    ({"name": "_type", "valueString": "Patient,Location"}, "Patient/$export"),
    ({"name": "_since", "valueString": "yesterday"}, "$export"),
    ({"name": "_typeFilter", "valueString": "Patient?nonsense=1"}, "$export"),
    ({"name": "_elements", "valueString": "nothing"}, "$export"),
    ({"name": "patient", "valueReference": {"reference": "Group/g"}}, "Patient/$export"),
    ({"name": "patient", "valueReference": {"reference": "Patient/none"}}, "Patient/$export"),
]


@pytest.mark.parametrize(("parameter", "path"), SENT)
async def test_what_is_refused_of_a_body_names_its_place_there(filled, parameter, path):
    format_ = {"name": "_outputFormat", "valueString": "ndjson"}
    body = {"resourceType": "Parameters", "parameter": [format_, parameter]}
    response = await filled.client("A").post(path, json=body, headers=ASYNC)
    assert response.status_code in {400, 404}
    assert response.json()["issue"][0]["expression"] == ["Parameters.parameter[1]"]


async def test_without_respond_async_it_is_refused(filled):
    response = await filled.kick_off("A", "$export", headers={"Prefer": "return=minimal"})
    assert (response.status_code, response.json()["issue"][0]["expression"]) == (400, ["Prefer"])


async def test_lenient_handling_passes_over_and_tells_in_the_file_of_errors(filled):
    started = await filled.kick_off(
        "A",
        "$export",
        headers={"Prefer": "respond-async, handling=lenient"},
        _type="Patient,Nothing",
        includeAssociatedData="LatestProvenanceResources",
    )
    await filled.runner.drain()
    manifest = await filled.finished("A", started.headers["content-location"])
    (outcome,) = map(json.loads, (await filled.lines("A", manifest, "error"))["OperationOutcome"])
    places = [one["expression"][0] for one in outcome["issue"]]
    assert sorted(places) == ["http._type", "http.includeAssociatedData"]
    assert [one["type"] for one in manifest["output"]] == ["Patient"]


async def test_who_has_enough_jobs_is_told_when_to_come_again(filled):
    answers = [await filled.kick_off("A", "$export", _type="Patient") for _ in range(21)]
    assert [one.status_code for one in answers] == [202] * 20 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert (await filled.kick_off("B", "$export", _type="Patient")).status_code == 202


async def test_scopes_narrow_an_export_and_a_named_type_without_one_is_forbidden(filled):
    await filled.house.token(1, "narrow", "system/Patient.rs")
    assert await filled.exported("narrow") == {"Patient": ["a1", "a2"]}
    assert (await filled.kick_off("narrow", "$export", _type="Location")).status_code == 403


async def test_job_manifest_and_file_are_not_there_for_anybody_else(filled):
    await filled.house.token(1, "other", "system/*.cruds")
    started = await filled.kick_off("A", "$export", _type="Patient")
    address = started.headers["content-location"]
    for who in ("B", "other"):
        assert (await filled.client(who).get(address)).status_code == 404
        assert (await filled.client(who).delete(address)).status_code == 404
    waiting = await filled.client("A").get(address)
    assert (waiting.status_code, waiting.headers["x-progress"]) == (202, "waits")
    assert waiting.headers["retry-after"] == "1"
    await filled.runner.drain()
    url = (await filled.finished("A", address))["output"][0]["url"]
    for who in ("B", "other"):
        assert (await filled.client(who).get(address)).status_code == 404
        assert (await filled.client(who).get(url)).status_code == 404
    assert (await filled.client("nobody").get(url)).status_code == 401
    assert (await filled.client(ROOT).get(url)).status_code == 200
    mine = await filled.kick_off("B", "$export", _type="Patient")
    stolen = mine.headers["content-location"] + "/" + url.rpartition("/")[2]
    assert (await filled.client("B").get(stolen)).status_code == 404


async def test_a_job_whose_token_was_revoked_ends_as_forbidden(filled):
    await filled.house.token(1, "gone", "system/*.cruds")
    started = await filled.kick_off("gone", "$export", _type="Patient")
    (number,) = [row[0] for row in filled.house.store.fetch("tokens") if row[2] == "gone"]
    revoked = [("token_revoke", (1, number))]
    await filled.house.store.submit(
        Batch(new_ticket(), statements=revoked, notices=[("config", "")])
    )
    await filled.runner.drain()
    response = await filled.client(ROOT).get(started.headers["content-location"])
    assert (response.status_code, response.json()["issue"][0]["code"]) == (403, "login")


async def test_a_file_comes_in_part_and_packed_and_after_a_delete_not_at_all(filled):
    started = await filled.kick_off("A", "$export", _type="Patient")
    address = started.headers["content-location"]
    await filled.runner.drain()
    url = (await filled.finished("A", address))["output"][0]["url"]
    client = filled.client("A", **{"Accept": "application/fhir+ndjson", "Accept-Encoding": ""})
    whole = await client.get(url)
    assert whole.headers["content-length"] == str(len(whole.content))
    part = await client.get(url, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, whole.content[5:10])
    assert part.headers["content-range"] == f"bytes 5-9/{len(whole.content)}"
    tail = await client.get(url, headers={"Range": "bytes=-4"})
    assert tail.content == whole.content[-4:]
    beyond = await client.get(url, headers={"Range": "bytes=99999999-"})
    assert (beyond.status_code, beyond.json()["resourceType"]) == (416, "OperationOutcome")
    assert beyond.headers["content-range"] == f"bytes */{len(whole.content)}"
    async with client.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join([piece async for piece in packed.aiter_raw()])
    assert gzip.decompress(raw) == whole.content
    head = await client.head(url)
    assert (head.status_code, head.content) == (200, b"")
    assert (await filled.client("A").delete(address)).status_code == 202
    assert (await filled.client("A").get(address)).status_code == 404
    assert (await client.get(url)).status_code == 404


async def test_start_and_download_are_recorded(filled):
    manifest = await filled.manifest("A", "$export", _type="Patient")
    job, name = manifest["output"][0]["url"].removesuffix(".ndjson").rsplit("/", 2)[1:]
    before = filled.house.trail()
    assert before[-1].entities == (f"job/{job}",)
    await filled.client("A").get(manifest["output"][0]["url"])
    last = filled.house.trail()[-1]
    assert (last.action, last.entities) == ("R", (f"job/{job}/{name}",))


async def test_a_large_export_is_cut_into_files_and_goes_on_behind_the_last(filled, monkeypatch):
    monkeypatch.setattr(exporting, "FILE_ROWS", 3)
    monkeypatch.setattr(walk, "PAGE", 2)
    monkeypatch.setattr(walk, "PORTION", 1)
    for number in range(10):
        await filled.house.put("A", patient(f"m{number}"))
    started = await filled.kick_off("A", "$export", _type="Patient")
    keep, kept = exporting.File.keep, []

    async def failing(self, job):
        if len(kept) == 2:
            kept.append(self)
            raise OSError
        kept.append(self)
        return await keep(self, job)

    monkeypatch.setattr(exporting.File, "keep", failing)
    await filled.runner.drain()
    filled.house.clock.ahead += 60_000_000
    await filled.house.put("A", patient("later"))
    await filled.runner.drain()
    manifest = await filled.finished("A", started.headers["content-location"])
    lines = (await filled.lines("A", manifest))["Patient"]
    ids = [json.loads(one)["id"] for one in lines]
    assert sorted(ids) == sorted(["a1", "a2", *(f"m{one}" for one in range(10))])
    assert len(manifest["output"]) > 2


async def test_a_binary_of_many_megabytes_is_exported(filled):
    data = "QUJD" * (5 * 1024 * 1024)
    binary = {"resourceType": "Binary", "id": "big", "contentType": "text/plain", "data": data}
    await filled.house.put("A", binary)
    manifest = await filled.manifest("A", "$export", _type="Binary")
    (line,) = (await filled.lines("A", manifest))["Binary"]
    assert json.loads(line)["data"] == data


async def test_the_capability_statement_names_the_three_levels(filled):
    rest = (await filled.client("A").get("metadata")).json()["rest"][0]
    assert "export" in [one["name"] for one in rest["operation"]]
    offered = {
        one["type"]: {each["name"] for each in one.get("operation", ())} for one in rest["resource"]
    }
    assert "export" in offered["Patient"]
    assert "export" in offered["Group"]
    assert "export" not in offered["Observation"]
