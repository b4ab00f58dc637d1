"""Results: what a message makes, what a later, an earlier and a repeated one change."""

import itertools

import msgspec
import pytest

from gateway.interactions.delete import delete
from tests.gateway.ingest.messages import adt, header, orm, oru, pid, rows

B1 = {"patient.identifier": "urn:hutong:B:pid|1"}


def value(observation):
    found = observation.get("valueQuantity", {}).get("value")
    return float(bytes(found)) if isinstance(found, msgspec.Raw) else found


async def report(county):
    return await county.one("DiagnosticReport")


async def test_a_result_is_found_by_its_patients_number(county):
    outcome = await county.hear(oru(("GLU", "5.10"), ("K", "4.2")))
    assert outcome.state == 1
    assert len(await county.all("Observation", **B1)) == 2
    assert len((await report(county))["result"]) == 2
    assert len(await county.all("Patient")) == 1
    (provenance,) = await county.all("Provenance")
    assert len(provenance["target"]) == 5


async def test_a_number_is_stored_digit_for_digit(county):
    await county.hear(oru(("GLU", "5.10")))
    observation = await county.one("Observation")
    assert bytes(observation["valueQuantity"]["value"]) == b"5.10"


async def test_the_account_names_what_was_made(county):
    outcome = await county.hear(oru(("GLU", "5.10")))
    told = outcome.told()
    assert told["received"]["OBX"] == told["facts"]["Observation"] == 1
    assert {one.split("/")[0] for one in told["made"]} == {
        "Patient", "ServiceRequest", "Observation", "DiagnosticReport", "Provenance",
    }  # fmt: skip


async def test_the_same_message_sent_again_is_not_processed(county):
    first = await county.hear(oru())
    again = await county.hear(oru())
    assert again.id == first.id


async def test_a_repeat_under_another_control_id_changes_nothing_not_even_a_version(county):
    await county.hear(oru())
    outcome = await county.hear(oru(control="2", sent="20261122090000"))
    assert outcome.id == 2
    assert "made" not in outcome.told()
    for type_ in ("Patient", "Observation", "DiagnosticReport", "ServiceRequest", "Provenance"):
        assert (await county.one(type_))["meta"]["versionId"] == "1", type_


async def test_a_control_id_that_comes_back_with_other_content_is_processed(county):
    await county.hear(oru(("GLU", "5.1"), filler="R1", control="7"))
    await county.hear(oru(("GLU", "6.1"), filler="R2", control="7"))
    assert len(await county.all("DiagnosticReport")) == 2


async def test_a_correction_is_a_new_version_with_a_provenance_that_says_so(county):
    await county.hear(oru(("GLU", "5.1")))
    await county.hear(oru(("GLU", "6.1"), status="C", issued="20261122100000", control="2"))
    observation = await county.one("Observation")
    assert observation["status"] == "corrected"
    assert observation["meta"]["versionId"] == "2"
    stored = county.store.version("Observation", observation["id"], 1)
    assert b'"value":5.1' in stored.json()
    codes = {one["activity"]["coding"][0]["code"] for one in await county.all("Provenance")}
    assert codes == {"CREATE", "UPDATE"}


async def test_a_corrected_result_of_a_specimen_keeps_that_one_specimen(county):
    spm = ("SPM|1|^T1||SER^serum^HL70487",)
    await county.hear(oru(("GLU", "5.1"), extra=spm))
    outcome = await county.hear(
        oru(("GLU", "6.1"), status="C", issued="20261122100000", control="2", extra=spm)
    )
    assert outcome.state == 1
    (specimen,) = await county.all("Specimen")
    observation = await county.one("Observation")
    assert observation["status"] == "corrected"
    assert observation["specimen"] == {"reference": f"Specimen/{specimen['id']}"}


async def test_an_older_message_never_overwrites_a_newer_fact(county):
    await county.hear(oru(("GLU", "6.1"), status="C", issued="20261122100000"))
    outcome = await county.hear(oru(("GLU", "5.1"), status="F", control="2"))
    assert value(await county.one("Observation")) == 6.1
    assert outcome.told()["unchanged"]["older"] >= 2


async def test_of_two_facts_of_one_time_the_firmer_one_holds(county):
    await county.hear(oru(("GLU", "6.1"), status="F"))
    await county.hear(oru(("GLU", "5.1"), status="P", control="2"))
    assert value(await county.one("Observation")) == 6.1


async def test_rows_that_a_later_message_leaves_out_stay(county):
    await county.hear(oru(("GLU", "5.1"), ("K", "4.2"), status="P"))
    await county.hear(oru(("NA", "140"), status="F", issued="20261122100000", control="2"))
    assert len((await report(county))["result"]) == 3


async def test_rows_that_an_older_message_adds_are_kept_with_the_report(county):
    await county.hear(oru(("NA", "140"), status="F", issued="20261122100000"))
    await county.hear(oru(("GLU", "5.1"), ("K", "4.2"), status="P", control="2"))
    found = await report(county)
    assert found["status"] == "final"
    assert len(found["result"]) == 3


