"""Create, update, delete: one resource at a time."""

import asyncio
import json
import uuid

import pytest

from gateway.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    InvalidRequestError,
    InvalidResourceError,
    NotFoundError,
    TooLargeError,
    UnavailableError,
    VersionConflictError,
)
from gateway.interactions import prepare
from gateway.interactions.create import create
from gateway.interactions.keys import resource_id
from gateway.interactions.preconditions import NO_PRECONDITIONS
from gateway.interactions.update import update
from tests.gateway.interactions.consortium import encoded, observation, patient, pid


async def test_a_create_gets_an_id_of_its_own(house):
    written = await house.post("A", patient())
    assert written.created
    assert written.changed
    assert written.stored.id != "p1"
    assert uuid.UUID(written.stored.id)
    again = await house.post("A", patient())
    assert again.stored.id != written.stored.id


async def test_an_update_with_a_clients_id_creates(house):
    written = await house.put("A", patient())
    assert (written.created, written.stored.version) == (True, 1)
    read = await house.read("B", "Patient/p1")
    assert read.json() == written.stored.json()
    assert read.resource()["meta"]["extension"] == [
        {"url": "urn:hutong:ext:campus", "valueCode": "A"}
    ]


async def test_the_same_again_makes_no_version(house):
    first = await house.put("A", patient(gender="female"))
    again = await house.put("A", patient(gender="female"))
    assert (again.created, again.changed) == (False, False)
    assert again.stored.row == first.stored.row
    given_out = (await house.read("A", "Patient/p1")).json()
    returned = await house.put("A", json.loads(given_out))
    assert not returned.changed
    spaced = json.dumps(patient(gender="female"), indent=2).encode()
    assert not (await house.put("A", json.loads(spaced))).changed
    assert (await house.put("A", patient(gender="male"))).stored.version == 2


async def test_the_same_in_other_words_makes_no_version_but_another_digit_does(house):
    first = (
        b'{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"a/b"},'
        b'"valueQuantity":{"value":1.0,"unit":"g"}}'
    )
    other = (
        b'{"id":"o1","resourceType":"Observation","valueQuantity":{"unit":"g","value":1.0},'
        rb'"code":{"text":"a\/b"},"status":"\u0066inal"}'
    )
    who = house.actor("A")
    await update(house.door, who, "Observation", "o1", first, NO_PRECONDITIONS)
    again = await update(house.door, who, "Observation", "o1", other, NO_PRECONDITIONS)
    assert not again.changed
    assert b'"a/b"' in (await house.read("A", "Observation/o1")).json()
    for number, value in enumerate((b"1.00", b"1.0E0", b"1"), 2):
        body = first.replace(b":1.0,", b":%b," % value)
        written = await update(house.door, who, "Observation", "o1", body, NO_PRECONDITIONS)
        assert (written.changed, written.stored.version) == (True, number)


async def test_a_resource_with_too_many_values_to_search_by_is_refused(house, monkeypatch):
    monkeypatch.setattr(prepare, "MAX_VALUES", 5)
    await house.put("A", patient(identifier=[{"value": str(one)} for one in range(4)]))
    with pytest.raises(TooLargeError, match="more than 5 values"):
        await house.put("A", patient(identifier=[{"value": str(one)} for one in range(6)]))
    assert (await house.read("A", "Patient/p1")).version == 1


async def test_white_space_is_not_a_change(house):
    await house.put("A", patient(gender="female"))
    spaced = json.dumps(patient(gender="female"), indent=2).encode()
    written = await update(house.door, house.actor("A"), "Patient", "p1", spaced)
    assert not written.changed


async def test_digits_and_escapes_come_back_as_written(house):
    body = (
        rb'{"resourceType":"Observation","id":"o","status":"final",'
        rb'"code":{"text":"\u8840\u7cd6 \ud83d\ude00 \/"},"valueQuantity":{"value":1.00},'
        rb'"component":[{"code":{"text":"x"},"valueQuantity":{"value":1.0E3}},'
        rb'{"code":{"text":"y"},"valueQuantity":{"value":123456789012345678901234567890}}]}'
    )
    await update(house.door, house.actor("A"), "Observation", "o", body)
    out = (await house.read("A", "Observation/o")).json()
    for part in (rb"\u8840\u7cd6 \ud83d\ude00 \/", b":1.00}", b":1.0E3}", b"678901234567890}"):
        assert part in out


@pytest.mark.parametrize("tag", ['W/"1"', '"1"', ' W/"1" '])
async def test_an_update_may_ask_for_a_version(house, tag):
    await house.put("A", patient())
    assert (await house.put("A", patient(gender="male"), tag)).stored.version == 2
    with pytest.raises(VersionConflictError):
        await house.put("A", patient(gender="female"), tag)
    with pytest.raises(VersionConflictError):
        await house.delete("A", "Patient/p1", tag)


