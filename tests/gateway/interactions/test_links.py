"""Who will be one human after a commit, seen before it is made."""

import pytest

from gateway.interactions.following import Event
from gateway.interactions.links import Links
from tests.gateway.interactions.consortium import encoded, patient


def event(resource, campus=1):
    return Event(
        type="Patient",
        id=resource["id"],
        campus=campus,
        code="",
        version=1,
        before=None,
        after=resource,
        body=encoded(resource),
    )


@pytest.mark.parametrize(
    ("address", "campus", "joined"),
    [
        ("Patient/a", 1, {"a", "b"}),
        ("Patient/a/_history/1", 1, {"a", "b"}),
        ("BASE/Patient/a", 1, {"a", "b"}),
        ("http://elsewhere.test/fhir/Patient/a", 1, {"a"}),
        ("Patient/a", 2, {"a"}),
    ],
)
async def test_a_merge_of_two_that_come_together_counts(house, address, campus, joined):
    link = [
        {"type": "replaced-by", "other": {"reference": address.replace("BASE", house.door.base)}}
    ]
    events = [event(patient("a")), event(patient("b", link=link), campus)]
    assert Links(house.door, events).after("a") == joined