async def test_what_was_final_does_not_become_preliminary_with_the_same_value(county):
    await county.hear(oru(status="F"))
    await county.hear(oru(status="P", issued="20261122100000", control="2"))
    assert (await county.one("Observation"))["status"] == "final"
    assert (await report(county))["status"] == "final"


async def test_a_later_preliminary_result_with_another_value_counts(county):
    await county.hear(oru(("GLU", "5.1"), status="F"))
    await county.hear(oru(("GLU", "7.7"), status="P", issued="20261122100000", control="2"))
    assert value(await county.one("Observation")) == 7.7
    assert (await report(county))["status"] == "preliminary"


def finalising(control="2"):
    message = oru(status="F", issued="20261122100000", control=control)
    return message.replace(
        "OBX|1|NM|GLU^GLU^L||5.10|mmol/L|3-6||||F", "OBX|1|NM|GLU^GLU^L||||||||U"
    )


async def test_u_makes_a_stored_result_final_and_leaves_its_value(county):
    await county.hear(oru(("GLU", "5.10"), status="P"))
    await county.hear(finalising())
    observation = await county.one("Observation")
    assert observation["status"] == "final"
    assert value(observation) == 5.1


async def test_u_for_a_result_that_has_not_come_waits_for_it(county):
    outcome = await county.hear(finalising())
    assert (outcome.state, outcome.reason) == (2, "nothing-to-finalise")
    assert await county.all("DiagnosticReport") == []
    await county.hear(oru(("GLU", "5.10"), status="P", control="3"))
    assert (await county.one("Observation"))["status"] == "final"


async def test_messages_sent_again_out_of_order_make_no_version(county):
    messages = (
        oru(("GLU", "5.1"), status="F", issued="20261122080000"),
        oru(("NA", "140"), ("GLU", "5.2"), status="C", issued="20261122090000", control="2"),
        oru(("K", "4.2"), status="P", issued="20261122083000", control="3"),
    )
    await county.hear(*messages)
    before = await report(county)
    for number, message in enumerate(reversed(messages)):
        await county.hear(message.replace("|P|2.5.1", f"9{number}|P|2.5.1"))
    assert await report(county) == before


async def test_the_same_report_number_of_another_patient_is_quarantined(county):
    await county.hear(oru())
    outcome = await county.hear(oru(who=pid("2^^^B^MR", "李^四"), control="2"))
    assert (outcome.state, outcome.reason) == (2, "other-patient")
    assert len(await county.all("Patient")) == 1
    assert ("quarantine", "B/LIS") in county.alerts()


async def test_a_report_marked_wrong_patient_may_come_again_for_the_right_one(county):
    await county.hear(oru())
    await county.hear(oru(status="W", issued="20261122090000", control="2"))
    outcome = await county.hear(
        oru(("GLU", "5.1"), who=pid("2^^^B^MR", "李^四"), issued="20261122100000", control="3")
    )
    assert outcome.state == 1, outcome
    right = await county.one("Patient", identifier="urn:hutong:B:pid|2")
    assert (await report(county))["subject"]["reference"] == f"Patient/{right['id']}"


async def test_a_rehearsal_changes_nothing_real(county):
    await county.hear(oru(("GLU", "5.1")))
    rehearsal = oru(("GLU", "9.9"), status="C", issued="20261122100000", control="2")
    await county.hear(rehearsal.replace("|2|P|2.5.1", "|2|T|2.5.1"))
    observation = await county.one("Observation")
    assert value(observation) == 5.1
    assert "tag" not in observation["meta"]


async def test_a_stub_patient_is_filled_later(county):
    await county.hear(oru(who="PID|1||1^^^B^MR"))
    assert "name" not in await county.one("Patient")
    await county.hear(adt())
    patient = await county.one("Patient")
    assert patient["name"][0]["text"] == "张三"
    assert patient["birthDate"] == "1990-03-07"


async def test_a_visit_number_of_another_patient_names_no_visit_of_this(county):
    visit = "PV1|1|I|||||||||||||||||V1"
    await county.hear(oru(who=f"{pid('1^^^B^MR')}\r{visit}"))
    outcome = await county.hear(
        oru(who=f"{pid('2^^^B^MR', '张^婴')}\r{visit}", filler="R2", control="2")
    )
    assert outcome.state == 1
    other = await county.one("DiagnosticReport", identifier="urn:hutong:B:report|R2")
    assert "encounter" not in other


SEQUENCE = (
    adt("A01", who=f"{pid('1^^^B^MR')}", at="20261122060000"),
    orm(sender="B", placer="P1", at="20261122070000"),
    oru(("GLU", "5.1"), placer="P1", status="P", issued="20261122080000", control="2"),
    oru(
        ("GLU", "5.2"), ("K", "4.2"), placer="P1", status="F", issued="20261122090000", control="3"
    ),
    oru(("GLU", "5.3"), placer="P1", status="C", issued="20261122100000", control="4"),
)


