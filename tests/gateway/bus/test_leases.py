import asyncio
import os
import time

import pytest

from gateway.bus.leases import Leases
from gateway.errors import UnavailableError
from gateway.store.opening import open_store
from gateway.store.records import Batch, StaleError
from tests.waiting import until

SECONDS = 1.0


def microseconds():
    return time.time_ns() // 1000


def leases(store, holder, clock=microseconds):
    return Leases(store, holder, clock, seconds=SECONDS)


class Job:
    """Work that notes whether it runs, and with which store."""

    def __init__(self):
        self.stores = []
        self.running = False

    async def __call__(self, store):
        self.stores.append(store)
        self.running = True
        try:
            await asyncio.Event().wait()
        finally:
            self.running = False


async def hold(holder, job, name="job"):
    return asyncio.create_task(holder.hold(name, job))


async def end(*tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def put(value="1"):
    return Batch(os.urandom(16), statements=[("setting_put", ("told", value))])


async def test_where_one_process_writes_for_all_a_lease_costs_nothing(tmp_path):
    store, job = open_store(tmp_path), Job()
    task = await hold(leases(store, "a"), job)
    await until(lambda: job.running)
    assert job.stores == [store]
    assert store.fetch("leases") == []
    await end(task)
    await store.close()


async def test_one_of_two_works(store):
    first, second = Job(), Job()
    one = await hold(leases(store, "a"), first)
    await until(lambda: first.running)
    two = await hold(leases(store, "b"), second)
    await asyncio.sleep(SECONDS * 2)
    assert (first.running, second.running) == (True, False)
    assert [row[:2] for row in store.fetch("leases")] == [("job", "a")]
    await end(one, two)


async def test_different_leases_are_held_by_different_gateways(store):
    first, second = Job(), Job()
    one = await hold(leases(store, "a"), first, "one")
    two = await hold(leases(store, "b"), second, "two")
    await until(lambda: first.running and second.running)
    await end(one, two)


async def test_who_ends_gives_the_lease_back_and_another_has_it_at_once(store):
    first, second = Job(), Job()
    patient = Leases(store, "b", microseconds, seconds=1000.0)
    one = await hold(leases(store, "a"), first)
    await until(lambda: first.running)
    two = await hold(patient, second)
    await asyncio.sleep(0.1)
    await end(one)
    # It would have looked again after minutes: the notice told it.
    await until(lambda: second.running, 10)
    assert not first.running
    await end(two)


async def test_whoever_dies_is_followed_when_the_lease_is_over(store):
    long_gone = microseconds() + 300_000
    await store.submit(
        Batch(os.urandom(16), statements=[("lease_take", ("job", "dead", long_gone, 0))])
    )
    job = Job()
    task = await hold(leases(store, "a"), job)
    await asyncio.sleep(0.1)
    assert not job.running
    await until(lambda: job.running)
    assert store.fetch("lease", ("job",))[0][:2] == ("a", 2)
    await end(task)


async def test_a_new_process_of_the_same_gateway_takes_over_from_the_one_that_died(store):
    forever = microseconds() + 10**12
    await store.submit(Batch(os.urandom(16), statements=[("lease_take", ("job", "a", forever, 0))]))
    job = Job()
    task = await hold(leases(store, "a"), job)
    await until(lambda: job.running)
    assert store.fetch("lease_term", ("job",)) == [(2,)]
    await end(task)


async def test_a_holder_that_was_held_up_can_write_no_more(store):
    """Its own clock stands still, so it believes to hold the lease; another has it already."""
    job = Job()
    task = await hold(leases(store, "a"), job)
    await until(lambda: job.running)
    await job.stores[0].submit(put("mine"))
    later = microseconds() + 10**9
    await store.submit(
        Batch(os.urandom(16), statements=[("lease_take", ("job", "b", later + 1, later))])
    )
    with pytest.raises(UnavailableError):
        await job.stores[0].submit(put("late"))
    assert store.fetch("setting", ("told",)) == [("mine",)]
    await until(lambda: not job.running)
    await end(task)


async def test_a_lost_lease_ends_the_work_though_it_writes_nothing(store):
    job = Job()
    task = await hold(leases(store, "a"), job)
    await until(lambda: job.running)
    later = microseconds() + 10**9
    await store.submit(
        Batch(os.urandom(16), statements=[("lease_take", ("job", "b", later, later))])
    )
    await until(lambda: not job.running)
    await end(task)


async def test_staleness_of_another_kind_is_passed_on(store):
    job = Job()
    task = await hold(leases(store, "a"), job)
    await until(lambda: job.running)
    batch = put()
    batch.unchanged = [("setting", ("told",), "something else")]
    with pytest.raises(StaleError):
        await job.stores[0].submit(batch)
    assert job.running
    await end(task)


async def test_a_lease_is_renewed_as_long_as_it_is_held(store):
    job = Job()
    task = await hold(leases(store, "a"), job)
    await until(lambda: job.running)
    (before,) = [row[2] for row in store.fetch("leases")]
    await until(lambda: store.fetch("leases")[0][2] > before)
    assert store.fetch("lease_term", ("job",)) == [(1,)]
    await end(task)


async def test_notices_of_an_earlier_term_reach_nobody(store):
    told = []

    async def work(fenced):
        fenced.subscribe("topic", lambda *notice: told.append(notice))
        await asyncio.Event().wait()

    task = await hold(leases(store, "a"), work)
    await until(lambda: store.fetch("leases"))
    store.notices.tell([("topic", "1")])
    await end(task)
    store.notices.tell([("topic", "2")])
    assert told == [("topic", "1")]


async def test_what_the_work_raises_is_raised(store):
    async def work(_store):
        raise LookupError

    with pytest.raises(LookupError):
        await leases(store, "a").hold("job", work)
    # And the lease is free for others.
    assert store.fetch("leases")[0][2] == 0


async def test_work_that_found_no_database_begins_again(store):
    begun = []

    async def work(_store):
        begun.append(1)
        if len(begun) == 1:
            raise UnavailableError("The database is not there.")
        await asyncio.Event().wait()

    task = await hold(leases(store, "a"), work)
    await until(lambda: len(begun) == 2)
    await end(task)
