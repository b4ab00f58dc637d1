"""A link whose Patients contradict each other is suspended until somebody has looked."""

import asyncio

import pytest

from gateway.errors import ConflictError
from gateway.recognition.ledger.answer import StaleDecisionError
from gateway.recognition.recall import contradiction, follow
from gateway.recognition.recall.review import settle
from gateway.recognition.recall.suspension import suspended
from tests.gateway.interactions.consortium import concept, observation, patient, pid


@pytest.fixture
async def joined(county):
    """a1 of campus A and b1 of campus B are one by hand; A has recognised b1's potassium."""
    county.follow(follow.follower, contradiction.follower)
    for who, id_ in (("A", "a1"), ("B", "b1")):
        await county.put(who, whole(who, id_))
    await county.result()
    await county.decided()
    await county.say("recognised")
    return county


def whole(who, id_, **more):
    usual = {"gender": "male", "birthDate": "1960-05-01", "identifier": [pid(who, "1")]}
    return patient(id_, **{**usual, **more})


async def typed(county, who, subject, group, **more):
    given = {"id_": f"g-{subject}", "code": "883-9", "valueString": group, **more}
    return await county.put(who, observation(subject=f"Patient/{subject}", **given))


async def reviews(county, who):
    found = await county.search(who, "Task?code=identity-review&_sort=_lastUpdated")
    return [one.resource() for one in found.matches]


def kind(task):
    return task["reasonCode"]["coding"][0]["code"]


def is_suspended(county):
    return suspended(county.store, {"a1", "b1"}) == {"a1", "b1"}


async def finish(county, who, status="completed"):
    for task in await reviews(county, who):
        del task["meta"]
        await county.put(who, {**task, "status": status})


async def contradicted(county):
    await typed(county, "A", "a1", "A型")
    await typed(county, "B", "b1", "O型")


async def test_differing_blood_groups_suspend_the_link_and_ask_both_campuses(joined):
    await typed(joined, "A", "a1", "A型")
    assert not is_suspended(joined)
    await typed(joined, "B", "b1", "O型")
    assert is_suspended(joined)
    for who, focus in (("A", "Patient/a1"), ("B", "Patient/b1")):
        (task,) = await reviews(joined, who)
        assert (kind(task), task["focus"]["reference"]) == ("blood-group", focus)
        evidence = [one["valueReference"]["reference"] for one in task["input"][1:]]
        assert sorted(evidence) == ["Observation/g-a1/_history/1", "Observation/g-b1/_history/1"]
    assert await reviews(joined, "C") == []


async def test_what_was_recognised_over_the_link_is_recalled_and_no_more_answered(joined):
    await joined.decided("d2")
    await contradicted(joined)
    (task,) = await joined.recalls()
    assert task["reasonCode"]["coding"][0]["code"] == "suspended"
    assert joined.kinds() == ["recognised", "recalled"]
    with pytest.raises(StaleDecisionError) as told:
        await joined.say("recognised", "d2")
    assert told.value.why == "suspended"


async def test_own_results_are_not_recalled_with_the_link(joined):
    await joined.result("k2", subject="a1", who="A")
    await joined.decided("d2", result="Observation/k2", source=1)
    await joined.say("viewed", "d2")
    await contradicted(joined)
    assert len(await joined.recalls()) == 1
    await joined.say("quoted", "d2")


@pytest.mark.parametrize(
    ("mine", "theirs"), [("A型", "A"), ("A1", "A型"), ("待定", "O型"), ("A型", "")]
)
async def test_groups_that_agree_or_say_nothing_suspend_nothing(joined, mine, theirs):
    await typed(joined, "A", "a1", mine)
    more = {} if theirs else {"valueString": None}
    await typed(joined, "B", "b1", theirs, **more)
    assert not is_suspended(joined)


async def test_a_withdrawn_group_says_nothing(joined):
    await typed(joined, "A", "a1", "A型", status="entered-in-error")
    await typed(joined, "B", "b1", "O型")
    assert not is_suspended(joined)


async def test_rh_of_a_local_code_contradicts_a_loinc_one(joined):
    local = observation("rhd", "Patient/a1", valueString="阴性")
    await joined.put("A", {**local, "code": concept("RHD", "urn:hutong:A:item")})
    await typed(joined, "B", "b1", "O Rh(D) positive", code="882-1")
    assert is_suspended(joined)


