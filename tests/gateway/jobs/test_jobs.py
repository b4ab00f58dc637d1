"""Jobs: who sees them, how they run, and that a portion is done once whatever happens."""

import asyncio
import os
from contextlib import suppress

import pytest

from gateway.errors import (
    NotFoundError,
    TooManyJobsError,
    UnauthenticatedError,
    UnavailableError,
    UnprocessableError,
)
from gateway.jobs import desk
from gateway.jobs.file import File
from gateway.jobs.job import job_of
from gateway.jobs.run import LEASE, LostError
from gateway.jobs.runner import ATTEMPTS, DEATHS, Runner
from gateway.store.records import Batch
from tests.databases import ON_POSTGRESQL
from tests.gateway.interactions.consortium import ROOT
from tests.waiting import until

STEPS = 5


class Counting:
    """A handler that writes one setting a step, and may be made to stop on the way."""

    def __init__(self, steps=STEPS):
        self.steps = steps
        self.runs = 0
        self.fail_at = None
        self.error = None
        self.hold_at = None
        self.held = asyncio.Event()
        self.freed = asyncio.Event()

    async def __call__(self, run):
        self.runs += 1
        run.total = self.steps
        start = run.cursor.get("step", 0)
        for step in range(start, self.steps):
            if step == self.hold_at:
                self.held.set()
                await self.freed.wait()
            if step == self.fail_at:
                raise self.error
            # Fails where a step is done twice: the name is the primary key of nothing else.
            done = [("job_issue_add", (run.job.id, str(step), 1, b""))]
            await run.save({"step": step + 1}, step + 1, done)
        return {"transactionTime": "2026-11-22T00:00:00Z", "as": run.actor.code}


@pytest.fixture
def counting():
    return Counting()


@pytest.fixture
def runner(house, objects, counting):
    return Runner(house.door, objects, {"count": counting})


def steps(house, job):
    rows = house.store.fetch("job_issues", (job.id, 0, 1000))
    return [about for _, about, *_ in rows]


async def started(house, who="A", **options):
    return await desk.start(house.door, house.actor(who, **options), "count", {"of": "things"})


def found(house, name):
    return job_of(house.store.fetch("job_named", (name,))[0])


async def test_a_job_is_done_as_who_started_it(house, runner):
    name = await started(house)
    assert desk.find(house.door, house.actor("A"), name).state == "waits"
    await runner.drain()
    job = desk.find(house.door, house.actor("A"), name)
    assert (job.state, job.done, job.total) == ("done", STEPS, STEPS)
    assert (job.result["as"], job.request) == ("A", {"of": "things"})
    assert steps(house, job) == ["0", "1", "2", "3", "4"]
    assert len(name) == 32


async def test_a_job_is_its_token_s_and_an_administrator_s(house):
    await house.token(1, "second", "system/*.cruds")
    name = await started(house)
    for stranger in ("B", "second"):
        with pytest.raises(NotFoundError):
            desk.find(house.door, house.actor(stranger), name)
    assert desk.find(house.door, house.actor(ROOT), name).name == name
    with pytest.raises(NotFoundError):
        desk.find(house.door, house.actor("A"), "0" * 32)


async def test_the_start_is_recorded(house):
    name = await started(house, person="王医生")
    event = house.trail()[-1]
    assert (event.action, event.entities, event.person) == ("E", (f"job/{name}",), "王医生")


async def test_a_cancelled_job_stops_and_is_not_there_any_more(house, runner, counting):
    counting.hold_at = 2
    name = await started(house)
    working = asyncio.create_task(runner.run())
    await counting.held.wait()
    job = found(house, name)
    await desk.cancel(house.door, house.actor("A"), job)
    counting.freed.set()
    with pytest.raises(NotFoundError):
        desk.find(house.door, house.actor("A"), name)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await runner.drain()
    assert steps(house, job) == ["0", "1"]
    assert found(house, name).state == "cancelled"


@ON_POSTGRESQL
async def test_a_runner_goes_on_when_its_database_is_back(
    house, runner, monkeypatch, database, postgres
):
    monkeypatch.setattr("gateway.jobs.runner.PAUSE", 0.02)
    working = asyncio.create_task(runner.run())
    with postgres.away(database):
        # It looks meanwhile, many times.
        await asyncio.sleep(0.2)
    assert not working.done()

    async def begun():
        with suppress(UnavailableError):
            return await started(house)

    name = await until(begun)
    await until(lambda: found(house, name).state == "done")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_what_a_killed_runner_left_is_taken_up_after_its_lease(
    house, runner, counting, objects
):
    counting.hold_at = 3
    name = await started(house)
    working = asyncio.create_task(runner.run())
    await counting.held.wait()
    # As a kill would: nothing of the runner runs any more, nothing is told to the store.
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    other = Counting()
    second = Runner(house.door, objects, {"count": other})
    await second.drain()
    assert other.runs == 0, "the lease of the first still holds"
    house.clock.ahead += LEASE + 1
    await second.drain()
    job = found(house, name)
    assert (job.state, steps(house, job)) == ("done", ["0", "1", "2", "3", "4"])
    assert (other.runs, job.term) == (1, 2)


