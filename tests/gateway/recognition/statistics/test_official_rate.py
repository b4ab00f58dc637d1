"""The official rate: recognised of the results that patients brought along."""

import pytest

from gateway.recognition.statistics.facts import Period
from tests.gateway.interactions.consortium import concept
from tests.gateway.recognition.decided import DAY
from tests.gateway.recognition.statistics.asking import told


def encounter(id_="e1", subject="a1", start="2026-05-10", **more):
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{subject}"},
        "period": {"start": start},
        **more,
    }


def examined(id_="r1", subject="b1", at="2026-05-08", code="2823-3", **more):
    return {
        "resourceType": "DiagnosticReport",
        "id": id_,
        "status": "final",
        "code": concept(code),
        "subject": {"reference": f"Patient/{subject}"},
        "effectiveDateTime": at,
        **more,
    }


MAY = Period(1_777_564_800_000_000, 1_780_243_200_000_000)


async def existing(county):
    return (await told(county, period=MAY)).basis.existing


async def test_existing_results_are_those_of_patients_who_attended(county):
    await county.put("B", examined())
    assert await existing(county) == 0
    await county.put("A", encounter())
    assert await existing(county) == 1
    await county.put("A", encounter("e2"))
    assert await existing(county) == 1


async def test_an_order_is_an_attendance_too(county):
    await county.put("B", examined())
    request = {
        "resourceType": "ServiceRequest",
        "id": "s1",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/a1"},
        "authoredOn": "2026-05-10T10:00:00+08:00",
    }
    await county.put("A", request)
    assert await existing(county) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"status": "entered-in-error"},
        {"status": "preliminary"},
        {"code": concept("10331-7")},
        {"code": concept("718-7")},
        {"effectiveDateTime": "2026-04-20"},
        {"effectiveDateTime": "2026-06-02"},
        {"subject": {"reference": "Patient/stranger"}},
    ],
    ids=["withdrawn", "preliminary", "never valid", "not catalogued", "too old", "later", "other"],
)
async def test_what_could_not_be_recognised_does_not_exist(county, change):
    await county.put("A", encounter())
    await county.put("B", {**examined(), **change})
    assert await existing(county) == 0


async def test_own_results_are_reported_not_existing(county):
    await county.put("A", encounter())
    await county.put("A", examined("own", "a1"))
    basis = (await told(county, period=MAY)).basis
    assert (basis.existing, basis.reported) == (0, 1)


async def test_the_official_rate_counts_reports(county):
    """Two measurements of one report that are recognised are one recognised result."""
    await county.put("A", encounter())
    for id_ in ("k1", "k2"):
        await county.result(id_)
    results = [{"reference": "Observation/k1"}, {"reference": "Observation/k2"}]
    await county.put("B", examined(result=results))
    await county.put("B", examined("r2", code="24627-2"))
    for id_, result in (("d1", "k1"), ("d2", "k2")):
        await county.decided(id_, result=f"Observation/{result}", at=MAY.start + DAY)
        await county.say("recognised", id_, at=MAY.start + 2 * DAY, by_hook=True)
    found = await told(county, "campus", period=MAY)
    assert (found.basis.recognised, found.basis.existing) == (1, 1)
    assert found.total.rates(found.basis)["official"] == 1.0
    (group,) = found.groups
    assert group.figures.rates(group.basis)["official"] == 1.0