async def test_one_patients_own_differing_groups_are_no_matter_of_identity(joined):
    await typed(joined, "A", "a1", "A型")
    await typed(joined, "A", "a1", "O型", id_="g2")
    assert not is_suspended(joined)


async def test_two_contradicting_groups_at_the_same_moment_are_noticed(joined):
    for round_ in range(6):
        names = f"x{round_}", f"y{round_}"
        await joined.put("A", whole("A", names[0], identifier=[pid("A", names[0])]))
        await joined.put("B", whole("B", names[1], identifier=[pid("B", names[1])]))
        await joined.join(*names)
        await asyncio.gather(
            typed(joined, "A", names[0], "A型"), typed(joined, "B", names[1], "O型")
        )
        assert suspended(joined.store, names) == set(names)


async def test_a_result_that_only_the_other_sex_has_suspends_the_link(joined):
    await joined.put("B", observation("preg", "Patient/b1", "2106-3"))
    assert is_suspended(joined)
    assert [kind(one) for one in await reviews(joined, "A")] == ["sex-specific"]


async def test_a_result_of_the_own_sex_suspends_nothing(joined):
    await joined.put("B", observation("psa", "Patient/b1", "2857-1"))
    assert not is_suspended(joined)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"gender": "female"}, "sex"),
        ({"birthDate": "1960-05-02"}, "birth-date"),
        ({"gender": "unknown"}, ""),
        ({"birthDate": "1960"}, ""),
        ({"active": True}, ""),
    ],
)
async def test_a_sex_or_birth_date_that_comes_to_differ_suspends_the_link(joined, change, told):
    await joined.put("B", whole("B", "b1", **change))
    assert [kind(one) for one in await reviews(joined, "B")] == [told] * bool(told)
    assert is_suspended(joined) == bool(told)


async def test_the_link_holds_again_when_both_campuses_have_completed_their_review(joined):
    await contradicted(joined)
    await finish(joined, "A")
    assert is_suspended(joined)
    await finish(joined, "B")
    assert not is_suspended(joined)
    # The same results do not raise it again; another does.
    await typed(joined, "B", "b1", "O型", status="amended")
    assert not is_suspended(joined)
    await typed(joined, "B", "b1", "O型", id_="again")
    assert is_suspended(joined)


async def test_a_review_that_is_given_up_leaves_the_link_suspended(joined):
    await contradicted(joined)
    for who in ("A", "B"):
        await finish(joined, who, "rejected")
    assert is_suspended(joined)


async def test_a_campus_cannot_complete_the_others_review(joined):
    await contradicted(joined)
    (task,) = await reviews(joined, "A")
    del task["meta"]
    with pytest.raises(ConflictError):
        await joined.put("B", {**task, "status": "completed"})
    assert is_suspended(joined)


async def test_unlinking_by_hand_settles_it_and_closes_the_tasks(joined):
    await contradicted(joined)
    await joined.join("a1", "b1", "level1")
    assert not is_suspended(joined)
    for who in ("A", "B"):
        assert [one["status"] for one in await reviews(joined, who)] == ["cancelled"]


async def test_confirming_a_link_by_hand_again_settles_it(joined):
    await contradicted(joined)
    await settle(joined.door, joined.admin(), ("a1", "b1"), "completed")
    assert not is_suspended(joined)
    assert [one["status"] for one in await reviews(joined, "B")] == ["completed"]


async def test_further_contradictions_of_a_suspended_link_ask_nobody_again(joined):
    await contradicted(joined)
    await typed(joined, "B", "b1", "B型", id_="g2")
    await joined.put("B", observation("preg", "Patient/b1", "2106-3"))
    assert len(await reviews(joined, "A")) == 1


async def test_patients_whom_a_rule_joins_against_their_blood_groups_are_suspended(joined):
    citizen = {"system": "urn:oid:2.16.156.10011.1.3", "value": "11010519491231002X"}
    known = {"name": [{"text": "李雷"}], "birthDate": "1949-12-31", "gender": "female"}
    pair = (("A", "a9", "A型"), ("B", "b9", "O型"))
    for who, id_, group in pair:
        await joined.put(who, patient(id_, identifier=[pid(who, id_)], **known))
        await typed(joined, who, id_, group)
    for who, id_, _ in pair:
        await joined.put(who, patient(id_, identifier=[pid(who, id_), citizen], **known))
    assert joined.store.link_set(["a9"])[0] == {"a9", "b9"}
    assert suspended(joined.store, {"a9", "b9"}) == {"a9", "b9"}
