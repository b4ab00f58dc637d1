"""Marks: frozen when a result becomes final, given late, taken back, and who is told."""

import asyncio

import pytest

from gateway.errors import UnavailableError
from gateway.recognition.catalogue.registry import Catalogues
from gateway.recognition.quality.follow import Freezing
from gateway.recognition.quality.marks import marks_of
from gateway.recognition.quality.registry import Evidences
from gateway.recognition.quality.rounds import Rounds
from mappers.names import EXT_CLAIMED_MARK
from tests.faltering import Faltering
from tests.gateway.interactions.consortium import concept
from tests.gateway.recognition.quality.evidence import take
from tests.waiting import until

JUNE = "2026-06-30T23:59:59+08:00"
JULY = "2026-07-01T00:00:00+08:00"
END_OF_JUNE = 1_782_835_200_000_000
CLAIM = [{"url": EXT_CLAIMED_MARK, "valueString": "全国HR"}]


@pytest.fixture
async def lab(county):
    """Campus B measures potassium; marks are frozen as results come."""
    catalogues = Catalogues(county.store, county.clock)
    county.follow(Freezing(catalogues, Evidences(county.store)).follower)
    county.rounds = Rounds(county.door, catalogues)
    return county


async def measured(lab, id_="k1", at=JUNE, **more):
    await lab.result(id_, effectiveDateTime=at, **more)


def mark(lab, id_="k1", item="LAB.K"):
    return marks_of(lab.store, [f"Observation/{id_}"]).get((f"Observation/{id_}", item))


async def through(lab):
    """See all evidence through; return the number of portions."""
    count = 0
    while await lab.rounds.portion():
        count += 1
    return count


def on(number, laboratory=""):
    found = {"device": {"identifier": {"value": number}}} if number else {}
    if laboratory:
        found["performer"] = [{"type": "Organization", "display": laboratory}]
    return found


async def test_a_final_result_gets_the_mark_that_is_proven_at_its_time(lab):
    await take(lab, {})
    await measured(lab)
    await measured(lab, "k2", JULY)
    found = mark(lab)
    assert (found.scope, found.told, found.level) == ("national", "全国HR", "national-eqa")
    assert found.expires == END_OF_JUNE
    assert found.recalled is None
    assert mark(lab, "k2") is None


async def test_the_day_is_one_of_the_consortium(lab):
    await take(lab, {})
    await measured(lab, at="2026-06-30T15:59:59Z")
    await measured(lab, "k2", "2026-06-30T16:00:00Z")
    await measured(lab, "k3", "2026-06-30")
    assert [mark(lab, id_) is not None for id_ in ("k1", "k2", "k3")] == [True, False, True]


async def test_the_widest_evidence_comes_first_and_the_strictest_requirement_is_met(lab):
    await take(
        lab,
        {"scope": "city", "place": "昆明"},
        {"scope": "province", "round": "2"},
        {"scope": "consortium", "scheme": "accreditation", "ends": "2026-07-31"},
    )
    await measured(lab)
    found = mark(lab)
    assert (found.scope, found.told) == ("province", "本省HR，昆明HR，医共体HR")
    assert found.level == "iso-15189"
    assert found.expires == END_OF_JUNE + 31 * 86_400_000_000


async def test_a_round_proves_nothing_after_the_items_term(lab):
    year = {"starts": "2025-01-01", "ends": "2026-12-31"}
    await take(lab, year)
    await measured(lab, at="2025-12-31T12:00:00+08:00")
    await measured(lab, "k2", "2026-01-01T12:00:00+08:00")
    assert mark(lab) is not None
    assert mark(lab, "k2") is None
    await take(lab, year | {"scheme": "accreditation", "round": "2"})
    await measured(lab, "k3", "2026-01-01T12:00:00+08:00")
    assert mark(lab, "k3").level == "iso-15189"


async def test_a_place_names_the_mark(lab):
    await take(lab, {"scope": "city", "place": "昆明HR", "scheme": "iqc"})
    await measured(lab)
    assert (mark(lab).told, mark(lab).level) == ("昆明HR", "iqc")


