import asyncio
import os

import pytest

from gateway.bus.wakes import Wakes
from gateway.store.notices import Notices
from gateway.store.records import Batch
from tests.waiting import until

pytestmark = pytest.mark.needs("redis-server")


class Process:
    """One process: its listeners, its link, and what it was told."""

    def __init__(self, link, notices=None):
        self.link = link
        self.notices = notices or Notices()
        self.told = []
        Wakes(self.notices, link)
        self.notices.subscribe("topic", lambda *one: self.told.append(one))


async def connected(*processes):
    await until(lambda: all(one.link.connected for one in processes))


async def test_a_commit_here_is_heard_there_and_told_once(store, linked):
    here, there = Process(linked(), store.notices), Process(linked())
    await connected(here, there)
    assert store.notices.carried
    await store.submit(Batch(os.urandom(16), notices=[("topic", "1"), ("other", "")]))
    await until(lambda: there.told)
    # What comes back by way of Redis is not told again.
    await asyncio.sleep(0.2)
    assert here.told == there.told == [("topic", "1")]


async def test_notices_of_one_moment_travel_once(linked):
    here, there = Process(linked()), Process(linked())
    await connected(here, there)
    for number in range(1000):
        here.notices.committed([("topic", str(number % 700)), ("topic", "same")])
    await until(lambda: len(there.told) >= 701)
    assert len(there.told) == 701
    assert set(there.told) == set(here.told)


async def test_a_commit_does_not_wait_for_redis(store, linked, redis):
    here, there = Process(linked(), store.notices), Process(linked())
    await connected(here, there)
    redis.hold_up()
    try:
        async with asyncio.timeout(2):
            for number in range(50):
                await store.submit(Batch(os.urandom(16), notices=[("topic", str(number))]))
        assert len(here.told) == 50
    finally:
        redis.let_go()


async def test_while_redis_is_away_nobody_is_told_and_nothing_fails(store, linked, redis):
    here, there = Process(linked(), store.notices), Process(linked())
    await connected(here, there)
    redis.kill()
    await until(lambda: not here.link.connected)
    assert not store.notices.carried
    await store.submit(Batch(os.urandom(16), notices=[("topic", "lost")]))
    assert here.told == [("topic", "lost")]
    redis.start()
    await connected(here, there)
    await store.submit(Batch(os.urandom(16), notices=[("topic", "found")]))
    await until(lambda: there.told == [("topic", "found")])


async def test_what_is_not_ours_on_the_channel_is_passed_over(linked, caplog):
    here, there = Process(linked()), Process(linked())
    await connected(here, there)
    for body in (b"", b"hello", b"\x92\xa1x", b"\x92\xc4\x01x\x91\x92\x01\x02"):
        here.link.publish(body)
    here.notices.committed([("topic", "1")])
    await until(lambda: there.told == [("topic", "1")])
    assert "not one of ours" in caplog.text