@pytest.mark.parametrize("start", range(0, 120, 8))
async def test_any_order_of_arrival_ends_in_the_same_state(county, start):
    orders = list(itertools.permutations(range(len(SEQUENCE))))
    states = []
    for number, order in enumerate((orders[0], *orders[start : start + 8])):
        for index in order:
            # Each order of arrival is played for a patient, a report and an order of its own.
            message = SEQUENCE[index]
            for old, new in (
                ("1^^^B", f"{number}^^^B"),
                ("P1", f"P{number}"),
                ("R1", f"R{number}"),
            ):
                message = message.replace(f"|{old}", f"|{new}")
            await county.say(message)
            await county.worker.drain()
        found = {}
        for type_, kind, number_of in (
            ("Patient", "pid", f"{number}"),
            ("ServiceRequest", "placer", f"P{number}"),
            ("DiagnosticReport", "report", f"R{number}"),
            ("Observation", "report", f"R{number}#GLU"),
            ("Observation", "report", f"R{number}#K"),
        ):
            one = await county.one(type_, identifier=f"urn:hutong:B:{kind}|{number_of}")
            found[type_, number_of.partition("#")[2]] = simple(one, number)
        states.append(found)
    assert all(one == states[0] for one in states)


def simple(resource, number):
    text = str(
        {
            name: part
            for name, part in sorted(resource.items())
            if name not in {"id", "meta", "result", "subject", "basedOn", "identifier"}
        }
        | {
            "value": value(resource),
            "valueQuantity": "",
            "results": len(resource.get("result", ())),
        }
    )
    return text.replace(f"R{number}", "R").replace(f"P{number}", "P")


async def test_rows_of_two_hundred_make_two_hundred_observations(county):
    results = [(f"T{number}", str(number)) for number in range(200)]
    outcome = await county.hear(oru(*results))
    assert outcome.told()["facts"]["Observation"] == 200


async def test_a_message_without_patient_is_acknowledged_and_quarantined(county):
    outcome = await county.hear(
        "\r".join([header("ORU^R01"), "OBR|1||R1|X", *rows(("A", "1")), ""])
    )
    assert (outcome.state, outcome.reason) == (2, "missing-pid")
    assert outcome.told()["quarantine"]["code"] == "missing-pid"
    assert ("quarantine", "B/LIS") in county.alerts()


async def test_what_is_not_understood_raises_an_alert_by_place(county):
    await county.hear(oru(status="F").replace("|F||", "|Q||", 1).replace("||||F|", "||||Q|"))
    assert any(kind == "unmapped-status" for kind, _ in county.alerts())


async def test_u_for_what_is_final_already_changes_nothing(county):
    await county.hear(oru(("GLU", "5.10"), status="F", issued="20261122100000"))
    await county.hear(finalising())
    assert (await county.one("Observation"))["meta"]["versionId"] == "1"


async def test_u_takes_the_mark_of_the_unverified_away(county):
    await county.hear(oru(("GLU", "5.10"), status="P").replace("||||P|", "||||R|"))
    assert (await county.one("Observation"))["meta"]["tag"][0]["code"] == "unverified"
    await county.hear(finalising())
    observation = await county.one("Observation")
    assert "tag" not in observation["meta"]
    assert [one["valueCode"] for one in observation["extension"]] == ["U"]


async def test_the_real_result_takes_the_place_of_a_rehearsal(county):
    rehearsal = oru(("GLU", "9.9"), status="C", issued="20261122100000")
    await county.hear(rehearsal.replace("|1|P|", "|1|T|"))
    assert (await county.one("Observation"))["meta"]["tag"][0]["code"] == "training"
    await county.hear(oru(("GLU", "5.1"), control="2"))
    observation = await county.one("Observation")
    assert value(observation) == 5.1
    assert "tag" not in observation["meta"]


async def test_labels_that_a_campus_set_stay(county):
    await county.hear(oru())
    found = await report(county)
    label = {
        "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
        "code": "V",
    }
    found["meta"]["security"] = [label]
    await county.put("B", found)
    await county.hear(oru(status="C", issued="20991122100000", control="2"))
    after = await county.one("DiagnosticReport", "B")
    assert after["status"] == "corrected"
    assert label in after["meta"]["security"]


async def test_numbers_that_lead_to_two_resources_are_quarantined(county):
    await county.hear(oru(who=pid("1^^^A^MR"), filler="R1"))
    await county.hear(oru(who=pid("5^^^C^MR"), filler="R2", control="2"))
    outcome = await county.hear(oru(who=pid("1^^^A^MR~5^^^C^PI"), filler="R3", control="3"))
    assert (outcome.state, outcome.reason) == (2, "two-resources")


async def test_what_was_deleted_comes_back_under_its_id(county):
    await county.hear(oru())
    found = await county.one("Observation")
    await delete(county.door, county.actor("B"), "Observation", found["id"])
    await county.hear(oru(control="2"))
    assert (await county.one("Observation"))["id"] == found["id"]
