"""Somebody is told while no catalogue is in force."""

import asyncio
import os

from gateway.recognition.catalogue.model import Catalogue
from gateway.recognition.catalogue.publish import is_stored, publish, started
from gateway.recognition.catalogue.registry import Catalogues, pack
from gateway.recognition.catalogue.starter import starter
from gateway.recognition.catalogue.watch import EXPIRED, OVERLAPPING, Watch
from gateway.store.records import Batch
from tests.waiting import until


async def tell(house, *statements):
    await house.store.submit(
        Batch(os.urandom(16), statements=list(statements), notices=[("config", "")])
    )


async def end(house, version, day):
    ((body,),) = house.store.fetch("catalogue_body", (version,))
    await tell(house, ("catalogue_end", (day, version, version, body)))


def row(version, start):
    made = Catalogue(version=version, effective_from=start, approver="甲")
    return "catalogue_add", (version, 0, start, None, "甲", "", pack(made), version - 1)


def alerts(house):
    return [(row[1], row[4], row[7]) for row in house.store.fetch("alerts_open", (10,))]


async def test_an_alert_stands_while_none_or_two_are_in_force(house):
    catalogues = Catalogues(house.store, house.door.clock)
    watch = Watch(house.door, catalogues)
    await watch.look()
    assert alerts(house) == []
    await tell(house, started(0))
    await end(house, 1, "2000-01-02")
    await watch.look()
    await watch.look()
    assert alerts(house) == [("catalogue", EXPIRED, 1)]
    await tell(house, row(2, "2000-01-01"), row(3, "2000-01-01"))
    await watch.look()
    assert [text for _, text, _ in alerts(house)] == [OVERLAPPING]
    assert catalogues.now() is None
    await end(house, 2, "2000-01-01")
    await watch.look()
    assert alerts(house) == []


async def test_the_worker_keeps_the_proposals_as_version_1(house):
    catalogues = Catalogues(house.store, house.door.clock)
    work = asyncio.create_task(Watch(house.door, catalogues).run())
    await until(lambda: house.store.fetch("catalogues"))
    work.cancel()
    assert house.store.fetch("catalogues")[0][:1] == (1,)
    assert catalogues.now().catalogue == starter()


async def test_of_two_imports_at_once_one_is_stored(house):
    catalogues = Catalogues(house.store, house.door.clock)
    given = [Catalogue(version=0, effective_from="", approver=one) for one in "甲乙"]
    made = [publish(one, catalogues.versions(), today="2026-07-01", at=5) for one in given]
    for one in made:
        await tell(house, *one.statements)
    assert [is_stored(house.store, one) for one in made] == [True, False]
    assert [one.approver for one in catalogues.versions()] == ["", "甲"]
    assert catalogues.version(1).catalogue.effective_to == "2026-07-01"
