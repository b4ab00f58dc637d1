from urllib.parse import parse_qs, urlsplit

import pytest

from tests.gateway.api.conftest import BASE, BODY_LIMIT
from tests.gateway.api.samples import (
    JSON,
    PATIENT,
    ids,
    link,
    observation,
    put,
    read,
    refusal,
)

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def stored(anna):
    await put(anna, PATIENT)
    for number in range(7):
        await put(anna, observation(f"o{number}", effectiveDateTime=f"2026-11-{number + 10}"))


@pytest.mark.usefixtures("stored")
async def test_a_search_gives_a_searchset(anna):
    bundle = read(await anna.get("/Observation?subject=Patient/p1&code=718-7"))
    assert (bundle["type"], bundle["total"]) == ("searchset", 7)
    assert {entry["fullUrl"] for entry in bundle["entry"]} == {
        f"{BASE}/Observation/o{number}" for number in range(7)
    }
    assert sorted(ids(bundle)) == [f"o{number}" for number in range(7)]
    assert link(bundle, "next") is None


@pytest.mark.usefixtures("stored")
async def test_the_self_link_tells_what_was_applied(anna):
    search = "/Observation?subject=Patient/p1&code=http://loinc.org|718-7&_format=json"
    own = link(read(await anna.get(search)), "self")
    assert own == f"{BASE}/Observation?subject=Patient/p1&code=http://loinc.org%7C718-7"
    assert len(read(await anna.get(own))["entry"]) == 7


async def test_an_unknown_parameter_is_refused_with_what_is_near(anna):
    issue = refusal(await anna.get("/Observation?subjekt=Patient/p1"), 400, "invalid")
    assert issue["expression"] == ["http.subjekt"]
    assert "subject" in issue["details"]["text"]


@pytest.mark.usefixtures("stored")
async def test_leniency_leaves_out_what_is_unknown_and_says_so(anna):
    lenient = {"Prefer": "handling=lenient"}
    bundle = read(await anna.get("/Observation?subjekt=x&code=718-7", headers=lenient))
    assert link(bundle, "self") == f"{BASE}/Observation?code=718-7"
    assert len(ids(bundle)) == 7
    (outcome,) = [one for one in bundle["entry"] if one["search"]["mode"] == "outcome"]
    assert outcome["resource"]["issue"][0]["severity"] == "warning"


async def test_a_search_that_finds_nothing_has_no_entries(anna):
    bundle = read(await anna.get("/Observation?code=718-7"))
    assert bundle["total"] == 0
    assert "entry" not in bundle


@pytest.mark.usefixtures("stored")
async def test_pages_are_followed_to_the_end(anna):
    address = "/Observation?subject=Patient/p1&_count=3&_sort=-date"
    seen = []
    while address:
        bundle = read(await anna.get(address))
        seen.append(ids(bundle))
        address = link(bundle, "next")
    assert seen == [["o6", "o5", "o4"], ["o3", "o2", "o1"], ["o0"]]


@pytest.mark.usefixtures("stored")
async def test_the_self_link_of_a_later_page_is_that_page(anna):
    first = read(await anna.get("/Observation?_count=3&_sort=date"))
    second = read(await anna.get(link(first, "next")))
    assert ids(read(await anna.get(link(second, "self")))) == ids(second) == ["o3", "o4", "o5"]


@pytest.mark.usefixtures("stored")
async def test_a_page_is_the_callers_alone(gateway, anna):
    bea = await gateway.campus("B")
    following = link(read(await anna.get("/Observation?_count=3")), "next")
    refusal(await bea.get(following), 400, "expired")
    refusal(await anna.get("/Observation?_page=abc"), 400, "expired")


@pytest.mark.usefixtures("stored")
async def test_a_search_by_post_is_the_same_search(anna):
    form = b"subject=Patient%2Fp1&_count=3&_sort=date"
    answer = await anna.post("/Observation/_search?code=718-7", content=form, headers=FORM)
    bundle = read(answer)
    assert ids(bundle) == ["o0", "o1", "o2"]
    query = parse_qs(urlsplit(link(bundle, "self")).query)
    assert query == {
        "code": ["718-7"],
        "subject": ["Patient/p1"],
        "_count": ["3"],
        "_sort": ["date"],
    }
    assert ids(read(await anna.get(link(bundle, "next")))) == ["o3", "o4", "o5"]


@pytest.mark.usefixtures("stored")
async def test_a_search_by_post_may_come_without_a_body(anna):
    assert len(ids(read(await anna.post("/Observation/_search?code=718-7")))) == 7


async def test_a_search_by_post_is_a_form(anna):
    answer = await anna.post("/Observation/_search", content=b"{}", headers=JSON)
    refusal(answer, 415, "not-supported")


