"""What a person decides about two Patients, by command, over a link that is in doubt."""

import json
import os

import pytest

from gateway import app
from gateway.access.actor import Actor
from gateway.access.scopes import Scopes
from gateway.interactions.update import update
from gateway.recognition.recall.suspension import suspended
from gateway.settings import Settings

PAIR = {"a1": ("A", 1, "A型"), "b1": ("B", 2, "O型")}


@pytest.fixture
def people(hutong, within):
    """Patients a1 of campus A and b1 of campus B, joined by hand, of differing blood groups."""
    for code in ("A", "B"):
        hutong("campus", "add", code, "--name", code)
    within(lambda store: _each(store, _patient))
    hutong("patient", "link", "A/a1", "B/b1", "--reason", "同一人")
    within(lambda store: _each(store, _group))
    return within


async def _each(store, make):
    door = await app.open_door(Settings.from_environment(os.environ), store)
    for id_, (code, campus, group) in PAIR.items():
        actor = Actor(campus, campus, code, Scopes.parse("system/*.cruds"))
        resource = make(id_, code, group)
        body = json.dumps(resource).encode()
        await update(door, actor, resource["resourceType"], resource["id"], body)
    await door.recorder.close()


def _patient(id_, code, group):
    del group
    number = {"system": f"urn:hutong:{code}:pid", "value": id_}
    return {"resourceType": "Patient", "id": id_, "identifier": [number]}


def _group(id_, code, group):
    del code
    return {
        "resourceType": "Observation",
        "id": f"g-{id_}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "883-9"}]},
        "subject": {"reference": f"Patient/{id_}"},
        "valueString": group,
    }


async def _doubt(store):
    return set(suspended(store, PAIR)), store.link_set(["a1"])[0]


def test_confirming_a_link_in_doubt_lets_it_hold_again(people, hutong):
    assert people(_doubt) == (set(PAIR), set(PAIR))
    hutong("patient", "link", "A/a1", "B/b1", "--reason", "血型录入有误，已核实")
    assert people(_doubt) == (set(), set(PAIR))


def test_cutting_a_link_in_doubt_settles_it(people, hutong):
    hutong("patient", "unlink", "A/a1", "B/b1", "--reason", "两人同名")
    assert people(_doubt) == (set(), {"a1"})
