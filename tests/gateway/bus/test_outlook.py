import asyncio
import time

import pytest

from gateway.bus.buckets import Buckets
from gateway.bus.bus import Bus
from gateway.bus.outlook import Outlook
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
