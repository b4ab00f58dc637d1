"""Business keys: checked and taken under the writer's lock (DESIGN §3)."""

import asyncio

import pytest

from gateway.fhir.definitions import TYPE_IDS
from gateway.store.records import Require, Stale, StaleError
from tests.gateway.store.samples import batch, erase, rows, write

PATIENT = TYPE_IDS["Patient"]
PID = "urn:hutong:A:pid"
KEY = [(PID, "1")]


async def test_a_key_leads_to_who_claims_it(store):
    await store.submit(batch(write("Patient", "p", claims=KEY)))
    assert store.by_key(1, "Patient", PID, "1") == "p"
    assert store.by_key(2, "Patient", PID, "1") is None
    assert store.by_key(1, "Observation", PID, "1") is None
    assert store.by_key(1, "Patient", PID, "2") is None
    assert store.by_key(1, "Patient", "urn:hutong:B:pid", "1") is None


async def test_a_key_is_claimed_once_a_campus_and_type(store):
    await store.submit(batch(write("Patient", "p", claims=KEY)))
    await store.submit(batch(write("Patient", "q", campus=2, claims=KEY)))
    await store.submit(batch(write("Encounter", "e", claims=KEY)))
    with pytest.raises(StaleError) as caught:
        await store.submit(batch(write("Patient", "x"), write("Patient", "r", claims=KEY)))
    assert caught.value.stale == Stale("claim", PATIENT, "p", 1)
    assert store.current("Patient", "x") is None


async def test_a_version_without_the_key_lets_go_of_it(store):
    await store.submit(batch(write("Patient", "p", claims=[*KEY, (PID, "2")])))
    await store.submit(batch(write("Patient", "p", claims=[(PID, "2")])))
    assert store.by_key(1, "Patient", PID, "1") is None
    await store.submit(batch(write("Patient", "q", claims=KEY)))
    assert store.by_key(1, "Patient", PID, "1") == "q"
    await store.submit(batch(erase("Patient", "q")))
    assert store.by_key(1, "Patient", PID, "1") is None


@pytest.mark.parametrize(
    ("value", "id_", "stands"), [("1", "p", True), ("1", "", False), ("2", "", True)]
)
async def test_a_batch_requires_what_a_key_leads_to(store, value, id_, stands):
    await store.submit(batch(write("Patient", "p", claims=KEY)))
    wanted = batch(write("Patient", "new"), requires=[Require(PATIENT, 1, PID, value, id_)])
    if stands:
        await store.submit(wanted)
        assert store.current("Patient", "new")
        return
    with pytest.raises(StaleError) as caught:
        await store.submit(wanted)
    assert caught.value.stale == Stale("key", PATIENT, "p")
    assert store.current("Patient", "new") is None


async def test_of_fifty_who_claim_a_key_at_once_one_gets_it(either):
    jobs = [
        either.submit(batch(write("Patient", f"p{number}", claims=KEY))) for number in range(50)
    ]
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    stale = [one.stale for one in outcomes if isinstance(one, StaleError)]
    assert len(stale) == 49
    winner = either.by_key(1, "Patient", PID, "1")
    assert {(one.why, one.id) for one in stale} == {("claim", winner)}
    there = [number for number in range(50) if either.current("Patient", f"p{number}")]
    assert there == [int(winner[1:])]


async def test_a_deleted_person_links_nobody(store, folder):
    await store.submit(batch(write("Patient", "a"), write("Patient", "b")))
    await store.submit(
        batch(write("Person", "n", campus=0, certain=[(PATIENT, "a"), (PATIENT, "b")]))
    )
    assert store.link_set(["a"]) == ({"a", "b"}, {"n"})
    await store.submit(batch(erase("Person", "n", campus=0)))
    assert store.link_set(["a"]) == ({"a"}, set())
    assert rows(folder, "SELECT * FROM certain") == []


async def test_a_link_set_is_followed_through_all_holders(store):
    def person(id_, *patients):
        links = [(PATIENT, one) for one in patients]
        return write("Person", id_, campus=0, certain=links)

    await store.submit(batch(person("n", "a", "b"), person("m", "b", "c"), person("o", "d")))
    await store.submit(batch(write("Patient", "c", certain=[(PATIENT, "c"), (PATIENT, "e")])))
    assert store.link_set(["a"]) == ({"a", "b", "c", "e"}, {"n", "m"})
    assert store.link_set(["d", "x"]) == ({"d", "x"}, {"o"})
    await store.submit(batch(person("m", "c")))
    assert store.link_set(["a"]) == ({"a", "b"}, {"n"})
