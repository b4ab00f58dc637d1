"""What a sender is answered, and when."""

import asyncio
import hashlib
import resource
from contextlib import suppress

import pytest

from gateway.errors import UnavailableError
from gateway.ingest import pressure
from gateway.store.opening import join_store
from tests.databases import ON_POSTGRESQL
from tests.gateway.ingest.county import County
from tests.gateway.ingest.messages import header, oru, pid
from tests.gateway.store.samples import serving
from tests.waiting import PATIENCE, SLACK, until


async def test_aa_means_that_the_message_is_in_the_inbox_byte_for_byte(county):
    message = oru().encode()
    assert (await county.say(message)).code == "AA"
    (row,) = county.store.fetch("inbox_get", (1,))
    assert row[-1] == message


async def test_an_unknown_sender_is_refused_at_its_place_and_an_alert_tells_of_it(county):
    receipt = await county.say(oru(sender="X"), peer="192.0.2.9")
    assert (receipt.code, receipt.error, receipt.location) == ("AR", "204", "MSH^1^4")
    assert ("unknown-sender", "192.0.2.9") in county.alerts()
    assert county.store.fetch("inbox_counts") == []


async def test_a_known_sender_at_another_address_is_refused(county):
    await county.submit(
        (
            "campus_set",
            ("B hospital", "B", "Asia/Shanghai", "", "[]", '["10.0.0.0/8"]', "[]", 1, "B"),
        )
    )
    receipt = await county.say(oru(), peer="192.0.2.9")
    assert receipt.code == "AR"
    assert ("wrong-address", "192.0.2.9") in county.alerts()
    assert (await county.say(oru(), peer="10.1.2.3")).code == "AA"


@pytest.mark.parametrize(
    ("message", "code", "location"),
    [
        (b"", "AE", "MSH^1"),
        (b"PID|1", "AE", "MSH^1"),
        (b"MSH|", "AE", "MSH^1^2"),
        (header("SIU^S12").encode(), "AR", "MSH^1^9"),
        (header("ORU^R99").encode(), "AR", "MSH^1^9"),
        (oru(who=pid(name="张^三")).encode("gbk"), "AE", "MSH^1^18"),
    ],
)
async def test_an_envelope_that_is_not_sound_is_refused_at_its_place(
    county, message, code, location
):
    receipt = await county.say(message)
    assert (receipt.code, receipt.location) == (code, location)
    assert receipt.text
    assert ("refused-message", "127.0.0.1") in county.alerts()


async def test_a_message_without_control_id_is_accepted(county):
    assert (await county.say(oru(control=""))).code == "AA"


@pytest.mark.parametrize("mark", ["P", "T", "D", "", "X"])
async def test_no_processing_id_is_a_reason_to_refuse(county, mark):
    assert (await county.say(oru().replace("|1|P|", f"|1|{mark}|"))).code == "AA"


async def test_a_sender_without_a_name_is_known_by_its_address(county):
    await county.submit(
        (
            "campus_set",
            ("B hospital", "B", "Asia/Shanghai", "", "[]", '["10.0.0.0/8"]', "[]", 1, "B"),
        )
    )
    assert (await county.say(oru(sender="", who=pid("1")), peer="10.1.2.3")).code == "AA"
    await county.worker.drain()
    assert await county.one("Patient", identifier="urn:hutong:B:pid|1")


async def test_the_channels_character_set_holds_against_what_the_message_says(county):
    await county.set("B", "LIS", '{"charset": "gb18030"}')
    await county.hear(oru(who=pid(name="张^三")).encode("gbk"))
    assert (await county.one("Patient"))["name"][0]["text"] == "张三"


async def test_a_channel_in_enhanced_mode_is_answered_in_its_words(county):
    await county.set("B", "LIS", '{"mode": "enhanced"}')
    assert (await county.say(oru())).code == "CA"


async def test_quality_control_is_kept_and_is_no_patients_result(county):
    await county.set("B", "LIS", '{"qc": "msh16"}')
    control = oru().replace("|P|2.5.1|", "|P|2.5.1||||2|").replace("||||||UNICODE", "||UNICODE")
    outcome = await county.hear(control)
    assert outcome.state == 1
    assert await county.all("Observation") == []
    assert outcome.told()["skips"]


