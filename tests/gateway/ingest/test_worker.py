"""The worker: order, concurrency, defects of our own, and death at any moment."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace

import pytest

from gateway.access.directory import Directory
from gateway.errors import UnavailableError
from gateway.ingest.follow import Follower
from gateway.ingest.worker import Worker
from gateway.store.opening import join_store, open_store
from gateway.store.records import Batch
from tests.faltering import Faltering
from tests.gateway.ingest.county import County
from tests.gateway.ingest.messages import ZHANG, adt, oru, pid, rows
from tests.gateway.store.samples import kill, serving, start_role
from tests.tools import ROOT
from tests.waiting import PATIENCE, until

WORKER = """
import asyncio, sys
from pathlib import Path
from gateway.store.opening import join_store
from tests.gateway.ingest.county import County

async def main():
    county = County(join_store(Path(sys.argv[1])))
    print("ready", flush=True)
    await county.worker.run()

asyncio.run(main())
"""


NEVER = 3600
"""Seconds that no test lasts."""


@pytest.fixture
async def running(county):
    task = asyncio.create_task(county.worker.run())
    yield county
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_message_is_taken_as_soon_as_it_is_there(county, monkeypatch):
    monkeypatch.setattr("gateway.ingest.worker.POLL", NEVER)
    monkeypatch.setattr("gateway.ingest.outcome.POLL", NEVER)
    task = asyncio.create_task(county.worker.run())
    for number in (1, 2):
        await county.say(oru(filler=f"R{number}", control=str(number)))
        assert (await county.outcomes.finished(number, PATIENCE)).state == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_messages_about_one_patient_keep_their_order(running):
    for number in range(30):
        name = f"张^{'三' * (number + 1)}"
        await running.say(adt(who=pid("1^^^B^MR", name), control=str(number)))
    await running.outcomes.finished(30, PATIENCE)
    await asyncio.sleep(0.1)
    assert len((await running.one("Patient"))["name"][0]["text"]) == 31


async def test_many_patients_and_one_share_commits(county):
    for number in range(64):
        await county.keep(
            oru(who=pid(f"{number}^^^B^MR"), filler=f"R{number}", control=f"{number}")
        )
    await county.worker.drain()
    assert len(await county.all("DiagnosticReport")) == 64


async def put(county, body, format_="hl7v2", channel="LIS"):
    """Put a row into the inbox that no sink would have let in."""
    row = (county.door.clock(), format_, "B", "1", os.urandom(32), body, 2, channel)
    seen = ("channel_seen", (2, channel, 0, 0))
    commit = await county.store.submit(
        Batch(os.urandom(16), statements=[seen, ("inbox_receive", row)], notices=[("inbox", "")])
    )
    return commit.results[1]


async def test_a_defect_of_ours_sets_one_message_aside_and_the_others_go_on(county, caplog):
    poison = await put(county, "张三".encode(), format_="no such format")
    await county.say(oru())
    await county.worker.drain()
    held = county.outcomes.of(poison)
    assert (held.state, held.reason) == (2, "internal")
    assert ("quarantine", "B/LIS") in county.alerts()
    assert await county.all("DiagnosticReport")
    assert "张三" not in caplog.text


async def test_a_message_that_cannot_be_read_any_more_is_set_aside(county):
    await county.say(oru(who=pid(name="张^三")).encode("gb18030").replace(b"UNICODE UTF-8", b""))
    await county.set("B", "LIS", '{"charset": "utf-8"}')
    await county.worker.drain()
    assert county.last().reason == "unreadable"


async def test_what_was_set_aside_is_taken_again_when_it_is_asked_for(county):
    outcome = await county.hear(oru(status="").replace("||||||F|||", "|||||||||"))
    assert outcome.reason == "missing-status", outcome
    await county.set("B", "LIS", '{"status": "F"}')
    await county.submit(("inbox_again", (1,)))
    await county.worker.drain()
    assert county.outcomes.of(1).state == 1
    assert (await county.one("Observation"))["status"] == "final"


async def test_no_patients_data_is_in_alerts_reasons_or_logs(county, caplog):
    caplog.set_level(0)
    secret = pid("4711^^^B^MR", "欧阳^锋", citizen=ZHANG)
    await county.hear(
        oru(("GLU", "bad value"), who=secret),
        oru(who=pid("4712^^^B^MR", "欧阳^锋"), control="2"),
        adt("A40", who=secret, prior="", control="3"),
    )
    told = str(county.store.fetch("alerts_open", (100,)))
    told += str(county.store.fetch("inbox_held", (100,))) + caplog.text
    for word in ("4711", "4712", "欧阳", ZHANG, "bad value", "19900307"):
        assert word not in told


async def test_two_workers_of_one_inbox_leave_the_same_as_one(county):
    other = Worker(county.door)
    for number in range(20):
        await county.keep(
            oru(("GLU", f"{number}.5"), issued=f"202611221{number:05}", control=str(number))
        )
    await asyncio.gather(county.worker.drain(), other.drain())
    observation = await county.one("Observation")
    assert bytes(observation["valueQuantity"]["value"]) == b"19.5"
    assert county.store.fetch("inbox_counts") == [(1, 20)]


def message(number):
    who = pid(f"{number % 7}^^^B^MR")
    results = [("GLU", f"{number}.1"), ("K", f"{number}.2"), ("NA", f"{number}.3")]
    return oru(*results, who=who, filler=f"R{number}", placer=f"P{number}", control=str(number))


@pytest.mark.parametrize("round_", range(3))
async def test_a_worker_that_is_killed_leaves_nothing_half_done(fresh_folder, round_):
    folder, count = fresh_folder(), 60
    pauses = random.Random(round_)  # noqa: S311 - the same moments each time
    with serving(folder):
        async with County.opened(folder, store=join_store(folder)) as county:
            await county.keep(*(message(number) for number in range(count)))
            for _ in range(3):
                await asyncio.to_thread(work_and_die, folder, pauses.uniform(0, 0.15))
                check(county)
            await county.worker.drain()
            check(county)
            assert county.store.fetch("inbox_counts") == [(1, count)]


def work_and_die(folder, seconds):
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert worker.stdout.readline() == b"ready\n"
    time.sleep(seconds)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    worker.stdout.close()


def check(county):
    """Each message is wholly there, or not at all."""
    for number in range(20):
        report = county.store.by_key(2, "DiagnosticReport", "urn:hutong:B:report", f"R{number}")
        found = [
            county.store.by_key(2, "Observation", "urn:hutong:B:report", f"R{number}#{code}")
            for code in ("GLU", "K", "NA")
        ]
        assert all(found) if report else not any(found)


async def test_what_is_in_hand_is_finished_when_the_worker_is_told_to_stop(fresh_folder):
    folder = fresh_folder()
    async with County.opened(folder, store=open_store(folder)) as county:
        task = asyncio.create_task(county.worker.run())
        await county.say("\r".join([oru().rstrip("\r"), *rows(("X", "1")), ""]))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        waiting = county.store.fetch("inbox_counts")
        assert waiting in ([(0, 1)], [(1, 1)])
        assert bool(await county.all("Observation")) == (waiting == [(1, 1)])


async def test_while_the_store_does_not_write_a_message_waits_and_is_not_lost(fresh_folder):
    folder = fresh_folder()
    role = start_role(folder)
    async with County.opened(folder, store=join_store(folder)) as county:
        await county.keep(oru())
        kill(role)
        task = asyncio.create_task(county.worker.run())
        await asyncio.sleep(0.3)
        assert not await county.all("DiagnosticReport")
        role = start_role(folder)
        assert (await county.outcomes.finished(1, PATIENCE)).state == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    kill(role)


async def test_the_place_in_the_outbox_is_kept_over_a_restart(county):
    task = asyncio.create_task(county.worker.run())
    await county.say(oru())
    await county.outcomes.finished(1, PATIENCE)
    await until(lambda: county.store.fetch("setting", ("followed",)))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    ((kept,),) = county.store.fetch("setting", ("followed",))
    assert int(kept) >= 0
    again = Worker(county.door)
    await again.drain()
    assert county.store.fetch("inbox_counts") == [(1, 1)]


async def test_what_nobody_follows_is_passed_by(county):
    follower = Follower(county.door)
    number = {"system": "urn:hutong:A:pid", "value": "1"}
    await county.post("A", {"resourceType": "Patient", "identifier": [number]})
    assert await follower.step()
    for _ in range(2):
        await county.post("A", {"resourceType": "Basic", "code": {"text": "x"}})
        assert not await follower.step()
    task = asyncio.create_task(follower.run())
    newest = county.store.fetch("last_row")[0][0]
    await until(lambda: county.store.fetch("setting", ("followed",)) == [(str(newest),)])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("after", range(5))
async def test_a_message_waits_wherever_the_database_went_away_while_it_was_taken(
    county, monkeypatch, after
):
    await county.say(oru())
    monkeypatch.setattr("gateway.access.directory.STALE_AFTER", 0.0)
    store, looks = Faltering(county.store), []
    read = store.fetch

    def fetch(name, values=()):
        looks.extend([name] if name == "campuses" else [])
        store.away = {"campuses"} if len(looks) == after + 1 else set()
        return read(name, values)

    store.fetch = fetch
    door = replace(county.door, store=store, directory=Directory(store))
    with suppress(UnavailableError):
        await asyncio.wait_for(Worker(door).drain(), PATIENCE / 6)
    # Its reason would else be the message's for ever.
    await county.worker.drain()
    assert county.store.fetch("inbox_counts") == [(1, 1)]