@pytest.mark.parametrize("tag", ["1", "W/1", 'W/"x"', '"1', 'W/"1", x'])
async def test_a_bad_if_match_is_refused(house, tag):
    await house.put("A", patient())
    with pytest.raises(InvalidRequestError):
        await house.put("A", patient(gender="male"), tag)


@pytest.mark.parametrize("tag", ['W/"1"', "*"])
async def test_a_deletion_of_what_must_stand_needs_it(house, tag):
    with pytest.raises(VersionConflictError):
        await house.delete("A", "Patient/p1", tag)
    await house.put("A", patient())
    await house.delete("A", "Patient/p1", 'W/"1"')
    with pytest.raises(VersionConflictError):
        await house.delete("A", "Patient/p1", tag)
    assert await house.delete("A", "Patient/p1") is not None


async def test_if_match_on_nothing_is_a_conflict(house):
    with pytest.raises(VersionConflictError):
        await house.put("A", patient(), 'W/"1"')
    await house.put("A", patient())
    await house.delete("A", "Patient/p1")
    with pytest.raises(VersionConflictError):
        await house.put("A", patient(), 'W/"2"')


async def test_delete_leaves_a_tombstone_and_an_update_undoes_it(house):
    await house.put("A", patient())
    gone = await house.delete("A", "Patient/p1")
    assert (gone.deleted, gone.version) == (True, 2)
    with pytest.raises(GoneError):
        await house.read("A", "Patient/p1")
    with pytest.raises(GoneError):
        await house.vread("A", "Patient/p1", 2)
    assert (await house.vread("A", "Patient/p1", 1)).version == 1
    again = await house.delete("A", "Patient/p1")
    assert again.version == 2
    undone = await house.put("A", patient())
    assert (undone.created, undone.stored.version) == (True, 3)
    assert await house.delete("A", "Patient/none") is None


@pytest.mark.parametrize(
    ("resource", "expression"),
    [
        (patient(gender="unclear"), "Patient.gender"),
        (patient(birthDate="2026-13-01"), "Patient.birthDate"),
        (patient(name={"family": "王"}), "Patient.name"),
        ({"resourceType": "Patient", "id": "p1", "nmae": []}, "Patient"),
    ],
)
async def test_what_breaks_the_structure_is_refused_by_place(house, resource, expression):
    with pytest.raises(InvalidResourceError) as caught:
        await house.put("A", resource)
    assert caught.value.issues[0].expression.startswith(expression)
    with pytest.raises(NotFoundError):
        await house.read("A", "Patient/p1")


async def test_the_address_and_the_body_must_agree(house):
    for type_, id_, resource in (
        ("Patient", "p2", patient()),
        ("Observation", "p1", patient()),
        ("Patient", "p 1", patient("p 1")),
        ("Patient", "", patient("")),
        ("Patient", "x" * 65, patient("x" * 65)),
    ):
        with pytest.raises(InvalidRequestError):
            await update(house.door, house.actor("A"), type_, id_, encoded(resource))


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"{", b'{"resourceType":"Patient"', b"\xff"])
async def test_what_is_no_resource_is_refused(house, body):
    with pytest.raises(InvalidResourceError):
        await create(house.door, house.actor("A"), "Patient", body)


# Business keys.


async def test_the_first_of_a_key_gets_the_id_that_follows_from_it(house):
    written = await house.post("A", patient(identifier=[pid("A", "7")]))
    assert written.stored.id == resource_id("A", "Patient", "urn:hutong:A:pid", "7")
    other = await house.post("B", patient(identifier=[pid("B", "7")]))
    assert other.stored.id != written.stored.id


async def test_a_post_with_a_known_key_updates(house):
    await house.put("A", patient("mine", identifier=[pid("A", "7")]))
    same = await house.post("A", patient(identifier=[pid("A", "7")]))
    assert (same.stored.id, same.created, same.changed) == ("mine", False, False)
    changed = await house.post("A", patient(identifier=[pid("A", "7")], gender="male"))
    assert (changed.stored.id, changed.created, changed.stored.version) == ("mine", False, 2)


async def test_a_put_with_the_key_of_another_is_told_whose_it_is(house):
    await house.put("A", patient("mine", identifier=[pid("A", "7")]))
    with pytest.raises(ConflictError, match="Patient/mine"):
        await house.put("A", patient("other", identifier=[pid("A", "7")]))
    with pytest.raises(NotFoundError):
        await house.read("A", "Patient/other")


async def test_keys_that_lead_to_two_are_refused(house):
    await house.post("A", patient(identifier=[pid("A", "7")]))
    await house.post("A", patient(identifier=[pid("A", "8")]))
    with pytest.raises(ConflictError) as caught:
        await house.post("A", patient(identifier=[pid("A", "7"), pid("A", "8")]))
    assert caught.value.expression == "Patient.identifier"


