"""$import: each line by the door's rules, none twice, none left out."""

import gzip
import json

import pytest

from gateway.bulk import load
from gateway.bulk.lines import EMPTY
from gateway.errors import UnavailableError
from gateway.identity import linking
from mappers.names import CITIZEN_ID
from tests.gateway.bulk.county import ASYNC
from tests.gateway.interactions.consortium import HIV, ROOT, observation, patient, pid


def ndjson(*resources):
    return b"".join(json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in resources)


def told(created=0, updated=0, unchanged=0, refused=0):
    return {
        "inputUrl": "",
        "created": created,
        "updated": updated,
        "unchanged": unchanged,
        "refused": refused,
    }


def places(errors):
    return [(one["issue"][0]["diagnostics"], one["issue"][0]["code"]) for one in errors]


async def test_lines_become_the_campus_s_resources_digit_for_digit(county):
    exact = '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"K"},"valueQuantity":{"value":1.0E3}}'  # noqa: E501
    body = ndjson(patient("p", name=[{"text": "王小明"}])) + exact.encode()
    counts, errors = await county.imported("A", body)
    assert (counts, errors) == (told(created=2), [])
    stored = await county.house.read("B", "Observation/o")
    assert b'"value":1.0E3' in stored.json()
    assert stored.campus == 1


async def test_the_same_again_changes_nothing_and_a_change_is_a_version(county):
    body = ndjson(*(patient(f"p{one}") for one in range(600)))
    assert (await county.imported("A", body))[0] == told(created=600)
    assert (await county.imported("A", body))[0] == told(unchanged=600)
    body += ndjson(patient("p7", gender="male"), patient("p7", gender="female"))
    assert (await county.imported("A", body))[0] == told(updated=2, unchanged=600)
    assert (await county.house.read("A", "Patient/p7")).version == 3


async def test_a_line_without_id_is_a_create_and_a_business_key_leads_to_its_resource(county):
    known = {"resourceType": "Patient", "identifier": [pid("A", "77")]}
    counts, _ = await county.imported("A", ndjson(known, {"resourceType": "Patient"}))
    assert counts == told(created=2)
    again = {**known, "gender": "female"}
    counts, _ = await county.imported("A", ndjson(again, again))
    assert counts == told(updated=1, unchanged=1)
    assert await county.house.ids("A", "Patient?gender=female")


async def test_what_cannot_be_taken_is_named_by_line_and_place_and_the_rest_is_stored(county):
    await county.house.put("B", patient("bs"))
    await county.house.put("A", patient("held", identifier=[pid("A", "1")]))
    lines = [
        json.dumps(patient("p1")),
        "{",
        json.dumps({"resourceType": "Wartender", "id": "x"}),
        json.dumps(patient("p2", gender="王小明")),
        json.dumps(patient("bs", gender="male")),
        "",
        "[1]",
        json.dumps(patient("p3", identifier=[pid("A", "1")])),
        json.dumps(patient("bad id!")),
        '{"resourceType":"Patient","id":"p4","id":"p5"}',
        json.dumps({"id": "nothing"}),
        "NaN",
        json.dumps(patient("p6")),
    ]
    counts, errors = await county.imported("A", "\n".join(lines).encode())
    assert counts == told(created=2, refused=10)
    found = dict(places(errors))
    assert list(found) == [f"line {one}" for one in (2, 3, 4, 5, 7, 8, 9, 10, 11, 12)]
    assert (found["line 2"], found["line 5"]) == ("structure", "forbidden")
    assert found["line 8"] == "conflict"
    assert "王小明" not in json.dumps(errors, ensure_ascii=False)
    assert errors[2]["issue"][0]["expression"] == ["Patient.gender"]


async def test_bom_crlf_and_a_last_line_without_an_end_are_taken(county):
    body = b"\xef\xbb\xbf" + ndjson(patient("p1"), patient("p2")).replace(b"\n", b"\r\n")
    counts, errors = await county.imported("A", body + b"\r\n" + ndjson(patient("p3"))[:-1])
    assert (counts, errors) == (told(created=3), [])


async def test_utf_16_and_bytes_that_are_no_text_are_refused_line_by_line(county):
    body = ndjson(patient("p1")) + b'{"resourceType":"Patient","id":"\xff\xfe"}\n'
    counts, errors = await county.imported("A", body)
    assert (counts, places(errors)) == (told(created=1, refused=1), [("line 2", "structure")])
    counts, errors = await county.imported("A", ndjson(patient("p2")).decode().encode("utf-16"))
    assert counts["created"] == 0
    assert counts["refused"] >= 1


