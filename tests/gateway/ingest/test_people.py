"""Patients: merges of one campus, and one human known at several."""

import asyncio
import itertools

import pytest

from tests.gateway.ingest.messages import ZHANG, adt, oru, pid

WRONG_ID = "331827199003072337"
"""One digit beside ZHANG's."""
CITIZEN = "urn:oid:2.16.156.10011.1.3"


def links(patient):
    return {(one["type"], one["other"]["reference"]) for one in patient.get("link", ())}


async def patient(county, number, campus="B"):
    return await county.one("Patient", identifier=f"urn:hutong:{campus}:pid|{number}")


async def test_a_merge_leaves_two_patients_that_name_each_other(county):
    await county.hear(adt("A01", who=pid("1^^^B^MR")), adt("A01", who=pid("2^^^B^MR"), control="2"))
    await county.hear(adt("A40", who=pid("2^^^B^MR"), prior="1^^^B^MR", control="3"))
    prior, survivor = await patient(county, 1), await patient(county, 2)
    assert prior["active"] is False
    assert links(prior) == {("replaced-by", f"Patient/{survivor['id']}")}
    assert links(survivor) == {("replaces", f"Patient/{prior['id']}")}
    assert [one["value"] for one in survivor["identifier"]] == ["2"]


async def test_a_result_that_comes_late_under_the_old_number_is_found_under_the_new_one(county):
    await county.hear(adt("A40", who=pid("2^^^B^MR"), prior="1^^^B^MR"))
    assert (await patient(county, 1))["active"] is False
    await county.hear(oru(who=pid("1^^^B^MR"), control="2"))
    survivor = await patient(county, 2)
    report = await county.one("DiagnosticReport", patient=survivor["id"])
    assert report["subject"]["reference"] == f"Patient/{(await patient(county, 1))['id']}"
    assert (await patient(county, 1))["active"] is False


async def test_merges_chain(county):
    await county.hear(
        adt("A40", who=pid("2^^^B^MR"), prior="1^^^B^MR"),
        adt("A40", who=pid("3^^^B^MR"), prior="2^^^B^MR", control="2"),
        oru(who=pid("1^^^B^MR"), control="3"),
    )
    assert await county.one("DiagnosticReport", patient=(await patient(county, 3))["id"])


async def test_a_merge_back_is_quarantined(county):
    await county.hear(
        adt("A40", who=pid("2^^^B^MR"), prior="1^^^B^MR"),
        adt("A40", who=pid("3^^^B^MR"), prior="2^^^B^MR", control="2"),
    )
    outcome = await county.hear(adt("A40", who=pid("1^^^B^MR"), prior="3^^^B^MR", control="3"))
    assert (outcome.state, outcome.reason) == (2, "merge-cycle")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_a_number_that_gave_way_unseen_is_told_in_any_order(county, order):
    messages = (
        adt(who=pid("1^^^B^MR", "张^一"), at="20261122060000", control="0"),
        adt(who=pid("1^^^B^MR", "张^二"), at="20261122070000", control="1"),
        adt("A40", who=pid("2^^^B^MR"), prior="1^^^B^MR", at="20261122080000", control="2"),
    )
    for index in order:
        await county.hear(messages[index])
    found = await patient(county, 1)
    assert found["name"][0]["text"] == "张二"
    assert found["active"] is False
    assert [one["type"] for one in found["link"]] == ["replaced-by"]
    assert found["identifier"][0]["type"]["coding"][0]["code"] == "MR"


async def test_a_merge_repeated_changes_nothing(county):
    merge = adt("A40", who=pid("2^^^B^MR"), prior="1^^^B^MR")
    await county.hear(merge)
    outcome = await county.hear(merge.replace("|1|P|", "|2|P|"))
    assert "made" not in outcome.told()


async def test_one_campus_merges_nobody_elses_numbers(county):
    await county.hear(adt("A01", sender="A", who=pid("1^^^A^MR")))
    await county.hear(adt("A40", who=pid("2^^^B^MR"), prior="1^^^A^MR", control="2"))
    assert (await patient(county, 1, "A")).get("active") is not False


@pytest.mark.parametrize("at", ["20261122050000", "20261122230000"])
async def test_a_number_that_comes_with_another_person_raises_an_alert(county, at):
    await county.hear(adt(who=pid("1^^^B^MR")), oru(who=pid("1^^^B^MR", "張^三"), control="2"))
    assert not county.alerts()
    await county.hear(oru(who=pid("1^^^B^MR", "李^四", "19550101"), sent=at, control="3"))
    assert ("number-of-another-person", "B/LIS Patient.identifier") in county.alerts()