async def test_a_slow_runner_cannot_write_what_another_has_taken(house, objects):
    slow, quick = Counting(), Counting()
    slow.hold_at = 3
    name = await started(house)
    first = Runner(house.door, objects, {"count": slow})
    working = asyncio.create_task(first.drain())
    await slow.held.wait()
    house.clock.ahead += LEASE + 1
    await Runner(house.door, objects, {"count": quick}).drain()
    slow.freed.set()
    await working
    job = found(house, name)
    assert (job.state, steps(house, job)) == ("done", ["0", "1", "2", "3", "4"])


async def test_the_lease_is_renewed_while_a_step_takes_long(house, runner, counting):
    counting.hold_at = 0
    name = await started(house)
    working = asyncio.create_task(runner.run())
    await counting.held.wait()
    before = found(house, name).until
    await until(lambda: found(house, name).until > before)
    counting.freed.set()
    await until(lambda: found(house, name).state == "done")
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_an_error_of_ours_ends_a_job_and_is_told(house, runner, counting):
    counting.fail_at, counting.error = 2, UnprocessableError("It cannot be.", expression="input[0]")
    name = await started(house)
    await runner.drain()
    job = found(house, name)
    assert (job.state, job.result["status"]) == ("failed", 422)
    assert job.result["issues"][0]["expression"] == "input[0]"


async def test_a_defect_is_tried_again_a_few_times_and_tells_no_value(
    house, runner, counting, caplog
):
    counting.fail_at, counting.error = 0, ValueError("王小明")
    name = await started(house)
    for _ in range(ATTEMPTS):
        await runner.drain()
        house.clock.ahead += LEASE + 1
    job = found(house, name)
    assert (job.state, counting.runs) == ("failed", ATTEMPTS)
    assert "王小明" not in caplog.text + str(job.result)


async def test_a_job_that_kills_whoever_does_it_is_given_up(house, runner, counting):
    counting.fail_at, counting.error = 0, LostError()  # nothing is told, as by a kill
    name = await started(house)
    for _ in range(DEATHS + 1):
        assert found(house, name).is_open
        await runner.drain()
        house.clock.ahead += LEASE + 1
    assert found(house, name).state == "failed"


async def test_a_job_of_a_revoked_token_fails(house, runner):
    name = await started(house)
    revoked = Batch(os.urandom(16), statements=[("token_revoke", (1, 1))], notices=[("config", "")])
    await house.store.submit(revoked)
    await runner.drain()
    job = found(house, name)
    assert (job.state, job.result["status"]) == ("failed", UnauthenticatedError.status)


async def test_nobody_has_more_than_some_jobs_waiting(house):
    for _ in range(desk.MOST):
        await started(house)
    with pytest.raises(TooManyJobsError):
        await started(house)
    assert await started(house, "B")


async def test_those_that_are_started_at_once_are_counted_too(house):
    starting = (started(house) for _ in range(2 * desk.MOST))
    told = await asyncio.gather(*starting, return_exceptions=True)
    assert len({one for one in told if isinstance(one, str)}) == desk.MOST
    refused = [one for one in told if not isinstance(one, str)]
    assert {type(one) for one in refused} == {TooManyJobsError}


async def test_campuses_take_turns(house, objects):
    order = []

    async def handler(run):
        order.append(run.actor.code)
        await asyncio.sleep(0)
        return {}

    for who in ("A", "A", "A", "B"):
        await started(house, who)
    await Runner(house.door, objects, {"count": handler}).drain()
    assert sorted(order[:2]) == ["A", "B"]
    assert sorted(order) == ["A", "A", "A", "B"]


async def test_a_runner_of_one_job_leaves_the_others(house, objects, counting):
    other, mine = await started(house), await started(house, "B")
    await Runner(house.door, objects, {"count": counting}, only=mine).drain()
    assert (found(house, mine).state, found(house, other).state) == ("done", "waits")


async def test_what_ended_long_ago_is_forgotten_with_its_files(house, runner, objects):
    name = await started(house)
    await runner.drain()
    job = found(house, name)
    file = File(objects, "output", "Patient")
    file.add(b"{}\n", 1)
    statement = await file.keep(job.id)
    await house.store.submit(Batch(os.urandom(16), statements=[statement]))
    ((_, part, type_, _, count, size, digest),) = house.store.fetch("job_files", (job.id,))
    assert (part, type_, count, size) == ("output", "Patient", 1, 3)
    assert house.store.fetch("object_known", (digest,) * 3)
    assert await runner.tidy() == 0
    house.clock.ahead += desk.RETENTION + 1
    assert await runner.tidy()
    assert not house.store.fetch("job_named", (name,))
    assert not house.store.fetch("object_known", (digest,) * 3)


async def test_saving_a_job_that_was_lost_is_refused(house, objects):
    lost = []

    async def handler(run):
        await desk.cancel(house.door, run.actor, run.job)
        with pytest.raises(LostError):
            await run.save({"step": 1}, 1)
        lost.append(True)
        raise LostError

    await started(house)
    await Runner(house.door, objects, {"count": handler}).drain()
    assert lost
