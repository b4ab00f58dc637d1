"""Dates that are ranges: found alike whether they are entered by their begin or by their end."""

import itertools
import random

import pytest

from gateway.fhir.dates import MAX_TICK, MIN_TICK, matches
from gateway.fhir.definitions import TYPE_IDS
from gateway.store.query import Dates, Query
from gateway.store.records import LONG, UNDATED, Viewer
from tests.gateway.store.samples import DATE, batch, write

MIDDLE = 10 * LONG
LENGTHS = (1, LONG // 2, LONG - 1, LONG, LONG + 1, 3 * LONG)
RANGES = [
    *((begin, begin + length) for begin in (0, MIDDLE - 1, MIDDLE) for length in LENGTHS),
    *((MIDDLE - length + shift, MIDDLE + shift) for length in LENGTHS for shift in (-1, 0, 1)),
    *((MIN_TICK, end) for end in (MIDDLE, MIDDLE + 1, MAX_TICK)),
    *((begin, MAX_TICK) for begin in (MIDDLE - LONG - 1, MIDDLE, MIDDLE + 1)),
    (UNDATED, UNDATED),
]
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


@pytest.fixture
async def ranges(either):
    await either.submit(
        batch(
            *(
                write("Encounter", f"e{number}", dates=[(DATE, low, high)])
                for number, (low, high) in enumerate(RANGES)
            )
        )
    )
    return either


async def found(store, *bounds):
    query = Query(TYPE_IDS["Encounter"], Viewer(1), (Dates((DATE,), bounds),), count=100)
    return {int(one.id[1:]) for one in (await store.search(query)).matches}


def expected(*bounds):
    return {
        number
        for number, (low, high) in enumerate(RANGES)
        if low != UNDATED and any(matches(how, (lo, hi), low, high) for how, lo, hi in bounds)
    }


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_range_of_any_length_is_found_by_where_it_ends(ranges, prefix):
    for at, length in itertools.product((0, MIDDLE - 1, MIDDLE, MIDDLE + 1), (1, LONG, 2 * LONG)):
        bound = prefix, at, at + length
        assert await found(ranges, bound) == expected(bound), bound


async def test_any_of_several_bounds_is_enough(ranges):
    chance = random.Random(4)  # noqa: S311 - the same each time
    for count in (2, 3, 20, 40):
        bounds = [
            (chance.choice(PREFIXES), at, at + chance.choice([1, LONG, 2 * LONG]))
            for at in (chance.randrange(MIDDLE // 2, 2 * MIDDLE) for _ in range(count))
        ]
        assert await found(ranges, *bounds) == expected(*bounds), bounds