async def test_a_form_over_the_limit_is_refused(anna):
    answer = await anna.post("/Observation/_search", content=b"a" * (BODY_LIMIT + 1), headers=FORM)
    refusal(answer, 413, "too-long")


async def test_a_form_names_its_format_too(anna):
    answer = await anna.post("/Observation/_search", content=b"_format=ttl", headers=FORM)
    assert refusal(answer, 406, "not-supported")["expression"] == ["_format"]


@pytest.mark.usefixtures("stored")
async def test_chinese_is_percent_encoded_utf_8(anna):
    found = read(await anna.get("/Patient", params={"name": "王"}))
    assert ids(found) == ["p1"]
    assert link(found, "self") == f"{BASE}/Patient?name=%E7%8E%8B"
    # 王 in GB 18030
    refusal(await anna.get("/Patient?name=%CD%F5"), 400, "invalid")


async def test_too_many_parameters_are_refused(anna):
    refusal(await anna.get("/Patient?" + "&".join(["_id=p1"] * 201)), 400, "invalid")


@pytest.mark.usefixtures("stored")
async def test_what_is_included_is_marked(anna):
    bundle = read(await anna.get("/Observation?_id=o1&_include=Observation:subject"))
    assert (ids(bundle), ids(bundle, "include")) == (["o1"], ["p1"])
    backwards = read(await anna.get("/Patient?_id=p1&_revinclude=Observation:subject"))
    assert ids(backwards) == ["p1"]
    assert len(ids(backwards, "include")) == 7


@pytest.mark.usefixtures("stored")
async def test_a_history_is_newest_first(anna):
    await put(anna, PATIENT | {"gender": "female"})
    await anna.delete("/Patient/p1")
    bundle = read(await anna.get("/Patient/p1/_history"))
    assert (bundle["type"], bundle["total"]) == ("history", 3)
    told = [(one["request"]["method"], one["response"]["status"]) for one in bundle["entry"]]
    assert told == [("DELETE", "204 No Content"), ("PUT", "200 OK"), ("PUT", "201 Created")]
    assert ["resource" in one for one in bundle["entry"]] == [False, True, True]
    assert bundle["entry"][0]["response"]["etag"] == 'W/"3"'
    assert (
        bundle["entry"][1]["response"]["lastModified"]
        == (bundle["entry"][1]["resource"]["meta"]["lastUpdated"])
    )


async def test_the_pages_of_a_history_are_followed_to_the_end(anna):
    for name in "abcde":
        await put(anna, PATIENT | {"name": [{"family": name}]})
    address, seen = "/Patient/p1/_history?_count=2", []
    while address:
        bundle = read(await anna.get(address))
        seen += [one["resource"]["name"][0]["family"] for one in bundle["entry"]]
        address = link(bundle, "next")
    assert seen == ["e", "d", "c", "b", "a"]


@pytest.mark.usefixtures("stored")
async def test_a_history_refuses_what_it_does_not_know(anna):
    refusal(await anna.get("/Patient/p1/_history?_sort=date"), 400, "invalid")
    refusal(await anna.get("/Patient/nobody/_history"), 404, "not-found")


@pytest.mark.usefixtures("stored")
async def test_a_compartment_and_all_types_are_searched_by_their_addresses(anna):
    for address in ("/Patient/p1/Observation?_count=3", "/Patient/p1/*?_count=3"):
        place, _, _ = address.partition("?")
        bundle = read(await anna.get(address))
        assert link(bundle, "self") == f"{BASE}{place}?_count=3"
        found = list(ids(bundle))
        while following := link(bundle, "next"):
            assert following.startswith(f"{BASE}{place}?_page=")
            bundle = read(await anna.get(following))
            found += ids(bundle)
        assert sorted(found) == [f"o{number}" for number in range(7)]
    form = await anna.post(
        "/Patient/p1/Observation/_search", content=b"date=2026-11-12", headers=FORM
    )
    assert ids(read(form)) == ["o2"]
    bundle = read(await anna.get("?_type=Patient,Observation&_id=p1,o1"))
    assert {entry["fullUrl"] for entry in bundle["entry"]} == {
        f"{BASE}/Patient/p1",
        f"{BASE}/Observation/o1",
    }
    assert link(bundle, "self") == f"{BASE}?_type=Patient,Observation&_id=p1,o1"
    form = await anna.post("/_search", content=b"_type=Patient", headers=FORM)
    assert ids(read(form)) == ["p1"]
    refusal(await anna.get("/Patient/none/Observation"), 404, "not-found")
    refusal(await anna.get("/Patient/p1/Colour"), 404, "not-supported")
    refusal(await anna.get("/Patient/p1/Location"), 400, "not-supported")
    refusal(await anna.get(""), 400, "not-supported")