async def test_null_erases_and_empty_leaves(county):
    who = "PID|1||1^^^B^MR||张^三||19900307|M|||Road 1||13800000000"
    await county.hear(adt("A01", who=who))
    await county.hear(adt(who='PID|1||1^^^B^MR||||||||""', at="20261122070000", control="2"))
    found = await patient(county, 1)
    assert "address" not in found
    assert found["telecom"]
    assert found["name"][0]["text"] == "张三"


async def test_what_an_older_message_tells_fills_only_what_is_missing(county):
    await county.hear(adt(who=pid("1^^^B^MR", "张^叁"), at="20261122090000"))
    await county.hear(
        adt(who=pid("1^^^B^MR") + "^^^|||||||13800000000", at="20261122060000", control="2")
    )
    assert (await patient(county, 1))["name"][0]["text"] == "张叁"


async def test_a_corrected_citizen_id_takes_the_place_of_the_wrong_one(county):
    twin = "331827199003072352"
    await county.hear(adt(who=pid("1^^^B^MR", citizen=ZHANG), at="20261122060000"))
    await county.hear(
        adt(who=pid("1^^^B^MR", citizen=twin), at="20261122070000", control="2"),
        adt(who=pid("1^^^B^MR", citizen=ZHANG), at="20261122063000", control="3"),
    )
    found = await patient(county, 1)
    assert [one["value"] for one in found["identifier"]] == ["1", twin]


@pytest.mark.parametrize("now", ['""', WRONG_ID])
async def test_an_id_that_its_campus_takes_back_links_nobody_any_more(county, now):
    assert len(await human(county)) == 1
    await county.hear(adt(who=pid("77^^^B^MR", citizen=now), at="20261122090000", control="2"))
    assert await county.all("Person") == []
    values = [one["value"] for one in (await patient(county, 77))["identifier"]]
    assert ZHANG not in values


@pytest.mark.parametrize("masked", ["331827********2336", "33182719900307****", "不详"])
async def test_an_id_that_a_laboratory_masks_takes_nothing_back(county, masked):
    await human(county)
    await county.hear(oru(who=pid("77^^^B^MR", citizen=masked), sent="20261122090000"))
    assert len(await county.all("Person")) == 1


async def test_a_time_of_birth_belongs_to_its_date(county):
    who = pid("1^^^B^MR", born="199003071530")
    await county.hear(adt(who=who, at="20261122060000"))
    await county.hear(adt(who=pid("1^^^B^MR", born="19900308"), at="20261122070000", control="2"))
    found = await patient(county, 1)
    assert found["birthDate"] == "1990-03-08"
    assert "_birthDate" not in found
    await county.hear(adt(who=who, at="20261122063000", control="3"))
    assert "_birthDate" not in await patient(county, 1)


async def test_a_date_of_death_replaces_a_mere_yes_and_an_older_message_does_not(county):
    who = pid("1^^^B^MR") + "|" * 11
    dead = f"{who}Y"
    dated = f"{who[:-1]}20261120|Y"
    await county.hear(adt(who=dead, at="20261122060000"))
    assert (await patient(county, 1))["deceasedBoolean"] is True
    await county.hear(adt(who=dated, at="20261122070000", control="2"))
    found = await patient(county, 1)
    assert found["deceasedDateTime"] == "2026-11-20"
    assert "deceasedBoolean" not in found
    await county.hear(adt(who=dead, at="20261122063000", control="3"))
    assert await patient(county, 1) == found


# One human, two numbers.


async def human(county, **changes):
    """Say that A and B know the same human; return the Persons."""
    a = {"name": "张^三", "born": "19900307", "sex": "M", "citizen": ZHANG}
    b = {**a, **changes}
    await county.hear(
        adt("A01", sender="A", who=pid("1^^^A^MR", **a)),
        adt("A01", sender="B", who=pid("77^^^B^MR", **b)),
    )
    return await county.all("Person")


async def test_one_citizen_id_at_two_campuses_is_one_person(county):
    (person,) = await human(county)
    assert {one["assurance"] for one in person["link"]} == {"level4"}
    assert len(person["link"]) == 2
    values = {(one["system"], one["value"]) for one in person["identifier"]}
    assert values == {(CITIZEN, ZHANG), ("urn:hutong:A:pid", "1"), ("urn:hutong:B:pid", "77")}


