"""The acceptance cases of people, hiding, counting and versions (recognition.md §2.9, 10 to 19)."""

from msgspec.structs import replace

from gateway.recognition.catalogue.model import Code
from gateway.recognition.model import PatientAsked
from gateway.workflow.critical.follow import follower as critical_follower
from tests.gateway.recognition.pure import CREA, K

HOUR = 3_600_000_000
LEFT, RIGHT = "419161000", "419465000"


def said(decision):
    return decision.outcome, decision.reason.code


# 10: identity.


async def test_case_10_without_a_link_there_is_nothing(ward):
    await ward.measure()
    await ward.join("a1", "b1", "level1")
    await ward.delete(ward.admin(), await link(ward, "a1", "b1"))

    assert said(await ward.one()) == ("not-eligible", "no-result")


async def link(ward, a, b):
    found = await ward.ids(ward.admin(), f"Person?link=Patient/{b}")
    assert a
    return f"Person/{found[0]}"


async def test_case_10_merged_patients_resolve_and_an_unmerge_takes_it_back(ward):
    await ward.person("a2", "A", "2")
    number = PatientAsked(identifiers=(Code("urn:hutong:A:pid", "2"),))
    await ward.measure()
    before = await ward.one(patient=number)
    merged = {"link": [{"other": {"reference": "Patient/a1"}, "type": "replaced-by"}]}
    await ward.person("a2", "A", "2", active=False, **merged)
    during = await ward.one(patient=number)
    await ward.person("a2", "A", "2", active=True)
    after = await ward.one(patient=number)

    assert (before.outcome, during.outcome, after.outcome) == (
        "not-eligible",
        "may-recognise",
        "not-eligible",
    )


# 11: what is hidden is not there.


async def test_case_11_a_hidden_result_gives_exactly_the_answer_of_none(ward):
    none = await ward.one("10351-5")
    await ward.measure("h1", code="10351-5", value=0.05, unit="1")
    hidden = await ward.one("10351-5")
    answer = await ward.recognition.look(
        ward.actor("B"),
        replace(
            ward.asked("10351-5"),
            patient=PatientAsked(identifiers=(Code("urn:hutong:B:pid", "1"),)),
        ),
    )

    assert hidden == none
    assert said(hidden) == ("not-eligible", "no-result")
    assert answer.decisions[0].result.reference.startswith("Observation/h1/")


async def test_case_11_a_hidden_newer_result_caps_nothing(ward):
    await ward.measure("k1", effectiveDateTime=ward.ago(hours=5))
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    await ward.measure("k2", "C", status="preliminary", meta={"security": [label]})

    assert said(await ward.one()) == ("may-recognise", "consortium")


# 12, 18: one reminder; the own campus.


async def test_case_12_the_same_question_gives_the_same_id_and_one_row(ward):
    await ward.measure()

    first, second = await ward.one(), await ward.one()
    other = await ward.one(encounter="urn:hutong:A:visit|V1")

    assert first.id == second.id
    assert other.id != first.id
    stored = ward.recognition.stored(ward.actor("A"), first.id)
    assert (stored.decision, stored.request.encounter_class) == (first, "AMB")
    assert ward.recognition.stored(ward.actor("B"), first.id) is None


async def test_case_12_looking_gives_the_id_and_keeps_nothing(ward):
    await ward.measure()

    looked = await ward.recognition.look(ward.actor("A"), ward.asked("2823-3"))

    (decision,) = looked.decisions
    assert ward.recognition.stored(ward.actor("A"), decision.id) is None
    assert (await ward.one()).id == decision.id


async def test_a_trial_is_not_kept(ward):
    await ward.measure()

    decision = await ward.one(at=ward.clock())

    assert decision.outcome == "may-recognise"
    assert ward.recognition.stored(ward.actor("A"), decision.id) is None


async def test_case_18_a_duplicate_of_the_own_campus_is_told_apart(ward):
    await ward.measure("k1", "A")

    decision = await ward.one()

    assert (decision.outcome, decision.own) == ("may-recognise", True)


# 16: silence.


async def test_case_16_a_silent_campus_is_named(ward):
    await ward.measure()
    hour_ago = ward.clock() - HOUR
    await ward.listen("B", "LIS", "30m", hour_ago)

    answer = await ward.check("2823-3")

    (silent,) = answer.coverage.silent
    (decision,) = answer.decisions
    assert (silent.code, silent.since) == ("B", hour_ago)
    assert answer.coverage.included == ("A", "B", "C")
    assert said(decision) == ("may-recognise", "campus-silent")


async def test_a_campus_that_was_never_heard_of_is_silent_too(ward):
    await ward.listen("B", "LIS", "30m", 0)

    (silent,) = (await ward.check("2823-3")).coverage.silent

    assert (silent.code, silent.since) == ("B", ward.directory.campus("B").created)


# 19: another version of the catalogue.


async def test_case_19_a_decision_is_replayed_as_it_was(ward):
    await ward.measure()
    first = await ward.one()
    ward.catalogue.publish(replace(K, name="血钾", windows={"": 3600}), CREA)
    await ward.measure(value=6.9, status="amended")

    assert await ward.recognition.replay(ward.actor("A"), first.id) == first
    renamed = await ward.one()
    assert (renamed.item_name, said(renamed)) == ("血钾", ("reference-only", "expired"))
    ward.catalogue.publish(CREA)
    assert said(await ward.one()) == ("not-eligible", "not-in-catalogue")
    assert await ward.recognition.replay(ward.actor("A"), first.id) == first


async def test_no_catalogue_in_force_means_that_nothing_is_recognised(ward):
    await ward.measure()
    ward.catalogue.books.clear()

    assert said(await ward.one()) == ("not-eligible", "no-catalogue")


async def test_case_11_an_open_critical_value_of_a_hidden_result_does_not_show(ward):
    ward.follow(critical_follower)
    await ward.measure("k1", effectiveDateTime=ward.ago(hours=5))
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    await ward.measure("k2", "C", value=6.9, meta={"security": [label]})

    assert said(await ward.one()) == ("may-recognise", "consortium")
