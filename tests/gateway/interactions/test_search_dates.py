"""The 189 rows of date search as R4 means them, asked of the door in UTC."""

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from tests.gateway.interactions.consortium import observation


@pytest.mark.needs("shared data")
async def test_every_row_of_the_table_is_found(house, shared):
    house.door = replace(house.door, zone=ZoneInfo("UTC"))
    table = json.loads((shared / "data/fhir-r4/date-prefix-r4-strict.json").read_bytes())
    for number, row in enumerate(table["fixture"]):
        when = (
            {"effectiveDateTime": _with_zone(row)}
            if isinstance(row, str)
            else {"effectivePeriod": {"start": row[0], "end": row[1]}}
        )
        await house.put("A", observation(f"o{number}", None, **when))
    wrong = {}
    for row in table["rows"]:
        found = sorted(await house.ids("A", f"Observation?date={row['q']}&_count=100"))
        if found != [f"o{number}" for number in row["expect"]]:
            wrong[row["q"]] = (found, row["expect"])
    assert wrong == {}
    assert len(table["rows"]) == 189


def _with_zone(text):
    """A dateTime with a time has a zone in FHIR; the table leaves it out."""
    return f"{text}Z" if "T" in text else text


@pytest.mark.parametrize("prefix", ["", "le", "ge", "ap"])
async def test_milliseconds_find_the_microseconds_within_them(house, prefix):
    await house.put("A", observation("o", None, effectiveDateTime="2020-01-01T00:00:00.123456Z"))
    date = f"Observation?date={prefix}2020-01-01T00:00:00.123Z"
    assert await house.ids("A", date) == ["o"]
    (stored,) = (await house.search("A", "Observation")).matches
    updated = stored.resource()["meta"]["lastUpdated"]
    asked = f"Observation?_lastUpdated={prefix}{updated[: -len('456Z')]}Z"
    assert await house.ids("A", asked) == ["o"]
