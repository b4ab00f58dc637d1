"""What a search leaves out of a waveform."""

import pytest

from gateway.errors import UnprocessableError
from gateway.fhir.codec import decode, encode
from gateway.interactions.create import create
from gateway.interactions.detached import asked
from gateway.interactions.read import read
from gateway.interactions.search import search
from gateway.interactions.update import update

MDC = "urn:iso:std:iso:11073:10101"


def waveform(size=3000):
    data = " ".join(str(number * 37 % 4001 - 2000) for number in range(size))
    quantity = {"value": 0, "unit": "uV"}
    sampled = {"origin": quantity, "period": 2, "factor": 2.50, "dimensions": 1, "data": data}
    lead = {"code": {"coding": [{"system": MDC, "code": "131330"}]}, "valueSampledData": sampled}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": MDC, "code": "131328"}]},
        "component": [lead, {"code": {"text": "x"}, "valueString": "y"}],
    }


@pytest.fixture
def door(house):
    return house.door


@pytest.fixture
def actor(house):
    return house.actor("A")


@pytest.fixture
async def stored(door, actor):
    return (await create(door, actor, "Observation", encode(waveform()))).stored


async def found(door, actor, *params):
    page = await search(door, actor, "Observation", list(params))
    (one,) = page.matches
    return decode(one.json())


async def test_a_search_leaves_the_samples_out_and_says_so(door, actor, stored):
    resource = await found(door, actor, ("status", "final"))
    lead, other = resource["component"]
    assert "data" not in lead["valueSampledData"]
    assert lead["valueSampledData"]["factor"] == 2.5
    assert other["valueString"] == "y"
    assert [one["code"] for one in resource["meta"]["tag"]] == ["SUBSETTED"]
    assert resource["meta"]["versionId"] == "1"
    assert resource["meta"]["lastUpdated"] == stored.resource()["meta"]["lastUpdated"]


@pytest.mark.parametrize(
    "param",
    [
        ("_detail", "full"),
        ("code", "131328"),
        ("code", f"http://loinc.org|1,{MDC}|131328"),
        ("component-code", f"{MDC}|131330"),
    ],
)
async def test_whoever_asks_for_the_samples_gets_them(door, actor, stored, param):
    assert await found(door, actor, param) == decode(stored.json())


async def test_a_read_returns_the_whole(door, actor, stored):
    one = await read(door, actor, "Observation", stored.id)
    assert one.json() == stored.json()
    assert b'"data"' in one.json()


async def test_what_is_only_a_part_cannot_be_written(door, actor, stored):
    part = await found(door, actor, ("status", "final"))
    with pytest.raises(UnprocessableError):
        await update(door, actor, "Observation", stored.id, encode(part))
    with pytest.raises(UnprocessableError):
        await create(door, actor, "Observation", encode(part))


@pytest.mark.parametrize(
    "param", [("code", "8867-4"), ("code", "http://loinc.org|131328"), ("status", "131328")]
)
def test_other_codes_ask_for_nothing(param):
    assert not asked([param])