async def test_gzip_is_unpacked_as_an_encoding_and_as_a_file(county):
    body = gzip.compress(ndjson(*(patient(f"p{one}") for one in range(300))))
    counts, _ = await county.imported("A", body, {"Content-Encoding": "gzip"})
    assert counts == told(created=300)
    members = body + gzip.compress(ndjson(patient("more")))
    counts, _ = await county.imported("A", members)
    assert counts == told(created=1, unchanged=300)


async def test_gzip_that_breaks_off_is_told_and_what_came_before_is_stored(county):
    text = ndjson(*(patient(f"p{one}", name=[{"text": str(one)}]) for one in range(5_000)))
    body = gzip.compress(text)
    counts, errors = await county.imported("A", body[: len(body) // 2])
    assert 0 < counts["created"] < 5_000
    assert counts["refused"] == len(errors) <= 2


async def test_a_bomb_of_empty_lines_and_a_line_without_end_are_bounded(county, monkeypatch):
    counts, errors = await county.imported("A", gzip.compress(b"\n" * (EMPTY * 50)))
    assert (counts["refused"], errors[0]["issue"][0]["code"]) == (1, "processing")
    monkeypatch.setattr("gateway.bulk.lines.LIMIT", 1)
    long = b'{"resourceType":"Patient","id":"' + b"a" * (40 * 1024 * 1024) + b'"}\n'
    counts, errors = await county.imported("A", gzip.compress(long + ndjson(patient("p"))))
    assert (counts["created"], places(errors)) == (1, [("line 1", "too-long")])


async def test_deep_nesting_and_too_many_values_are_refused(county):
    deep = b'{"resourceType":"Patient","id":"p","extension":' + b"[{" * 50_000 + b"\n"
    counts, errors = await county.imported("A", deep + ndjson(patient("p1")))
    assert (counts, places(errors)) == (told(created=1, refused=1), [("line 1", "structure")])


async def test_lines_are_refused_for_scopes_ownership_and_the_audit_s_records(county):
    await county.house.token(1, "narrow", "system/Patient.cu")
    body = ndjson(patient("p"), observation("o", "Patient/p"))
    counts, errors = await county.imported("narrow", body)
    assert (counts, places(errors)) == (told(created=1, refused=1), [("line 2", "forbidden")])
    await county.house.token(1, "reader", "system/*.rs")
    assert (await county.imported("reader", body))[0] == told(refused=2)
    assert (await county.sent("reader", body, type="Patient")).status_code == 403


async def test_an_administrator_imports_for_the_campus_that_is_named(county):
    counts, _ = await county.imported(ROOT, ndjson(patient("p")))
    assert counts == told(refused=1)
    started = await county.sent(ROOT, ndjson(patient("p")), {"X-Hutong-Campus": "B"})
    await county.runner.drain()
    assert started.status_code == 202
    assert (await county.house.read("A", "Patient/p")).campus == 2


async def test_a_named_type_is_that_of_every_line(county):
    body = ndjson(patient("p"), observation("o", ""))
    counts, errors = await county.imported("A", body, type="Patient")
    assert (counts, places(errors)) == (told(created=1, refused=1), [("line 2", "structure")])


async def test_what_is_sensitive_is_hidden_with_its_family_over_portions(county, monkeypatch):
    monkeypatch.setattr("gateway.bulk.portion.ROWS", 1)
    order = {
        "resourceType": "ServiceRequest",
        "id": "sr",
        "status": "active",
        "intent": "order",
        "code": {"text": "x"},
        "subject": {"reference": "Patient/p"},
    }
    result = observation("hiv", "Patient/p", code=HIV, basedOn=[{"reference": "ServiceRequest/sr"}])
    report = {
        "resourceType": "DiagnosticReport",
        "id": "dr",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": "Patient/p"},
        "result": [{"reference": "Observation/hiv"}],
    }
    open_ = [patient("p"), observation("o1", "Patient/p"), observation("o2", "Patient/p")]
    counts, _ = await county.imported("A", ndjson(*open_, order, result, report))
    assert counts == told(created=6)
    found = await county.house.ids("B", "Observation?subject=Patient/p")
    assert sorted(found) == ["o1", "o2"]
    assert await county.house.ids("B", "DiagnosticReport?subject=Patient/p") == []
    assert await county.house.ids("B", "ServiceRequest?subject=Patient/p") == []


async def test_patients_are_linked_over_portions(county, monkeypatch):
    monkeypatch.setattr("gateway.bulk.portion.ROWS", 1)
    human = {
        "identifier": [{"system": "urn:oid:2.16.156.10011.1.3", "value": "11010519491231002X"}],
        "name": [{"text": "王小明"}],
        "birthDate": "1949-12-31",
        "gender": "female",
    }
    await county.imported("A", ndjson(*(patient(f"pa{one}", **human) for one in range(2))))
    await county.imported("B", ndjson(patient("pb", **human)))
    await county.house.put("A", observation("o", "Patient/pa0"))
    assert await county.house.ids("B", "Observation?subject=Patient/pb") == ["o"]


@pytest.mark.parametrize("most", [200, 2])
async def test_patients_of_several_campuses_become_one_human_each(county, monkeypatch, most):
    """Looked up together, and where a number is carried by many each by itself."""
    monkeypatch.setattr(linking, "LIMIT", most)
    ids = {number: citizen_id(number) for number in range(40)}
    for who in ("A", "B"):
        lines = [
            patient(
                f"{who}{number}",
                identifier=[pid(who, str(number)), {"system": CITIZEN_ID, "value": value}],
                name=[{"text": f"王{number}"}],
                birthDate="1990-03-07",
                gender="male",
            )
            for number, value in ids.items()
        ]
        # Several of one campus that are one human, too.
        lines += [
            {**lines[0], "id": f"{who}x{one}", "identifier": [lines[0]["identifier"][1]]}
            for one in range(3)
        ]
        assert (await county.imported(who, ndjson(*lines)))[0] == told(created=43)
    for number in range(1, 40):
        assert county.house.store.link_set([f"A{number}"])[0] == {f"A{number}", f"B{number}"}
    assert "A0" in county.house.store.link_set(["B0"])[0]


def citizen_id(number):
    """A citizen ID of a man born on 1990-03-07."""
    digits = f"11010519900307{2 * number + 1:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return digits + "10X98765432"[rest]


async def test_too_many_refused_lines_stop_it(county, monkeypatch):
    monkeypatch.setattr(load, "MOST_REFUSED", 5)
    monkeypatch.setattr("gateway.bulk.portion.ROWS", 4)
    started = await county.sent("A", b"{}\n" * 100)
    await county.runner.drain()
    response = await county.client("A").get(started.headers["content-location"])
    assert (response.status_code, response.json()["issue"][0]["code"]) == (422, "processing")


async def test_what_others_write_meanwhile_is_met_and_nothing_is_lost(county, monkeypatch):
    monkeypatch.setattr("gateway.bulk.portion.ROWS", 10)
    real, met = load.send, []

    async def send(door, batch):
        if len(met) < 3 and len(batch.writes) == 10:
            # Somebody else is quicker at one of the portion's resources.
            id_ = batch.writes[4].id
            met.append(id_)
            await county.house.put("A", patient(id_, gender="other"))
        return await real(door, batch)

    monkeypatch.setattr(load, "send", send)
    counts, errors = await county.imported("A", ndjson(*(patient(f"p{n}") for n in range(60))))
    theirs = set(met)
    assert theirs
    assert (counts, errors) == (told(created=60 - len(theirs), updated=len(theirs)), [])
    for number in range(60):
        found = await county.house.read("A", f"Patient/p{number}")
        assert found.version == (2 if found.id in theirs else 1)


@pytest.mark.parametrize("stop", range(1, 9))
async def test_a_runner_that_dies_anywhere_leaves_no_line_out_and_none_twice(
    county, monkeypatch, stop
):
    monkeypatch.setattr("gateway.bulk.portion.ROWS", 7)
    real, sent = load.send, []

    async def dying(door, batch):
        sent.append(batch)
        if len(sent) == stop:
            raise MemoryError  # as good as a kill: nobody is told anything
        result = await real(door, batch)
        if len(sent) == stop + 1:
            raise MemoryError  # stored, and nobody knows
        return result

    monkeypatch.setattr(load, "send", dying)
    # Without ids: whoever writes a line twice makes two resources.
    lines = [{"resourceType": "Basic", "code": {"text": f"n{one}"}} for one in range(60)]
    lines[20] = {"resourceType": "Basic"}
    started = await county.sent("A", ndjson(*lines))
    for _ in range(4):
        await county.runner.drain()
        county.house.clock.ahead += 60_000_000
    manifest = await county.finished("A", started.headers["content-location"])
    assert manifest["extension"]["imported"] == [told(created=59, refused=1)]
    errors = await county.lines("A", manifest, "error")
    assert len(errors["OperationOutcome"]) == 1
    lines = await county.lines(ROOT, await county.manifest(ROOT, "$export", _type="Basic"))
    texts = [json.loads(one)["code"]["text"] for one in lines["Basic"]]
    assert sorted(texts) == sorted(f"n{one}" for one in range(60) if one != 20)


async def test_a_cancelled_import_keeps_what_it_has_written_and_stops(county, monkeypatch):
    monkeypatch.setattr("gateway.bulk.portion.ROWS", 5)
    real, sent = load.send, []

    async def slow(door, batch):
        sent.append(batch)
        if len(sent) == 3:
            client = county.client("A")
            assert (await client.delete(started.headers["content-location"])).status_code == 202
        return await real(door, batch)

    monkeypatch.setattr(load, "send", slow)
    started = await county.sent("A", ndjson(*(patient(f"p{n}") for n in range(100))))
    await county.runner.drain()
    found = await county.exported("A", "$export", _type="Patient")
    assert len(found["Patient"]) == 10
    response = await county.client("A").get(started.headers["content-location"])
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Encoding": "br"}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/fhir+json"}, 400),
        ({"Prefer": "return=minimal"}, 400),
        ({"Accept": "text/html"}, 406),
    ],
)
async def test_another_format_is_refused_before_anything_is_kept(county, headers, status):
    response = await county.sent("A", ndjson(patient("p")), headers)
    assert response.status_code == status, response.text
    assert county.house.store.fetch("jobs", (10,)) == []


