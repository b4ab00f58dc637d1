"""Parameters that shape an answer are as strict as those that search."""

import pytest

from tests.gateway.api.samples import PATIENT, put


@pytest.fixture(autouse=True)
async def patient(anna):
    await put(anna, PATIENT)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/Observation?_summary=text&_include=Observation:subject", "_summary"),
        ("/Patient?_summary=text&_revinclude:iterate=*", "_summary"),
        ("/Patient?_sort=bogus", "_sort"),
        ("/Patient?_include=Patient:bogus", "_include"),
        ("/Patient?_revinclude=Observation:bogus", "_revinclude"),
        ("/Patient?_count=1&_count=2", "_count"),
        ("/Patient?_sort=name&_sort=_id", "_sort"),
        ("/Patient/p1/_history?_count=1&_count=2", "_count"),
        ("/Patient?_pretty=bogus", "_pretty"),
        ("/metadata?bogus=1", "bogus"),
    ],
)
async def test_what_is_wrong_is_named(anna, address, place):
    answer = await anna.get(address)
    assert answer.status_code == 400, answer.text
    assert answer.json()["issue"][0]["expression"] == [f"http.{place}"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/Patient?_cuont=1", "_count"),
        ("/Patient/p1?bogus=1", "_elements, _format, _pretty and _summary"),
        ("/Patient/p1/_history/1?bogus=1", "_elements, _format, _pretty and _summary"),
        ("/Patient/p1/_history?bogus=1", "_since, _elements, _format, _pretty and _summary"),
    ],
)
async def test_what_is_taken_instead_is_told(anna, address, told):
    answer = await anna.get(address)
    assert answer.status_code == 400
    assert told in answer.json()["issue"][0]["details"]["text"]


@pytest.mark.parametrize(
    "address",
    [
        "/Patient?_summary=true&_include=Patient:organization",
        "/Patient?_pretty=false",
        "?_type=Patient&_type=Patient",
        "/metadata?mode=full&_pretty=true",
        "/Patient/p1?_summary=text",
        "/Patient/p1?_elements=name",
        "/Patient/p1/_history?_elements=name",
    ],
)
async def test_what_is_right_is_answered(anna, address):
    answer = await anna.get(address)
    assert answer.status_code == 200, answer.text


async def test_whoever_is_lenient_is_not_stopped(anna):
    lenient = {"Prefer": "handling=lenient"}
    for address in ("/metadata?bogus=1", "/Patient?_pretty=bogus", "/Patient?_count=1&_count=2"):
        assert (await anna.get(address, headers=lenient)).status_code == 200, address
