"""Observation `$lastn` over HTTP."""

import pytest

from tests.gateway.api.operations.records import names, notes, record
from tests.gateway.api.operations.test_inputs import parameters
from tests.gateway.api.samples import PATIENT, link, observation, post, put, read, refusal

LOINC = "http://loinc.org"
LABORATORY = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/observation-category",
            "code": "laboratory",
        }
    ]
}


def coded(*codes, text=None):
    codings = [{"system": "urn:a", "code": one} for one in codes]
    found = {"coding": codings} if codes else {}
    return found | ({"text": text} if text else {})


async def write(client, *rows):
    await put(client, PATIENT)
    for id_, code, day in rows:
        at = {"effectiveDateTime": f"2026-02-{day:02d}"} if day else {}
        await put(client, observation(id_, code=code, category=[LABORATORY], **at))


async def newest(client, query="", most=None):
    query += f"&max={most}" if most else ""
    return read(await client.get(f"/Observation/$lastn?patient=p1&category=laboratory{query}"))


@pytest.mark.parametrize(
    ("codes", "groups"),
    [
        ([coded("a"), coded("b"), coded("c")], 3),
        ([coded("a"), coded("b"), coded("a", "c")], 2),
        ([coded("a"), coded("b"), coded("a", "b")], 1),
        ([coded(text="textM"), coded(text="Text"), coded(text="t e x t")], 3),
        ([coded(text="Text"), coded(text="Text"), coded("a", text="Text")], 2),
    ],
)
async def test_kinds_are_as_the_definition_has_them(anna, codes, groups):
    await write(anna, *((f"o{day}", code, day) for day, code in enumerate(codes, 1)))
    assert len(names(await newest(anna))) == groups


async def test_a_bridge_found_last_joins_what_was_apart(anna):
    rows = [("x1", coded("x"), 5), ("y1", coded("y"), 4), ("x2", coded("x"), 3)]
    await write(anna, ("bridge", coded("x", "y"), 1), *rows)
    assert names(await newest(anna, most=2)) == ["Observation/x1", "Observation/y1"]


async def test_the_newest_come_first_and_ties_come_along(anna):
    days = [("a", 1), ("b", 3), ("c", 3), ("d", 4), ("none", 0)]
    await write(anna, *((id_, coded("x"), day) for id_, day in days))
    expected = ["Observation/d", "Observation/c", "Observation/b"]
    assert names(await newest(anna, most=2)) == expected
    assert names(await newest(anna, most=3)) == expected
    assert names(await newest(anna)) == expected[:1]
    assert names(await newest(anna, most=9))[-1] == "Observation/none"


async def test_a_period_counts_by_its_end(anna):
    await write(anna, ("day", coded("x"), 5))
    period = {"start": "2026-02-01", "end": "2026-02-06"}
    await put(anna, observation("stay", code=coded("x"), effectivePeriod=period))
    bundle = read(await anna.get("/Observation/$lastn?patient=p1&code=x"))
    assert names(bundle) == ["Observation/stay"]


async def test_other_parameters_narrow_it(anna):
    await write(anna, ("old", coded("x"), 1), ("new", coded("x"), 2), ("other", coded("y"), 3))
    await put(anna, observation("new", code=coded("x"), status="entered-in-error"))
    address = "/Observation/$lastn?patient=p1&code=x"
    assert names(read(await anna.get(address + "&date=lt2026-02-02"))) == ["Observation/old"]
    assert names(read(await anna.get(address + "&max=5"))) == ["Observation/old", "Observation/new"]
    narrowed = read(await anna.get(address + "&max=5&status:not=entered-in-error"))
    assert names(narrowed) == ["Observation/old"]
    included = read(await anna.get(address + "&_include=Observation:subject"))
    assert names(included, "include") == ["Patient/p1"]
    assert names(read(await anna.get("/Observation/$lastn?subject=Patient/p1&code=z"))) == []


async def test_all_who_are_one_count_together(anna, gateway):
    boris = await gateway.campus("B")
    await record(gateway, anna, boris)
    both = {"coding": [{"system": "urn:b:item", "code": "Hb"}, {"system": LOINC, "code": "718-7"}]}
    await put(boris, observation("b1", "Patient/q1", code=both, effectiveDateTime="2026-03-01"))
    bundle = read(await anna.get("/Observation/$lastn?patient=p1&code=718-7"))
    assert names(bundle, "match") == ["Observation/b1"]
    assert "Patient/q1" in names(bundle, "include")
    assert "linked" in notes(bundle)
    alone = read(await anna.get("/Observation/$lastn?patient=p1&code=718-7&_linked=false"))
    assert names(alone) == ["Observation/o1"]


async def test_what_is_hidden_is_not_the_newest(anna, gateway):
    await write(anna, ("open", coded("x"), 1))
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    hidden = {"meta": {"security": [label]}, "effectiveDateTime": "2026-02-09"}
    await put(anna, observation("hidden", code=coded("x"), **hidden))
    address = "/Observation/$lastn?patient=p1&code=x"
    assert names(read(await anna.get(address))) == ["Observation/hidden"]
    other = await gateway.campus("B")
    assert names(read(await other.get(address))) == ["Observation/open"]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("category=laboratory", "http.patient"),
        ("patient=p1", "http.category"),
        ("patient=p1&code=x&max=0", "http.max"),
        ("patient=p1&code=x&max=-1", "http.max"),
        ("patient=p1&code=x&max=1&max=2", "http.max"),
        ("patient=p1&code=x&max=1001", "http.max"),
        ("patient=p1&code=x&_sort=date", "http._sort"),
        ("patient=p1&code=x&_count=3", "http._count"),
        ("patient=p1&code=x&colour=red", "http.colour"),
        ("patient:missing=true&code=x", "http.patient"),
    ],
)
async def test_what_it_cannot_answer_is_refused(anna, query, place):
    answer = await anna.get(f"/Observation/$lastn?{query}")
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == [place]


async def test_parameters_and_forms_ask_the_same(anna, gateway):
    await write(anna, ("a", coded("x"), 1), ("b", coded("x"), 2))
    body = parameters(
        {"name": "patient", "valueReference": {"reference": "Patient/p1"}},
        {"name": "code", "valueCoding": {"system": "urn:a", "code": "x"}},
        {"name": "max", "valuePositiveInt": 2},
    )
    found = read(await post(anna, body, "/Observation/$lastn"))
    assert names(found) == ["Observation/b", "Observation/a"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    again = read(
        await anna.post("/Observation/$lastn", content="patient=p1&code=x&max=2", headers=form)
    )
    assert names(again) == names(found)
    assert "max=2" in link(again, "self")
    wrong = parameters({"name": "patient", "valuePeriod": {"start": "2026"}})
    refusal(await post(anna, wrong, "/Observation/$lastn"), 400, "invalid")
    none = await gateway.campus("C", "system/Patient.rs")
    refusal(await none.get("/Observation/$lastn?patient=p1&code=x"), 403, "forbidden")
