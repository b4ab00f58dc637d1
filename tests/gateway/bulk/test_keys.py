"""What a line without an id is, is decided by its number as the lines before it left it."""

import pytest

from tests.gateway.bulk.test_import import ndjson, told
from tests.gateway.interactions.consortium import patient

NUMBER = {"identifier": [{"system": "urn:hutong:A:specimen", "value": "6"}]}
OTHER = {"identifier": [{"system": "urn:hutong:A:specimen", "value": "7"}]}
TWO = {"identifier": [*NUMBER["identifier"], *OTHER["identifier"]]}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr("gateway.bulk.portion.ROWS", 10)


def specimen(id_="", **more):
    named = {"id": id_} if id_ else {}
    return {"resourceType": "Specimen", **named, **more}


# A Patient beside them lets the portion arrive before the next one is prepared.
@pytest.mark.parametrize("beside", [[], [patient("p")]])
async def test_a_number_that_a_line_gave_up_leads_to_nobody_in_the_next(county, beside):
    await county.house.put("A", specimen("tube", **NUMBER))
    lines = [specimen("tube"), *beside, specimen(**NUMBER)]
    counts, _ = await county.imported("A", ndjson(*lines))
    assert counts == told(created=1 + len(beside), updated=1)
    assert "identifier" not in (await county.house.read("A", "Specimen/tube")).resource()


@pytest.mark.parametrize("beside", [[], [patient("p")]])
async def test_two_numbers_are_no_contradiction_once_one_was_given_up(county, beside):
    await county.house.put("A", specimen("tube", **NUMBER))
    await county.house.put("A", specimen("other", **OTHER))
    lines = [specimen("other"), *beside, specimen(**TWO)]
    counts, errors = await county.imported("A", ndjson(*lines))
    assert (counts, errors) == (told(created=len(beside), updated=2), [])
    found = (await county.house.read("A", "Specimen/tube")).resource()
    assert len(found["identifier"]) == 2
