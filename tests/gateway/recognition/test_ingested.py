"""What laboratories send in HL7 v2 is recognised, and times without a zone are said to be."""

import shutil
from datetime import datetime

import pytest

from gateway.recognition.catalogue.model import Code
from gateway.recognition.model import Asked, PatientAsked, Request
from gateway.recognition.service import Recognition
from tests.gateway.ingest.county import County
from tests.gateway.ingest.messages import oru
from tests.gateway.recognition.county import ITEMS, Versions

TEN = round(datetime.fromisoformat("2026-11-22T10:00:00+08:00").timestamp()) * 1_000_000
HOUR = 3_600_000_000


@pytest.fixture
async def county(schema, tmp_path):
    folder = tmp_path / "ingested"
    shutil.copytree(schema, folder)
    async with County.opened(folder) as opened:
        yield opened


async def ask(county, at=TEN):
    recognition = Recognition(county.door, Versions(*ITEMS))
    request = Request(
        patient=PatientAsked(identifiers=(Code("urn:hutong:B:pid", "1"),)),
        orders=(Asked(codes=(Code("urn:hutong:B:item", "K"),)),),
        encounter_class="AMB",
        at=at,
    )
    answer = await recognition.check(county.actor("B"), request)
    (decision,) = answer.decisions
    return decision, {rule.id: rule for rule in decision.rules}


@pytest.mark.parametrize(("zone", "told"), [("", True), ("+0800", False)])
async def test_an_assumed_zone_is_evidence(county, zone, told):
    message = oru(("K", "4.2"), issued=f"20261122083000{zone}", sent=f"20261122083000{zone}")
    await county.hear(message.replace("20261122080000", f"20261122080000{zone}"))

    decision, rules = await ask(county)

    assert decision.result.anchor == TEN - 2 * HOUR
    assert rules["TIME"].evidence[0] == "collection: 2026-11-22T08:00:00+08:00"
    assert ("zone-assumed: Asia/Shanghai" in rules["TIME"].evidence) is told


async def test_the_window_of_a_time_without_a_zone_ends_to_the_second(county):
    await county.hear(oru(("K", "4.2")))
    last = TEN - 2 * HOUR + 48 * HOUR  # nobody under 14 may be excluded without a birth date

    (inside, _), (outside, _) = (
        await ask(county, last + 24 * HOUR),
        await ask(county, last + 24 * HOUR + 1_000_000),
    )

    assert inside.result.reference.startswith("Observation/")
    assert {inside.reason.code, outside.reason.code} == {"comparability-unknown", "expired"}


async def test_a_correction_is_judged_and_not_what_it_corrects(county):
    await county.hear(oru(("K", "4.2"), status="P"), oru(("K", "4.2"), control="2"))
    before, _ = await ask(county)
    await county.hear(oru(("K", "9.9"), status="W", control="3", issued="20261122093000"))
    after, _ = await ask(county)

    assert before.reason.code == "comparability-unknown"
    assert after.outcome == "not-eligible"
