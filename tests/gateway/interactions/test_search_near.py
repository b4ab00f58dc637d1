"""`near`: what lies within a distance, compared with the haversine formula over all places."""

import math
import random

import pytest

from gateway.errors import InvalidRequestError


@pytest.fixture
def house(house):
    return house


EARTH = 6_371_008.8


def location(id_, latitude, longitude):
    position = {"latitude": latitude, "longitude": longitude}
    return {"resourceType": "Location", "id": id_, "status": "active", "position": position}


def metres(one, other):
    """The haversine formula."""
    (north, east), (up, right) = (tuple(map(math.radians, place)) for place in (one, other))
    half = (
        math.sin((up - north) / 2) ** 2
        + math.cos(north) * math.cos(up) * math.sin((right - east) / 2) ** 2
    )
    return 2 * EARTH * math.asin(math.sqrt(half))


async def test_it_finds_what_the_formula_finds_all_over_the_globe(house):
    dice = random.Random(5)  # noqa: S311 - of a test
    places = {"pole": (90, 0), "other-pole": (-90, 10), "date-line": (0, 180), "west": (0, -180)}
    for number in range(60):
        near = number % 2
        north = dice.uniform(30, 31) if near else dice.uniform(-90, 90)
        east = dice.uniform(120, 121) if near else dice.uniform(-180, 180)
        places[f"l{number}"] = (round(north, 6), round(east, 6))
    for id_, place in places.items():
        await house.put("A", location(id_, *place))
    await house.put("A", {"resourceType": "Location", "id": "nowhere"})
    for centre in ((30.5, 120.5), (89.9, 0), (-89, 77), (0, 179.9), (0, -179.9)):
        for distance, unit, factor in ((50, "km", 1000), (300, "mi", 1609.344), (5e6, "m", 1)):
            wanted = {
                id_ for id_, place in places.items() if metres(centre, place) <= distance * factor
            }
            query = f"Location?near={centre[0]}|{centre[1]}|{distance}|{unit}&_count=100"
            assert set(await house.ids("B", query)) == wanted, query


async def test_what_is_left_out_is_ten_kilometres(house):
    await house.put("A", location("in", 30, 120.09))
    await house.put("A", location("out", 30, 120.2))
    for query in ("near=30|120", "near=30|120||", "near=30.0|120.0|10", "near=30|120|10|km"):
        assert await house.ids("A", f"Location?{query}") == ["in"], query
    assert await house.ids("A", "Location?near=30|120.2|1|km,30|120.09|1|km") == ["out", "in"]
    assert await house.ids("A", "Location?near=30|120&status=active&_sort=_id") == ["in"]
    assert await house.ids("A", "Location?near:missing=true") == []
    moved = location("in", -30, 120.09)
    await house.put("A", moved)
    assert await house.ids("A", "Location?near=30|120") == []
    for value in ("30", "a|b", "91|0", "0|181", "0|0|-1|km", "0|0|1|ly", "0|0|1|km|x", "||", ""):
        with pytest.raises(InvalidRequestError):
            await house.ids("A", f"Location?near={value}")
