"""`_summary` and `_elements`."""

import pytest

from tests.gateway.api.samples import JSON, ids, link, observation, put, read, refusal

BODY = b"""{"resourceType":"Observation","id":"o1","text":{"status":"generated",
 "div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">x</div>"},"status":"final",
 "code":{"text":"x"},"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":1.00},
 "note":[{"text":"n"}],"method":{"text":"m"},
 "component":[{"code":{"text":"c"},"valueQuantity":{"value":1.0E3},
 "interpretation":[{"text":"i"}]}]}"""


@pytest.fixture
async def stored(anna):
    await anna.put("/Observation/o1", content=BODY, headers=JSON)
    return anna


BASIC = {"resourceType", "id", "meta"}


@pytest.mark.parametrize(
    ("query", "members"),
    [
        ("_summary=true", {"status", "code", "subject", "valueQuantity", "component"}),
        ("_summary=text", {"text", "status", "code"}),
        (
            "_summary=data",
            {*("status", "code", "subject", "valueQuantity", "note", "method", "component")},
        ),
        ("_elements=subject,value", {"status", "code", "subject", "valueQuantity"}),
        ("_elements=note&_elements=text", {"status", "code", "note", "text"}),
    ],
)
async def test_a_part_is_shown(stored, query, members):
    for address in ("/Observation/o1", "/Observation/o1/_history/1"):
        answer = await stored.get(f"{address}?{query}")
        shown = read(answer)
        assert set(shown) == BASIC | members
        assert shown["meta"]["tag"][0]["code"] == "SUBSETTED"
        assert ("valueQuantity" in members) == (b'"value":1.00}' in answer.content)
        assert answer.headers["ETag"] == 'W/"1"'
    found = read(await stored.get(f"/Observation?_id=o1&{query}"))
    assert set(found["entry"][0]["resource"]) == BASIC | members
    assert query.split("&")[0].replace(",", ",") in link(found, "self")


async def test_a_summary_goes_into_groups(stored):
    (component,) = read(await stored.get("/Observation/o1?_summary=true"))["component"]
    assert set(component) == {"code", "valueQuantity"}


async def test_false_is_all_and_count_is_none(stored):
    whole = await stored.get("/Observation/o1?_summary=false")
    assert whole.content == (await stored.get("/Observation/o1")).content
    assert read(await stored.get("/Observation?_summary=count"))["total"] == 1
    assert ids(read(await stored.get("/Observation?_summary=false"))) == ["o1"]


async def test_a_next_page_shows_the_same_part(stored):
    await put(stored, observation("o2"))
    first = read(await stored.get("/Observation?_count=1&_elements=status"))
    second = read(await stored.get(link(first, "next")))
    for page in (first, second):
        assert set(page["entry"][0]["resource"]) == BASIC | {"status", "code"}


async def test_a_part_cannot_be_written_back(stored):
    shown = read(await stored.get("/Observation/o1?_summary=true"))
    refusal(await put(stored, shown), 422, "processing")


@pytest.mark.parametrize(
    "query",
    [
        *("_summary=some", "_summary=", "_summary=true&_summary=text", "_elements="),
        *("_elements=colour", "_elements=status,,code", "_summary=true&_elements=status"),
    ],
)
async def test_what_is_no_part_is_refused(stored, query):
    for address in ("/Observation/o1", "/Observation"):
        assert (await stored.get(f"{address}?{query}")).status_code == 400
    assert (await stored.get("/Observation/o1?_summary=count")).status_code == 400


async def test_naming_what_a_search_leaves_out_brings_it(anna):
    study = {
        "resourceType": "ImagingStudy",
        "id": "s1",
        "status": "available",
        "subject": {"reference": "Patient/p1"},
        "series": [
            {
                "uid": "1.2",
                "modality": {"code": "CT"},
                "instance": [{"uid": "1.2.3", "sopClass": {"code": "x"}}],
            }
        ],
    }
    await put(anna, study)
    for query, there in (("_id=s1", False), ("_elements=series", True), ("_elements=id", None)):
        found = read(await anna.get(f"/ImagingStudy?{query}"))
        series = found["entry"][0]["resource"].get("series")
        assert (None if series is None else "instance" in series[0]) == there, query


async def test_a_summary_is_asked_for_once(stored):
    answer = await stored.get("/Observation/o1?_summary=true&_summary=false")
    assert refusal(answer, 400, "invalid")["details"]["text"] == "_summary is given once."
