"""What nobody reports by itself."""

from dataclasses import replace

import pytest

from gateway.ingest.watch import Watch, seconds
from tests.gateway.ingest.messages import oru


class Later:
    """A gateway's door some seconds later."""

    def __init__(self, door):
        self.door = door
        self.by = 0

    def watch(self):
        return Watch(replace(self.door, clock=lambda: self.door.clock() + self.by * 1_000_000))


@pytest.mark.parametrize(
    ("text", "number"), [("", 0), ("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86400)]
)
def test_a_duration_is_read(text, number):
    assert seconds(text) == number


async def test_a_channel_that_falls_silent_raises_an_alert_until_it_speaks_again(county):
    await county.set("B", "LIS", '{"silent-after": "1m"}')
    await county.hear(oru())
    later = Later(county.door)
    watch = later.watch()
    await watch.look()
    assert ("silent", "B/LIS") not in county.alerts()
    later.by = 61
    await watch.look()
    assert ("silent", "B/LIS") in county.alerts()
    later.by = 0
    await watch.look()
    assert ("silent", "B/LIS") not in county.alerts()


async def test_a_channel_without_a_limit_may_be_silent(county):
    await county.hear(oru())
    later = Later(county.door)
    later.by = 1_000_000
    await later.watch().look()
    assert county.alerts() == set()


async def test_an_inbox_that_nobody_empties_raises_an_alert(county):
    await county.keep(oru())
    later = Later(county.door)
    watch = later.watch()
    later.by = 31
    await watch.look()
    assert ("full-queue", "inbox") in county.alerts()
    await county.worker.drain()
    await watch.look()
    assert county.alerts() == set()