async def test_a_body_that_breaks_off_starts_nothing_and_leaves_no_file(county):
    async def breaking():
        yield ndjson(patient("p"))
        raise ConnectionResetError

    kind = {"Content-Type": "application/fhir+ndjson"}
    response = await county.client("A").post("$import", content=breaking(), headers=ASYNC | kind)
    assert response.status_code == 500
    assert county.house.store.fetch("jobs", (10,)) == []
    assert list(county.objects.digests()) == []


async def test_a_full_disk_is_told_and_starts_nothing(county, monkeypatch):
    def full(_self, _data):
        raise UnavailableError("The object store cannot write: No space left on device.")

    monkeypatch.setattr("gateway.store.objects.Incoming.write", full)
    assert (await county.sent("A", ndjson(patient("p")))).status_code == 503
    assert county.house.store.fetch("jobs", (10,)) == []


REFUSED = [
    ([], 400),
    ([{"name": "input", "part": []}], 400),
    ([{"name": "input", "part": [{"name": "type", "valueCode": "Patient"}]}], 400),
    ([{"name": "other", "valueString": "x"}], 400),
]


@pytest.mark.parametrize(("parameters", "status"), REFUSED)
async def test_an_order_that_is_not_understood_is_refused_at_once(county, parameters, status):
    response = await county.kick_off("A", "$import", parameters)
    assert response.status_code == status


@pytest.mark.parametrize(
    "url",
    ["http://10.1.2.3/a", "https://169.254.169.254/", "file:///etc/passwd", "http://1.1.1.1/a"],
)
async def test_an_address_that_must_not_be_reached_is_refused_at_once(county, url):
    response = await county.kick_off("A", "$import", [source("Patient", url)])
    assert response.status_code == 422
    assert response.json()["issue"][0]["expression"] == ["input[0].url"]


def source(type_, url):
    parts = [{"name": "type", "valueCode": type_}, {"name": "url", "valueUrl": url}]
    return {"name": "input", "part": parts}


async def test_without_respond_async_or_a_body_it_is_refused(county):
    client = county.client("A", **{"Content-Type": "application/fhir+ndjson"})
    assert (await client.post("$import", content=b"{}")).status_code == 400
    assert (await client.post("$import", content=b"", headers=ASYNC)).status_code == 400
    assert (await county.sent("A", b"{}", nonsense="1")).status_code == 400