async def test_a_key_that_its_resource_gave_up_makes_a_new_one(house):
    """The id that follows from a key may be taken by what bears another number since."""
    first = (await house.post("A", patient(identifier=[pid("A", "7")]))).stored.id
    await house.put("A", patient(first, identifier=[pid("A", "8")]))
    second = await house.post("A", patient(identifier=[pid("A", "7")]))
    assert second.created
    assert second.stored.id != first
    kept = (await house.read("A", f"Patient/{first}")).resource()
    assert kept["identifier"] == [pid("A", "8")]
    again = await house.post("A", patient(identifier=[pid("A", "7")]))
    assert again.stored.id == second.stored.id


async def test_an_id_that_another_campus_took_first_does_not_bar_a_key(house):
    taken = resource_id("A", "Patient", "urn:hutong:A:pid", "7")
    await house.put("B", patient(taken))
    written = await house.post("A", patient(identifier=[pid("A", "7")]))
    assert written.created
    assert written.stored.id != taken


async def test_a_deleted_resource_of_a_key_comes_back_under_its_id(house):
    first = await house.post("A", patient(identifier=[pid("A", "7")]))
    await house.delete("A", f"Patient/{first.stored.id}")
    again = await house.post("A", patient(identifier=[pid("A", "7")]))
    assert (again.stored.id, again.created, again.stored.version) == (first.stored.id, True, 3)


async def test_fifty_creators_of_one_number_make_one_resource(house):
    jobs = [house.post("A", patient(identifier=[pid("A", "7")])) for _ in range(50)]
    written = await asyncio.gather(*jobs)
    assert len({one.stored.id for one in written}) == 1
    assert sum(one.created for one in written) == 1
    assert sum(one.changed for one in written) == 1
    assert len(await house.ids("A", "Patient?identifier=7")) == 1


async def test_fifty_different_creators_of_one_number_make_one_resource(house):
    jobs = [
        house.post("A", patient(identifier=[pid("A", "7")], birthDate=f"19{number}-01-01"))
        for number in range(30, 80)
    ]
    written = await asyncio.gather(*jobs, return_exceptions=True)
    assert not [one for one in written if isinstance(one, UnavailableError)]
    assert len({one.stored.id for one in written}) == 1
    assert sorted(one.stored.version for one in written) == list(range(1, 51))
    assert sum(one.created for one in written) == 1


async def test_fifty_updates_at_once_are_fifty_versions(house):
    jobs = [house.put("A", patient(birthDate=f"19{number}-01-01")) for number in range(30, 80)]
    written = await asyncio.gather(*jobs)
    assert sorted(one.stored.version for one in written) == list(range(1, 51))


async def test_of_fifty_updates_of_one_version_one_wins(house):
    await house.put("A", patient())
    jobs = [
        house.put("A", patient(birthDate=f"19{number}-01-01"), 'W/"1"') for number in range(30, 80)
    ]
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    assert sum(isinstance(one, VersionConflictError) for one in outcomes) == 49
    assert (await house.read("A", "Patient/p1")).version == 2


async def test_a_write_is_in_the_audit_when_it_is_answered(house):
    await house.put("A", patient())
    await house.put("A", patient(gender="male"))
    await house.delete("A", "Patient/p1")
    trail = house.trail()
    assert [(one.action, one.campus) for one in trail] == [("C", 1), ("U", 1), ("D", 1)]
    assert all(one.entities[0].startswith("Patient/p1") for one in trail)


async def test_an_error_text_holds_no_value_of_the_resource(house):
    await house.put("A", patient("mine", identifier=[pid("A", "SECRET-7")]))
    for resource in (
        patient("other", identifier=[pid("A", "SECRET-7")]),
        patient(birthDate="SECRET"),
        patient(gender="SECRET"),
        observation("o", subject="SECRET/1", status="SECRET"),
    ):
        with pytest.raises((ConflictError, InvalidResourceError)) as caught:
            await house.put("A", resource)
        assert "SECRET" not in " ".join(
            f"{issue.text} {issue.expression}" for issue in caught.value.issues
        )


async def test_scopes_are_asked_for_each_kind_of_write(house):
    await house.token(1, "reader", "system/Patient.rs")
    await house.token(1, "creator", "system/Patient.c")
    await house.token(1, "changer", "system/Patient.u")
    await house.put("A", patient())
    for who in ("reader", "creator"):
        with pytest.raises(ForbiddenError):
            await house.put(who, patient(gender="male"))
        with pytest.raises(ForbiddenError):
            await house.delete(who, "Patient/p1")
    with pytest.raises(ForbiddenError):
        await house.put("changer", patient("new"))
    with pytest.raises(ForbiddenError):
        await house.put("changer", observation("o"))
    await house.put("changer", patient(gender="male"))
    # A number that is known makes an update of a create, which takes that right too.
    await house.put("A", patient("mine", identifier=[pid("A", "7")]))
    with pytest.raises(ForbiddenError):
        await house.post("creator", patient(identifier=[pid("A", "7")], gender="male"))
