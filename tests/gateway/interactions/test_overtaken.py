"""Writes that another overtakes between two looks at what stands there."""

from dataclasses import replace

import pytest

from gateway.errors import VersionConflictError
from gateway.interactions.commit import Change, commit
from gateway.interactions.delete import delete
from gateway.interactions.preconditions import NO_PRECONDITIONS, Preconditions
from gateway.interactions.update import update
from gateway.store.records import StaleError
from tests.gateway.interactions.consortium import encoded, patient


@pytest.fixture
async def overtaken(house):
    """A door behind which somebody else's write comes after the first look, once."""
    await house.put("A", patient(gender="female"))
    left = [patient(gender="male")]

    async def overtake(door, actor, current, after):
        del door, actor, current, after
        while left:
            await house.put("A", left.pop())

    return replace(house.door, guards=(("Patient", overtake),))


@pytest.mark.parametrize("given", ['W/"1"', '"1"'])
async def test_whose_version_was_overtaken_by_the_like_is_told_so(house, overtaken, given):
    body = encoded(patient(gender="male"))
    # Two who set a counter from 1 to 2 must not both be told that they have done it.
    with pytest.raises(VersionConflictError):
        await update(overtaken, house.actor("A"), "Patient", "p1", body, Preconditions(given))


async def test_who_wrote_the_same_meanwhile_is_shown_what_stands_now(house, overtaken):
    body = encoded(patient(gender="male"))
    written = await update(overtaken, house.actor("A"), "Patient", "p1", body, NO_PRECONDITIONS)
    assert (written.changed, written.stored.version) == (False, 2)
    assert written.stored.resource()["gender"] == "male"


@pytest.mark.parametrize("gender", ["male", "female", "other"])
async def test_what_was_decided_on_another_version_is_prepared_again(house, gender):
    for one in ("female", "male"):
        await house.put("A", patient(gender=one))
    change = Change("Patient", "p1", encoded(patient(gender=gender)), expect=1)
    with pytest.raises(StaleError):
        await commit(house.door, house.actor("A"), [change])


async def test_a_delete_that_another_overtook_is_told_so(house):
    await house.put("A", patient())
    await house.delete("A", "Patient/p1")
    with pytest.raises(StaleError):
        await commit(house.door, house.actor("A"), [Change("Patient", "p1", None, expect=1)])
    with pytest.raises(VersionConflictError):
        await delete(house.door, house.actor("A"), "Patient", "p1", Preconditions('W/"1"'))