# A channel that wants to know what became of its message.


@pytest.fixture
async def working(county):
    await county.set("B", "LIS", '{"ack": "processed"}')
    task = asyncio.create_task(county.worker.run())
    yield county
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_with_ack_processed_aa_comes_after_the_result_is_stored(working):
    assert (await working.say(oru())).code == "AA"
    assert await working.all("DiagnosticReport")


async def test_with_ack_processed_a_quarantine_is_told_with_its_place(working):
    receipt = await working.say(oru(who="PID|1"))
    assert receipt.code == "AE"
    assert receipt.location.startswith("PID^1")
    assert receipt.text == "没有可用的患者编号"


async def test_with_ack_processed_a_repeat_is_answered_like_the_first(working):
    await working.say(oru())
    assert (await working.say(oru())).code == "AA"


# Pressure.


async def test_a_result_is_searchable_a_second_after_its_acknowledgement(county):
    task = asyncio.create_task(county.worker.run())
    late = []

    async def send(number):
        for index in range(6):
            filler = f"R{number}-{index}"
            message = oru(who=pid(f"{number}^^^B^MR"), filler=filler, control=filler)
            assert (await county.say(message)).code == "AA"
            loop = asyncio.get_running_loop()
            end = loop.time() + 1 + SLACK
            system = "urn:hutong:B:report"
            while not county.store.by_key(2, "DiagnosticReport", system, filler):
                if loop.time() > end:
                    late.append(filler)
                    break
                await asyncio.sleep(0.01)

    await asyncio.gather(*(send(number) for number in range(8)))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert late == []


async def test_acknowledgements_wait_while_the_queue_is_not_worked_off(county):
    for number in range(pressure.LEAST):
        await county.say(oru(filler=f"R{number}", control=str(number)), peer="127.0.0.1")
    sending = asyncio.create_task(county.say(oru(filler="last", control="last")))
    await asyncio.sleep(0.1)
    assert not sending.done()
    await county.worker.drain()
    assert (await asyncio.wait_for(sending, PATIENCE)).code == "AA"


async def test_a_sender_is_answered_at_last_even_if_nobody_works(county, monkeypatch):
    monkeypatch.setattr(pressure, "PATIENCE", 0.05)
    for number in range(pressure.LEAST + 2):
        receipt = await county.say(oru(filler=f"R{number}", control=str(number)))
        assert receipt.code == "AA"
    assert ("full-queue", "inbox") in county.alerts()


@ON_POSTGRESQL
async def test_acknowledgements_wait_no_longer_than_the_database_is_away(
    county, database, postgres
):
    for number in range(pressure.LEAST):
        await county.say(oru(filler=f"R{number}", control=str(number)))
    sending = asyncio.create_task(county.say(oru(filler="last", control="last")))
    await asyncio.sleep(0.1)
    with postgres.away(database):
        # Asked for meanwhile.
        await asyncio.sleep(0.1)
        assert not sending.done()

    async def drained():
        with suppress(UnavailableError):
            await county.worker.drain()
            return True

    await until(drained)
    assert (await asyncio.wait_for(sending, pressure.PATIENCE / 2)).code == "AA"
    assert ("full-queue", "inbox") not in county.alerts()


# A store that does not write.


async def test_what_cannot_be_kept_is_not_acknowledged_and_what_was_is_there(
    fresh_folder, monkeypatch
):
    monkeypatch.setattr(pressure, "PATIENCE", 0.01)
    folder = fresh_folder()
    with serving(folder, limit=1_000_000) as role:
        async with County.opened(folder, store=join_store(folder)) as county:
            codes = []
            while codes.count("AE") < 3:
                number = str(len(codes))
                noise = hashlib.shake_256(number.encode()).hexdigest(20_000)
                receipt = await county.say(oru(("GLU", noise), filler=number, control=number))
                codes.append(receipt.code)
            assert codes.count("AA") > 0
            ((state, kept),) = county.store.fetch("inbox_counts")
            assert (state, kept) == (0, codes.count("AA"))
            hard = resource.prlimit(role.pid, resource.RLIMIT_FSIZE)[1]
            resource.prlimit(role.pid, resource.RLIMIT_FSIZE, (hard, hard))
            assert (await county.say(oru(filler="after", control="after"))).code == "AA"
