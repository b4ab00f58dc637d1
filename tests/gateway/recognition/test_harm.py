"""What would harm a patient: none of it may be offered (recognition.md §2.10)."""

import pytest

from gateway.errors import ConflictError, NotFoundError, UnprocessableError
from gateway.recognition.catalogue.starter import starter
from gateway.recognition.ledger.answer import answer
from gateway.recognition.ledger.holds import rests_on
from gateway.recognition.ledger.model import Said
from gateway.recognition.ledger.records import stand
from gateway.recognition.model import USABLE
from gateway.workflow.critical.follow import follower as critical
from gateway.workflow.critical.open import open_groups

URINE = "2828-2"
GROUPED = {"ICA", "PT", "INR", "APTT", "CHE", "CK-MB", "A-PH", "ALT"}
RESTRICTED = {
    "security": [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    ]
}
UCUM = "http://unitsofmeasure.org"
LOCAL = "urn:hutong:B:item"


def coded(*pairs):
    return {"coding": [{"system": system, "code": code} for system, code in pairs]}


def said(decision):
    return decision.outcome, decision.reason.code


async def panel(ward):
    return [
        await ward.measure(f"p{number}", code=f"1000{number}-0", value=3.1, unit="g/L")
        for number in range(22)
    ]


async def recognise(ward, decision, **more):
    await ward.token(1, "A-recognises", "recognition system/*.cruds")
    actor = ward.actor("A-recognises")
    return await answer(ward.door, ward.catalogue, actor, decision.id, Said("recognised", **more))


# Specimen, unit, text.


async def test_a_code_of_another_specimen_does_not_fix_the_specimen(ward):
    """Potassium of urine, under the number that the laboratory has for all potassium."""
    await ward.measure(code=coded(("http://loinc.org", URINE), (LOCAL, "K")))

    assert said(await ward.one()) == ("reference-only", "comparability-unknown")


@pytest.mark.parametrize("text", ["75", "75 mg/dL", "4.2~4.4", "<3.0"])
async def test_a_number_written_as_text_has_no_unit_that_could_be_compared(ward, text):
    await ward.measure(valueQuantity=None, valueString=text)

    assert said(await ward.one()) == ("reference-only", "comparability-unknown")


async def test_a_whole_number_without_unit(ward):
    await ward.measure(valueQuantity=None, valueInteger=4)

    assert said(await ward.one()) == ("reference-only", "comparability-unknown")


@pytest.mark.parametrize("text", ["标本溶血", "溶血，请重新采血", "haemolysed", "标本不合格"])
async def test_a_remark_in_the_place_of_the_value(ward, text):
    await ward.measure(valueQuantity=None, valueString=text)

    assert said(await ward.one()) in {
        ("reference-only", "specimen-unfit"),
        ("reference-only", "comparability-unknown"),
    }


async def test_a_remark_in_the_place_of_the_flag(ward):
    await ward.measure(interpretation=[{"text": "溶血"}])

    assert said(await ward.one()) == ("reference-only", "specimen-unfit")


async def test_a_run_whose_controls_failed(ward):
    await ward.measure(interpretation=[{"coding": [{"code": "QCF"}]}])

    assert said(await ward.one()) == ("reference-only", "specimen-unfit")


async def test_what_a_modifier_makes_of_a_result_is_not_known(ward):
    await ward.measure(modifierExtension=[{"url": "urn:x:negated", "valueBoolean": True}])

    assert said(await ward.one()) == ("not-eligible", "status-unknown")


async def test_a_specimen_that_is_only_named(ward):
    await ward.measure(specimen={"display": "尿液"})

    assert said(await ward.one()) == ("reference-only", "not-comparable")


async def test_a_unit_that_is_coded_as_one_and_written_as_another(ward):
    quantity = {"value": 4.2, "unit": "mg/dL", "code": "mmol/L", "system": UCUM}
    await ward.measure(valueQuantity=quantity)

    assert said(await ward.one()) == ("reference-only", "comparability-unknown")


# Whose.


async def test_a_specimen_of_somebody_else(ward):
    await ward.person("b2", "B", "2", name=[{"text": "李四"}])
    tube = {"resourceType": "Specimen", "id": "s1", "subject": {"reference": "Patient/b2"}}
    await ward.put("B", tube)
    await ward.measure(specimen={"reference": "Specimen/s1"})

    assert said(await ward.one()) == ("not-eligible", "identity-suspended")


async def test_what_was_measured_of_somebody_else_for_the_record_of_this_patient(ward):
    """Of a newborn, say, in the mother's record (Observation.focus)."""
    await ward.person("b2", "B", "2", name=[{"text": "之子"}])
    await ward.measure(focus=[{"reference": "Patient/b2"}])

    assert said(await ward.one()) == ("not-eligible", "identity-suspended")


async def test_a_report_of_somebody_else_that_names_the_measurement(ward):
    await ward.person("b2", "B", "2", name=[{"text": "李四"}])
    await ward.measure()
    await ward.report("r1", "B", "24326-1", ["k1"], subject={"reference": "Patient/b2"})

    decision = await ward.one()

    assert said(decision) == ("not-eligible", "identity-suspended")


