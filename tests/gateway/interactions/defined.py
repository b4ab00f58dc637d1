"""Search parameters that tests define, and how they are built."""

from gateway.interactions.reindex import define
from tests import databases

URL = "http://hutong.test/fhir/SearchParameter/"
EXTENSION = "http://hutong.test/ext/"


def parameter(code, base, kind, expression="", **more):
    """An active SearchParameter; its id and url are made of its code."""
    found = {
        "resourceType": "SearchParameter",
        "id": code,
        "url": URL + code,
        "name": code.title().replace("-", ""),
        "status": "active",
        "description": "Of a test.",
        "code": code,
        "base": [base] if isinstance(base, str) else base,
        "type": kind,
        "expression": expression,
    }
    return {name: value for name, value in {**found, **more}.items() if value != ""}


def extension(name, **value):
    return {"url": EXTENSION + name, **value}


def of(type_, name):
    """The expression of an extension's value."""
    return f"{type_}.extension('{EXTENSION}{name}').value"


async def build(house):
    """Do what the worker does until nothing is left to do; return in how many portions."""
    portions = 0
    while await define(house.door):
        portions += 1
    house.door.params.forget()
    return portions


async def defined(house, *resources):
    for one in resources:
        await house.put(house.admin(), one)
    await build(house)


COUNTED = {
    table: f"SELECT count(*) FROM {table} WHERE param >= ? AND param < ?"  # noqa: S608 - of these
    for table in ("sp_token", "sp_text", "sp_string", "sp_quantity", "sp_present")
}


def rows_of(house, number):
    ids = 1_000_000 + number * 256, 1_000_000 + (number + 1) * 256
    return sum(databases.rows(house.folder, sql, ids)[0][0] for sql in COUNTED.values())
