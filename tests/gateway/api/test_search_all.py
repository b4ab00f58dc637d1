"""A search over several types."""

import pytest

from tests.gateway.api.samples import PATIENT, ids, link, observation, post, put, read, refusal

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def filled(anna):
    await put(anna, PATIENT)
    for number in range(3):
        await put(anna, observation(f"o{number}"))
    return anna


async def test_each_type_in_turn(filled):
    found = read(await filled.get("?_type=Patient,Observation"))
    assert ids(found) == ["p1", "o2", "o1", "o0"]
    assert found["total"] == 4
    assert found["entry"][1]["fullUrl"].endswith("/fhir/Observation/o2")
    posted = await filled.post("/_search", content="_type=Observation&_id=o1", headers=FORM)
    assert ids(read(posted)) == ["o1"]
    assert read(await filled.get("?_type=Patient,Observation&_summary=count"))["total"] == 4


@pytest.mark.parametrize("count", [1, 2, 3, 4])
async def test_pages_go_through_the_types(filled, count):
    page = read(await filled.get(f"?_type=Patient,Observation,Basic&_count={count}"))
    found = ids(page)
    while following := link(page, "next"):
        page = read(await filled.get(following))
        found += ids(page) if "entry" in page else []
        assert len(page.get("entry", ())) <= count
    assert found == ["p1", "o2", "o1", "o0"]


async def test_the_types_are_named_and_allowed(gateway, filled):
    for query in ("", "?_id=p1", "?_type=", "?_type=Colour", "?_type=Patient&x=1"):
        assert (await filled.get(query)).status_code == 400, query
    refusal(await filled.get("?_type=Patient&_sort=_id"), 400, "not-supported")
    labs = await gateway.campus("L", "system/Observation.rs")
    refusal(await labs.get("?_type=Observation,Patient"), 403, "forbidden")
    first = read(await filled.get("?_type=Observation&_count=1"))
    refusal(await labs.get(link(first, "next")), 400, "expired")


async def test_many_kinds_of_reads_in_a_bundle(filled):
    urls = {
        "?_type=Patient,Observation": "searchset",
        "_history?_count=2": "history",
        "Patient/_history": "history",
        "Patient/p1/_history": "history",
        "Observation?_id=o1": "searchset",
    }
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    entries.append({"request": {"method": "HEAD", "url": "Patient/p1"}})
    sent = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    *told, head = read(await post(filled, sent, ""))["entry"]
    assert [one["resource"]["type"] for one in told] == list(urls.values())
    assert head["response"]["status"] == "200 OK"
    assert "resource" not in head