async def test_a_panel_report_of_somebody_else(ward):
    await ward.person("b2", "B", "2", name=[{"text": "李四"}])
    names = await panel(ward)
    await ward.report("r1", "B", "24323-8", names, subject={"reference": "Patient/b2"})

    decision = await ward.one("24323-8")

    assert decision.outcome == "not-eligible"


# Critical.


@pytest.mark.parametrize(
    "item",
    [one for one in starter().items if one.code.removeprefix("LAB.") in GROUPED],
    ids=lambda one: one.code,
)
async def test_whatever_the_table_calls_the_group_its_open_value_stops_the_item(ward, item):
    """The starter catalogue beside the county's starter table."""
    ward.follow(critical)
    ward.catalogue.publish(*starter().items)
    low = {"LAB.CHE": 900, "LAB.A-PH": 6.9, "LAB.ICA": 0.5}
    before = await ward.one(item.loinc[0])
    await ward.measure("hot", code=item.loinc[0], value=low.get(item.code, 5000), unit=item.unit)
    assert open_groups(ward.store, ["b1"]), "the value is not critical"

    assert before.outcome == "not-eligible"
    assert (await ward.one(item.loinc[0])).outcome == "context-critical"


async def test_a_decision_from_before_is_stale_once_a_value_of_no_known_group_opens(ward):
    ward.follow(critical)
    ward.catalogue.publish(*starter().items)
    await ward.measure("old", code="1920-8", value=30, unit="U/L")
    decision = await ward.one("1920-8")
    assert decision.outcome in USABLE
    await ward.measure("hot", who="C", code="1920-8", value=3000, unit="U/L")

    with pytest.raises(ConflictError):
        await recognise(ward, decision)


async def test_an_open_value_does_not_make_an_unfit_result_one_to_recognise(ward):
    ward.follow(critical)
    await ward.measure(value=7.2, note=[{"text": "标本溶血"}])
    decision = await ward.one()
    assert decision.outcome == "context-critical"

    with pytest.raises(UnprocessableError):
        await recognise(ward, decision)


async def test_nor_one_that_is_not_final(ward):
    ward.follow(critical)
    await ward.measure(value=7.2, status="preliminary")
    decision = await ward.one()
    assert decision.outcome == "context-critical"

    with pytest.raises(UnprocessableError):
        await recognise(ward, decision)


async def test_nor_on_a_card(ward):
    ward.follow(critical)
    await ward.measure(value=7.2, status="preliminary")
    decision = await ward.one()

    done = await recognise(ward, decision, by_hook=True, at=ward.clock())

    assert (done.stale, bool(done.task)) == ("not-eligible", True)


async def test_a_sound_critical_result_may_be_recognised(ward):
    ward.follow(critical)
    await ward.measure(value=7.2)
    decision = await ward.one()

    assert (await recognise(ward, decision)).entry.kind == "recognised"


async def test_an_older_harmless_result_does_not_hide_a_newer_one_critical_here(ward):
    """Critical by the table here, and nobody was told: the older one is no longer the truth."""
    await ward.measure("old", value=4.1, effectiveDateTime=ward.ago(hours=5))
    await ward.measure("new", value=6.9)

    decision = await ward.one()

    assert decision.result.reference.startswith("Observation/new")


# Hidden.


async def test_a_part_that_became_restricted_hides_the_decision_on_its_report(ward):
    names = await panel(ward)
    await ward.report("r1", "B", "24323-8", names)
    decision = await ward.one("24323-8")
    assert decision.outcome in USABLE
    actor = ward.actor("A")
    assert ward.recognition.stored(actor, decision.id) is not None
    await ward.measure("p3", code="10003-0", value=3.1, unit="g/L", meta=RESTRICTED)

    assert ward.recognition.stored(actor, decision.id) is None
    with pytest.raises(NotFoundError):
        await ward.recognition.replay(actor, decision.id)


async def test_a_refusal_does_not_tell_of_a_hidden_critical_value(ward):
    ward.follow(critical)
    await ward.measure("old", value=4.1)
    decision = await ward.one()
    await ward.measure("hot", who="C", value=7.2, meta=RESTRICTED)
    assert (await ward.one()).id == decision.id

    assert (await recognise(ward, decision)).entry.kind == "recognised"


async def test_whoever_may_not_see_the_result_any_more_knows_of_no_decision(ward):
    await ward.measure()
    decision = await ward.one()
    await ward.measure(meta=RESTRICTED)

    with pytest.raises(NotFoundError):
        await recognise(ward, decision)


async def test_a_value_that_opens_while_an_answer_is_written_has_it_judged_again(ward):
    ward.follow(critical)
    await ward.measure("old", value=4.1)
    one = stand(ward.store, (await ward.one()).id)
    _, before = rests_on(ward.door, one)
    await ward.measure("hot", who="C", value=7.2)

    _, after = rests_on(ward.door, one)
    assert before != after
