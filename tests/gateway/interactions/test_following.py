"""What followers ask for is written with the change that caused it."""

import json
from dataclasses import replace

from gateway.interactions.create import create
from gateway.interactions.delete import delete
from gateway.interactions.following import Followed
from gateway.interactions.prepare import Change
from gateway.interactions.update import update
from tests.gateway.interactions.consortium import encoded, observation, patient

SEEN = []


def remember(door, events):
    """Follow each Observation with a Basic that names it."""
    del door
    SEEN.extend(events)
    named = [one for one in events if one.type == "Observation" and one.is_new]
    bodies = [
        {
            "resourceType": "Basic",
            "id": f"of-{one.id}",
            "code": {"text": f"{one.name}/_history/{one.version}"},
        }
        for one in named
    ]
    return Followed(
        changes=[
            Change("Basic", body["id"], json.dumps(body).encode(), 0, (one.campus, one.code))
            for one, body in zip(named, bodies, strict=True)
        ],
        statements=[("setting_put", ("followed", one.id)) for one in named],
    )


async def test_what_follows_is_written_in_the_same_transaction(house):
    SEEN.clear()
    door = replace(house.door, followers=(remember,))
    await house.put("A", patient())
    written = await create(door, house.actor("A"), "Observation", encoded(observation("o1")))
    id_ = written.stored.id
    read = (await house.read("A", f"Basic/of-{id_}")).resource()
    assert read["code"]["text"] == f"Observation/{id_}/_history/1"
    assert door.store.fetch("setting", ("followed",)) == [(id_,)]
    assert [(one.name, one.version, one.code) for one in SEEN] == [(f"Observation/{id_}", 1, "A")]
    await delete(door, house.actor("A"), "Observation", id_)
    gone = SEEN[-1]
    assert (gone.after, gone.version, gone.before.version, gone.code) == (None, 2, 1, "A")


async def test_what_changes_nothing_is_not_followed(house):
    door = replace(house.door, followers=(remember,))
    for _ in range(2):
        SEEN.clear()
        written = await update(door, house.actor("A"), "Patient", "p1", encoded(patient()))
    assert not written.changed
    assert SEEN == []