async def test_a_search_at_one_campus_finds_the_results_of_the_other(county):
    await human(county)
    await county.hear(oru(who=pid("77^^^B^MR", citizen=ZHANG), control="9"))
    found = await county.all("Observation", **{"patient.identifier": "urn:hutong:A:pid|1"})
    assert len(found) == 1
    assert await county.all("Observation", patient="x") == []


@pytest.mark.parametrize(
    "spelling", ["張^三", "张 三", "张^三 ", "张　三", "张·三"], ids=range(5)
)  # fmt: skip
async def test_spellings_of_one_name_are_equal(county, spelling):
    assert len(await human(county, name=spelling)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "张^叁"},
        {"born": "19900308"},
        {"born": ""},
        {"sex": "F"},
        {"sex": ""},
        {"citizen": "331827199003072337"},
        {"citizen": ""},
    ],
    ids=str,
)
async def test_anything_less_certain_stays_unlinked(county, changes):
    assert await human(county, **changes) == []


async def test_an_id_that_contradicts_the_sex_links_nobody(county):
    female = {"sex": "F"}
    await county.hear(
        adt("A01", sender="A", who=pid("1^^^A^MR", citizen=ZHANG, **female)),
        adt("A01", sender="B", who=pid("77^^^B^MR", citizen=ZHANG, **female)),
    )
    assert await county.all("Person") == []


async def test_a_change_of_the_name_takes_the_link_back_at_once_and_restores_it(county):
    await human(county)
    await county.hear(
        adt(who=pid("77^^^B^MR", "李^四", citizen=ZHANG), at="20261122090000", control="2")
    )
    assert await county.all("Person") == []
    await county.hear(
        adt(who=pid("77^^^B^MR", "张^三", citizen=ZHANG), at="20261122100000", control="3")
    )
    assert len(await county.all("Person")) == 1


async def test_a_laboratory_that_was_not_told_the_sex_takes_no_link_back(county):
    await human(county)
    who = pid("77^^^B^MR", sex="U", citizen=ZHANG)
    await county.hear(oru(who=who, sent="20261122090000", control="2"))
    assert (await patient(county, 77))["gender"] == "male"
    assert len(await county.all("Person")) == 1
    await county.hear(adt(who=who, at="20261122100000", control="3"))
    assert await county.all("Person") == []


async def test_a_laboratory_that_knows_only_the_wards_number_is_linked_by_it(county):
    await county.hear(adt("A01", sender="A", who=pid("1^^^A^MR")))
    await county.hear(oru(who=pid("1^^^A^MR"), control="2"))
    (person,) = await county.all("Person")
    assert len(person["link"]) == 2
    assert len(await county.all("Observation", **{"patient.identifier": "urn:hutong:A:pid|1"})) == 1


async def test_the_wards_number_with_another_birth_date_links_nobody(county):
    await county.hear(adt("A01", sender="A", who=pid("1^^^A^MR")))
    await county.hear(oru(who=pid("1^^^A^MR", born="19900308"), control="2"))
    assert await county.all("Person") == []


async def test_the_ward_may_come_after_the_laboratory(county):
    await county.hear(oru(who=pid("1^^^A^MR")))
    assert await county.all("Person") == []
    await county.hear(adt("A01", sender="A", who=pid("1^^^A^MR")))
    assert len(await county.all("Person")) == 1


async def test_two_campuses_that_speak_at_once_are_linked_all_the_same(county):
    await asyncio.gather(
        *(
            county.say(adt("A01", sender=code, who=pid(f"{number}^^^{code}^MR", citizen=ZHANG)))
            for number in range(1)
            for code in "ABC"
        )
    )
    await county.worker.drain()
    (person,) = await county.all("Person")
    assert len(person["link"]) == 3


async def test_a_sender_that_nobody_vouches_for_is_never_linked(county):
    county.directory._open_campus = "B"  # noqa: SLF001
    await county.hear(
        adt("A01", sender="A", who=pid("1^^^A^MR", citizen=ZHANG)),
        adt("A01", sender="X9", who=pid("1^^^X9^MR", citizen=ZHANG)),
    )
    found = await county.one("Patient", identifier="urn:hutong:open/X9:pid|1")
    assert found["meta"]["tag"][0]["code"] == "unverified-source"
    assert await county.all("Person") == []
