"""Search parameters that are defined here, while others define, write and index anew."""

import asyncio
import json
from dataclasses import replace

import pytest

from gateway.errors import ConflictError
from gateway.interactions.parameters import Parameters
from gateway.interactions.reindex import step
from gateway.interactions.update import update
from tests.gateway.interactions.consortium import patient
from tests.gateway.interactions.defined import build, defined, extension, of, parameter, rows_of


@pytest.fixture
def house(house):
    """On both databases: rows are built and taken out by each one's own writer."""
    return house


async def test_everything_indexed_anew_keeps_its_rows(house):
    coded = extension("x", valueCodeableConcept={"coding": [{"code": "a"}], "text": "A"})
    await house.put("A", patient("p1", extension=[coded]))
    await defined(house, parameter("own", "Patient", "token", of("Patient", "x")))
    before = rows_of(house, 1)
    after, count = await step(house.door, 0, everything=True)
    assert count > 1
    assert (await step(house.door, after, everything=True))[1] == 0
    assert rows_of(house, 1) == before == 3
    assert await house.ids("A", "Patient?own:text=a") == ["p1"]


async def test_of_two_who_define_one_code_at_once_one_does(house):
    own = parameter("own", "Patient", "token", of("Patient", "x"))
    each = [own | {"id": f"s{number}", "url": f"http://x.test/{number}"} for number in range(4)]
    puts = (house.put(house.admin(), one) for one in each)
    answers = await asyncio.gather(*puts, return_exceptions=True)
    assert sum(isinstance(one, ConflictError) for one in answers) == 3
    await build(house)
    assert await house.ids("A", "Patient?own=a") == []


async def test_a_definition_that_comes_between_makes_a_write_prepare_again(house):
    """Another process has not heard of it yet: its write is handed back, and has its rows."""
    other = replace(house.door, known=Parameters(house.store, clock=lambda: 0.0))
    assert "own" not in other.params.of("Patient")
    await house.put(house.admin(), parameter("own", "Patient", "token", of("Patient", "x")))
    other.params._due = 1e9  # noqa: SLF001 - as if the notice had been lost
    coded = patient("p1", extension=[extension("x", valueCode="a")])
    body = json.dumps(coded).encode()
    await update(other, house.actor("A"), "Patient", "p1", body)
    assert rows_of(house, 1) == 2
