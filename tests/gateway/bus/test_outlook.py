import asyncio
import time

import pytest

from gateway.bus.buckets import Buckets
from gateway.bus.bus import Bus
from gateway.bus.outlook import Outlook
from gateway.errors import UnavailableError
from gateway.store.migrate import migrate
from gateway.store.sender import LocalSender
from gateway.store.sqlite import SQLiteStore
from tests.waiting import until


def microseconds():
    return time.time_ns() // 1000


def alerts(store):
    return [row[1:3] for row in store.fetch("alerts_open", (10,))]


@pytest.mark.needs("redis-server")
async def test_an_alert_tells_that_redis_is_away_and_closes_by_itself(store, redis):
    redis.kill()
    bus = Bus(store, Buckets(), redis.url, "county")
    bus.start()
    look = Outlook(store, bus, "machine:8080 1f2e", microseconds)
    task = asyncio.create_task(look.run(every=0.05))
    await until(lambda: alerts(store) == [("redis", "machine:8080")])
    redis.start()
    await until(lambda: not alerts(store))
    redis.kill()
    await until(lambda: alerts(store))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bus.close()


class Deaf(SQLiteStore):
    """A store whose answers to what it took are lost while it is told so."""

    single = False
    lost = False

    async def submit(self, batch):
        told = await super().submit(batch)
        if self.lost:
            raise UnavailableError("the answer was lost")
        return told


@pytest.mark.needs("redis-server")
async def test_an_alert_whose_raising_was_not_answered_is_closed(tmp_path, redis):
    migrate(tmp_path)
    store = Deaf(tmp_path, LocalSender(tmp_path))
    bus = Bus(store, Buckets(), redis.url, "county")
    bus.start()
    await until(lambda: bus.connected)
    task = asyncio.create_task(Outlook(store, bus, "machine:8080", microseconds).run(every=0.05))
    await asyncio.sleep(0.2)
    store.lost = True
    redis.kill()
    await until(lambda: alerts(store))
    redis.start()
    await until(lambda: bus.connected)
    store.lost = False
    await until(lambda: not alerts(store))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bus.close()
    await store.close()


async def test_where_none_is_set_there_is_nothing_to_tell(store):
    bus = Bus(store, Buckets())
    bus.start()
    assert bus.connected is None
    task = asyncio.create_task(Outlook(store, bus, "m", microseconds).run(every=0.001))
    await asyncio.sleep(0.2)
    assert not alerts(store)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await bus.close()
