import asyncio
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bus.allowance import Allowance, allowance, taken
from gateway.bus.buckets import Buckets
from gateway.bus.limits import Limits
from tests.waiting import until

SECOND = 1_000_000
SLOW = Allowance(7, 5, 3600 * SECOND)
"""Five an hour: what a test takes does not come back while it runs."""


@pytest.mark.parametrize(
    ("text", "most", "period"), [("50/s", 50, SECOND), ("600/m", 600, 60 * SECOND)]
)
def test_a_rate_is_read(text, most, period):
    assert allowance(3, text) == Allowance(3, most, period)


@pytest.mark.parametrize("text", ["", "0/s", "5", "5/h", "-1/s", "5/s ", "٥/s", "99999999/s"])
def test_what_is_no_rate_limits_nothing(text):
    assert allowance(3, text) is None


def test_a_full_bucket_gives_all_at_once_and_then_one_an_interval():
    asked, full, now = Allowance(1, 4, SECOND), 0.0, 10.0 * SECOND
    for _ in range(4):
        wait, full = taken(full, now, asked)
        assert wait == 0
    assert taken(full, now, asked) == (SECOND / 4, full)
    assert taken(full, now + SECOND / 4 - 1, asked)[0] == 1
    wait, full = taken(full, now + SECOND / 4, asked)
    assert wait == 0


def test_a_clock_that_was_put_back_shuts_nobody_out_for_longer_than_a_period():
    asked = Allowance(1, 4, SECOND)
    wait, _ = taken(10.0**15, 5.0, asked)
    assert wait == SECOND / 4


@given(
    most=st.integers(1, 50),
    pauses=st.lists(st.floats(0, SECOND), min_size=1, max_size=200),
)
def test_in_no_period_is_more_allowed_than_twice_what_the_bucket_holds(most, pauses):
    """The bucket, and what flows in meanwhile."""
    asked, full, now, allowed = Allowance(1, most, SECOND), 0.0, 1e15, []
    for pause in pauses:
        now += pause
        wait, full = taken(full, now, asked)
        if wait == 0:
            allowed.append(now)
    for start in allowed:
        assert sum(start <= one < start + SECOND for one in allowed) <= 2 * most


def test_processes_of_one_machine_share_their_buckets():
    buckets = Buckets()
    reading, writing = os.pipe()
    children = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            granted = sum(buckets.take(SLOW) == 0 for _ in range(500))
            os.write(writing, b"x" * granted)
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    os.close(writing)
    assert os.read(reading, 1000) == b"x" * SLOW.most
    os.close(reading)


def test_campuses_have_buckets_of_their_own():
    buckets = Buckets()
    while buckets.take(SLOW) == 0:
        pass
    assert buckets.take(Allowance(8, 5, SECOND)) == 0


async def test_without_redis_a_machine_counts_by_itself():
    limits = Limits(Buckets())
    assert [await limits.wait(SLOW) == 0 for _ in range(6)] == [True] * 5 + [False]
    assert await limits.wait(SLOW) == pytest.approx(720, abs=60)


@pytest.mark.needs("redis-server")
async def test_all_machines_share_what_redis_counts(linked):
    links = [linked(), linked()]
    machines = [Limits(Buckets(), link) for link in links]
    await until(lambda: all(link.connected for link in links))
    waits = await asyncio.gather(*(one.wait(SLOW) for one in machines * 50))
    assert sorted(wait == 0 for wait in waits) == [False] * 95 + [True] * 5
    assert max(waits) == pytest.approx(720, abs=60)


@pytest.mark.needs("redis-server")
async def test_what_redis_counts_comes_back_with_time(linked):
    link, quick = linked(), Allowance(9, 5, SECOND)
    limits = Limits(Buckets(), link)
    await until(lambda: link.connected)
    while (wait := await limits.wait(quick)) == 0:
        pass
    assert 0 < wait <= 0.2
    await until(lambda: _allowed(limits, quick), 5)


async def _allowed(limits, asked):
    return await limits.wait(asked) == 0


@pytest.mark.needs("redis-server")
async def test_while_redis_is_away_each_machine_goes_on_by_itself(linked, redis):
    links = [linked(), linked()]
    machines = [Limits(Buckets(), link) for link in links]
    await until(lambda: all(link.connected for link in links))
    while await machines[0].wait(SLOW) == 0:
        pass
    redis.kill()
    waits = await asyncio.gather(*(one.wait(SLOW) for one in machines * 20))
    # Each has its own full bucket now: never without a limit, never shut.
    assert sum(wait == 0 for wait in waits) == 2 * SLOW.most
    redis.start()
    await until(lambda: all(link.connected for link in links))
    waits = await asyncio.gather(*(one.wait(SLOW) for one in machines * 20))
    assert sum(wait == 0 for wait in waits) == SLOW.most