@pytest.mark.parametrize(
    ("row", "result", "is_marked"),
    [
        ({"instrument": "AU-1"}, on("AU-1"), True),
        ({"instrument": "AU-1"}, on("AU-2"), False),
        ({"instrument": "AU-1"}, on(""), False),
        ({"laboratory": "检验科"}, on("", "检验科"), True),
        ({"laboratory": "检验科"}, on("", "急诊检验"), False),
        ({"campus": "C"}, {}, False),
        ({"item": "LAB.NA"}, {}, False),
        ({"passed": "no", "round": "0"}, {}, True),
        ({}, {"status": "preliminary"}, False),
        ({}, {"code": concept("8867-4")}, False),
    ],
)
async def test_what_proves_nothing_of_a_result_marks_nothing(lab, row, result, is_marked):
    await take(lab, row)
    if "code" in result:
        await lab.put("B", {"resourceType": "Observation", "id": "k1", "status": "final", **result})
    else:
        await measured(lab, **result)
    assert (mark(lab) is not None) is is_marked


async def test_a_mark_is_frozen(lab):
    await take(lab, {"scope": "province"})
    await measured(lab)
    await take(lab, {"round": "2"})
    await measured(lab, value=5.0, status="corrected")
    await through(lab)
    assert mark(lab).told == "本省HR"


async def test_a_preliminary_result_gets_its_mark_when_it_is_final(lab):
    await take(lab, {})
    await measured(lab, status="preliminary")
    assert mark(lab) is None
    await measured(lab)
    assert mark(lab).told == "全国HR"


async def test_a_claim_without_evidence_is_only_a_claim(lab):
    await measured(lab, extension=CLAIM)
    assert (mark(lab).claimed, mark(lab).evidence, mark(lab).scope) == ("全国HR", 0, "")
    await take(lab, {})
    await through(lab)
    assert (mark(lab).claimed, mark(lab).told) == ("全国HR", "全国HR")
    assert mark(lab).evidence


async def test_evidence_that_comes_late_marks_the_results_of_its_period(lab):
    await measured(lab)
    await measured(lab, "k2", JULY)
    await measured(lab, "k3", status="preliminary")
    await measured(lab, "k4", who="A", subject="a1")
    await take(lab, {})
    assert mark(lab) is None
    await through(lab)
    assert mark(lab).told == "全国HR"
    assert [mark(lab, id_) for id_ in ("k2", "k3", "k4")] == [None] * 3


async def test_results_are_looked_through_in_portions(lab, monkeypatch):
    monkeypatch.setattr("gateway.recognition.quality.rounds.PORTION", 2)
    for number in range(5):
        await measured(lab, f"k{number}")
    await take(lab, {})
    assert await through(lab) > 3
    assert all(mark(lab, f"k{number}") for number in range(5))
    assert lab.store.fetch("evidence_waiting", (9,)) == []


async def test_another_worker_goes_on_where_one_stopped(lab, monkeypatch):
    monkeypatch.setattr("gateway.recognition.quality.rounds.PORTION", 2)
    for number in range(5):
        await measured(lab, f"k{number}")
    await take(lab, {})
    for _ in range(3):
        await lab.rounds.portion()
    ((*_, cursor, done),) = lab.store.fetch("evidence_waiting", (1,))
    assert cursor.startswith("walk ")
    assert done is None
    lab.rounds = Rounds(lab.door, Catalogues(lab.store, lab.clock))
    await through(lab)
    assert all(mark(lab, f"k{number}") for number in range(5))


async def test_a_failed_round_takes_marks_back_and_tells_who_relied(lab):
    await take(lab, {})
    await measured(lab)
    await measured(lab, "k2", "2026-02-28T12:00:00+08:00")
    await lab.decided()
    await lab.say("recognised", person="王")
    await take(lab, {"round": "2026-2", "passed": False, "starts": "2026-03-01"})
    await through(lab)
    assert mark(lab).recalled is not None
    assert mark(lab).told == "全国HR", "it is said which one was taken back"
    assert mark(lab, "k2").recalled is None
    (task,) = await lab.recalls()
    assert task["reasonCode"]["coding"][0]["code"] == "mark-recalled"
    assert "recalled" in lab.kinds()


async def test_it_is_not_told_twice_by_a_worker_that_begins_again(lab):
    await take(lab, {})
    await measured(lab)
    await lab.decided()
    await lab.say("recognised", person="王")
    for source in ("a", "b"):
        await take(lab, {"passed": False, "ends": "2026-06-30", "source": source})
        await through(lab)
    await take(lab, {"passed": False, "ends": "2026-07-31"})
    await through(lab)
    assert mark(lab).recalled is not None
    assert len(await lab.recalls()) <= 2


