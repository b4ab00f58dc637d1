"""Criteria in bundles: conditional entries, references that name their target by what it has."""

import asyncio

import pytest

from gateway.errors import GatewayError, InvalidRequestError, PreconditionError
from tests.gateway.interactions.consortium import BASE, observation, patient, pid
from tests.gateway.interactions.sending import CHILD, MOTHER, entry, send


async def test_a_conditional_create_in_a_transaction(house):
    system = "urn:example:card"
    card = {"identifier": [{"system": system, "value": "1"}]}
    asked = [
        entry("POST", "Patient", patient(**card), MOTHER, ifNoneExist=f"identifier={system}|1"),
        entry("PUT", "Observation/o", observation("o", MOTHER)),
    ]
    first, _ = await send(house, "A", *asked)
    again, _ = await send(house, "A", *asked)
    assert [first.status, again.status] == [201, 200]
    assert again.written.stored.id == first.written.stored.id
    assert await house.ids("A", f"Observation?patient={first.written.stored.id}") == ["o"]


async def test_transactions_at_once_with_one_criterion_make_one(house):
    card = {"identifier": [{"system": "urn:example:card", "value": "1"}]}
    jobs = [
        send(
            house,
            "A",
            entry("POST", "Patient", patient(**card), MOTHER, ifNoneExist="identifier=1"),
            entry("PUT", f"Observation/o{number}", observation(f"o{number}", MOTHER)),
        )
        for number in range(12)
    ]
    results = await asyncio.gather(*jobs)
    assert sorted(one.status for one, _ in results) == [200] * 11 + [201]
    (id_,) = await house.ids("A", "Patient?identifier=1")
    assert len(await house.ids("A", f"Observation?patient={id_}")) == 12


async def test_criteria_may_not_find_what_the_same_transaction_writes(house):
    card = {"identifier": [{"system": "urn:example:card", "value": "1"}]}
    with pytest.raises(InvalidRequestError) as caught:
        await send(
            house,
            "A",
            entry("POST", "Patient", patient(**card), ifNoneExist="identifier=urn:example:card|1"),
            entry("POST", "Patient", patient(**card), ifNoneExist="identifier=1"),
        )
    assert caught.value.expression.startswith("Bundle.entry[")


CARD = "urn:example:card"


@pytest.mark.parametrize("rest", [{}, {"identifier": [{"system": CARD, "value": "2"}]}])
async def test_a_reference_leads_to_nobody_who_loses_the_number_there(house, rest):
    """A card goes from one human to another: results under it are not the first one's."""
    await house.put("A", patient("old", identifier=[{"system": CARD, "value": "1"}]))
    asked = [
        entry("PUT", "Patient/old", patient("old", **rest)),
        entry("PUT", "Observation/o", observation("o", f"Patient?identifier={CARD}|1")),
    ]
    with pytest.raises(PreconditionError):
        await send(house, "A", *asked)
    new = patient("new", identifier=[{"system": CARD, "value": "1"}])
    await send(house, "A", *asked, entry("PUT", "Patient/new", new))
    assert (await house.read("A", "Observation/o")).resource()["subject"] == {
        "reference": "Patient/new"
    }


async def test_a_reference_leads_to_whom_the_transaction_leaves_as_found(house):
    await house.put("A", patient("p", name=[{"family": "Wang"}], gender="male"))
    for criteria in ("family=Wang", "gender=male&_id=p", "_id=p"):
        await send(
            house,
            "A",
            entry("PUT", "Patient/p", patient("p", name=[{"family": "Wang"}], gender="male")),
            entry("PUT", "Observation/o", observation("o", f"Patient?{criteria}")),
        )
        found = (await house.read("A", "Observation/o")).resource()
        assert found["subject"] == {"reference": "Patient/p"}


async def test_references_by_criteria_lead_to_what_they_find(house):
    await house.put("A", patient("stored", identifier=[pid("A", "7")]))
    await house.put("B", patient("theirs", identifier=[pid("A", "8")]))
    number = "urn:hutong:A:pid|8"
    await send(
        house,
        "A",
        entry("PUT", "Observation/o1", observation("o1", "Patient?identifier=7")),
        entry("PUT", "Observation/o2", observation("o2", f"Patient?identifier={number}")),
        entry("POST", "Patient", patient(identifier=[pid("A", "8")])),
        entry("PUT", "Observation/o3", observation("o3", f"{BASE}/Patient?_id=stored")),
    )
    assert sorted(await house.ids("A", "Observation?patient=stored")) == ["o1", "o3"]
    (made,) = [id_ for id_ in await house.ids("A", "Patient?identifier=8") if id_ != "theirs"]
    assert await house.ids("A", f"Observation?patient={made}") == ["o2"]
    (alone,) = await send(
        house,
        "A",
        entry("PUT", "Observation/o4", observation("o4", "Patient?identifier=7")),
        kind="batch",
    )
    assert alone.status == 201
    assert len(await house.ids("A", "Observation?patient=stored")) == 3


