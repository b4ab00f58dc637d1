"""A notice that is lost delays, and no more: the gateway looks by itself now and then."""

from dataclasses import replace

from tests.gateway.events.house import House, topical
from tests.gateway.interactions.consortium import observation
from tests.waiting import until


class Deaf:
    """A store whose notices reach nobody."""

    def __init__(self, store):
        self._store = store

    def __getattr__(self, name):
        return getattr(self._store, name)

    def subscribe(self, topic, listener):
        pass


def deafen(house: House):
    house.door = replace(house.door, store=Deaf(house.store))
    house.serve()


async def test_a_subscription_that_nobody_told_of_is_found(house, receiver):
    deafen(house)
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("B", observation("x"))
    await until(lambda: receiver.events)


async def test_so_is_another_wording_of_it(house, receiver, other):
    deafen(house)
    await house.subscribe("A", topical("s", receiver.url))
    await house.put("A", topical("s", other.url))
    await until(lambda: house.status("s") == "active")
    await house.put("B", observation("x"))
    await until(lambda: other.events)
    assert not receiver.events


async def test_so_is_that_it_was_deleted(house, receiver):
    deafen(house)
    await house.subscribe("A", topical("s", receiver.url))
    await house.delete("A", "Subscription/s")
    await until(lambda: "s" not in house.book.subscribers)