async def test_results_without_a_mark_are_told_of_too(lab):
    await measured(lab)
    await lab.decided()
    await lab.say("recognised", person="王")
    await take(lab, {"passed": False})
    await through(lab)
    assert mark(lab).recalled is not None
    assert len(await lab.recalls()) == 1


@pytest.mark.parametrize(
    ("row", "result", "is_recalled"),
    [
        ({"instrument": "AU-1"}, on("AU-1"), True),
        ({"instrument": "AU-1"}, on("AU-2"), False),
        ({"instrument": "AU-1"}, on(""), True),
        ({"laboratory": "检验科"}, on("", "急诊检验"), False),
        ({"laboratory": "检验科"}, on(""), True),
        ({"ends": "2026-06-29"}, {}, False),
        ({"starts": "2026-06-30"}, {}, True),
        ({"item": "LAB.NA"}, {}, False),
        ({"campus": "A"}, {}, False),
    ],
)
async def test_a_failure_concerns_what_may_be_meant_by_it(lab, row, result, is_recalled):
    await take(lab, {})
    await measured(lab, **result)
    await take(lab, {"round": "2", "passed": False} | row)
    await through(lab)
    assert (mark(lab).recalled is not None) is is_recalled


async def test_a_late_result_of_a_failed_period_is_born_recalled(lab):
    await take(lab, {}, {"round": "2", "passed": False})
    await measured(lab)
    assert mark(lab).recalled is not None


async def test_a_round_that_was_entered_wrongly_gives_its_marks_back(lab):
    await take(lab, {})
    await measured(lab)
    await take(lab, {"round": "2", "passed": False})
    await through(lab)
    assert mark(lab).recalled is not None
    await take(lab, {"round": "2", "passed": True})
    await through(lab)
    assert mark(lab).recalled is None


async def test_the_same_import_twice_is_looked_through_once(lab):
    await take(lab, {})
    await through(lab)
    await take(lab, {})
    assert await through(lab) == 0


async def test_fresh_evidence_waits_until_every_process_freezes_by_it(lab):
    await take(lab, {}, ago=0)
    assert not await lab.rounds.portion()
    lab.clock.ahead += 1_000_000
    assert await lab.rounds.portion()


async def test_a_study_is_marked_by_the_instrument_that_made_it(lab):
    await take(lab, {"item": "CT.CHEST.PLAIN", "scheme": "image-quality", "instrument": "GE CT-1"})
    function = {"coding": [{"code": "DEV"}]}
    await lab.put(
        "B",
        {
            "resourceType": "ImagingStudy",
            "id": "s1",
            "status": "available",
            "subject": {"reference": "Patient/b1"},
            "started": JUNE,
            "modality": [{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CT"}],
            "procedureCode": [{"text": "胸部CT平扫"}],
            "series": [
                {
                    "uid": "1.2.3",
                    "modality": {"code": "CT"},
                    "performer": [{"function": function, "actor": {"display": "GE CT-1"}}],
                }
            ],
        },
    )
    place = ("ImagingStudy/s1", "CT.CHEST.PLAIN")
    assert marks_of(lab.store, [place[0]])[place].told == "全国HR"


async def test_marks_of_many_results_are_asked_for_at_once(lab):
    await take(lab, {})
    for number in range(40):
        await measured(lab, f"k{number}")
    names = [f"Observation/k{number}" for number in range(40)]
    assert len(marks_of(lab.store, names)) == 40
    assert marks_of(lab.store, []) == {}


async def test_the_worker_sees_evidence_through_by_itself(lab):
    await measured(lab)
    work = asyncio.create_task(lab.rounds.run())
    await take(lab, {})
    await until(lambda: mark(lab))
    work.cancel()


async def test_results_wait_until_a_catalogue_says_what_is_of_the_item(lab, monkeypatch):
    await measured(lab)
    await take(lab, {})
    monkeypatch.setattr(Catalogues, "now", lambda _: None)
    await through(lab)
    assert mark(lab) is None
    monkeypatch.undo()
    await through(lab)
    assert mark(lab) is not None


@pytest.mark.parametrize("statement", ["evidence_state", "evidence_all"])
async def test_evidence_is_known_though_the_database_was_away(lab, statement):
    await take(lab, {})
    store = Faltering(lab.store)
    evidences = Evidences(store)
    store.away.add(statement)
    for _ in range(3):
        with pytest.raises(UnavailableError):
            evidences.any()
    store.away.clear()
    assert evidences.any()