async def test_references_beside_a_full_url_are_resolved(house):
    made, _ = await send(
        house,
        "A",
        entry("POST", "Patient", patient("77"), "http://elsewhere.test/r4/Patient/77"),
        entry(
            "POST",
            "Observation",
            observation("1", "Patient/77"),
            "http://elsewhere.test/r4/Observation/1",
        ),
    )
    assert len(await house.ids("A", f"Observation?patient={made.written.stored.id}")) == 1


async def test_two_entries_may_refer_to_each_other(house):
    results = await send(
        house,
        "A",
        entry("POST", "Observation", observation("1", hasMember=[{"reference": CHILD}]), MOTHER),
        entry("POST", "Observation", observation("2", hasMember=[{"reference": MOTHER}]), CHILD),
    )
    one, other = (each.written.stored for each in results)
    assert one.resource()["hasMember"] == [{"reference": f"Observation/{other.id}"}]
    assert other.resource()["hasMember"] == [{"reference": f"Observation/{one.id}"}]


async def test_conditional_writes_in_bundles(house):
    await house.put("A", patient("p1", identifier=[pid("A", "7")]))
    await house.put("A", patient("p2", identifier=[pid("A", "8")]))
    for kind in ("transaction", "batch"):
        results = await send(
            house,
            "A",
            entry("PUT", "Patient?identifier=7", patient("p1", identifier=[pid("A", "7")])),
            entry("DELETE", "Patient?identifier=8"),
            entry("DELETE", "Patient?identifier=9"),
            entry("GET", "Patient/p1", ifNoneMatch='W/"1"'),
            kind=kind,
        )
        assert [one.status for one in results] == [200, 204, 204, 304]


async def test_a_full_url_names_one_entry(house):
    with pytest.raises(InvalidRequestError) as caught:
        await send(
            house,
            "A",
            entry("POST", "Patient", patient(), MOTHER),
            entry("POST", "Patient", patient(), MOTHER),
        )
    assert caught.value.expression == "Bundle.entry[1]"


async def test_references_by_criteria_find_one_or_nothing_is_stored(house):
    await house.put("A", patient("p1", identifier=[pid("A", "7")], birthDate="1950"))
    await house.put("A", patient("p2", identifier=[pid("A", "8")], birthDate="1950"))
    for criteria in ("birthdate=1950", "identifier=9", "_count=1", "identifer=7", "?"):
        with pytest.raises(GatewayError) as caught:
            await send(
                house,
                "A",
                entry("PUT", "Patient/p3", patient("p3")),
                entry("PUT", "Observation/o1", observation("o1", f"Patient?{criteria}")),
            )
        assert caught.value.issues[0].expression.startswith("Bundle.entry[1]"), criteria
    assert await house.ids("A", "Patient?_id=p3") == []
    # What the same transaction deletes is found no more.
    results = await send(
        house,
        "A",
        entry("DELETE", "Patient/p2"),
        entry("PUT", "Observation/o1", observation("o1", "Patient?birthdate=1950&identifier=7")),
    )
    assert [one.status for one in results] == [204, 201]


async def test_a_conditional_create_does_not_find_what_is_deleted_beside_it(house):
    card = {"identifier": [{"system": "urn:example:card", "value": "1"}]}
    await house.put("A", patient("old", **card))
    asked = [
        entry("POST", "Patient", patient(**card), MOTHER, ifNoneExist="identifier=1"),
        entry("DELETE", "Patient/old"),
        entry("PUT", "Observation/o", observation("o", MOTHER)),
    ]
    made, deleted, _ = await send(house, "A", *asked)
    assert (made.status, deleted.status) == (201, 204)
    new = made.written.stored.id
    assert await house.ids("A", "Patient?identifier=1") == [new]
    assert await house.ids("A", f"Observation?patient={new}") == ["o"]


async def test_a_conditional_create_finds_what_stands_after_the_deletes(house):
    card = {"identifier": [{"system": "urn:example:card", "value": "1"}]}
    for name in ("old", "older", "oldest"):
        await house.put("A", patient(name, **card))
    asked = entry("POST", "Patient", patient(**card), MOTHER, ifNoneExist="identifier=1")
    with pytest.raises(GatewayError) as caught:
        await send(house, "A", asked, entry("DELETE", "Patient/old"))
    assert caught.value.status == 412
    assert len(await house.ids("A", "Patient?identifier=1")) == 3
    deletes = [entry("DELETE", f"Patient/{name}") for name in ("old", "oldest")]
    found, *_ = await send(house, "A", asked, *deletes)
    assert (found.status, found.written.stored.id) == (200, "older")


async def test_a_reference_by_criteria_finds_what_stands_after_the_deletes(house):
    for name in ("p1", "p2"):
        await house.put("A", patient(name, birthDate="1950"))
    observed = entry("PUT", "Observation/o1", observation("o1", "Patient?birthdate=1950"))
    with pytest.raises(GatewayError) as caught:
        await send(house, "A", observed)
    assert caught.value.status == 412
    results = await send(house, "A", observed, entry("DELETE", "Patient/p2"))
    assert [one.status for one in results] == [201, 204]
    assert await house.ids("A", "Observation?patient=p1") == ["o1"]
    with pytest.raises(GatewayError) as caught:
        await send(house, "A", observed, entry("DELETE", "Patient/p1"))
    assert caught.value.status == 412
