"""`hutong reindex`: what it tells, and that names are read anew with the rows."""

import json
import sqlite3
import time
from contextlib import closing
from zoneinfo import ZoneInfo

from gateway.access.audit import Recorder
from gateway.access.directory import Directory
from gateway.interactions.commit import Change, commit
from gateway.interactions.door import Door
from gateway.store.connection import DATABASE

PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"text": "王 秀英"}]}


async def _fill(store):
    directory = Directory(store, bootstrap_token="start")  # noqa: S106 - made up here
    door = Door(
        store, directory, Recorder(store), ZoneInfo("UTC"), lambda: time.time_ns() // 1000, b""
    )
    actor = directory.actor("start", campus="B")
    await commit(door, actor, [Change("Patient", "p1", json.dumps(PATIENT).encode())])


def test_names_come_with_the_rows(hutong, within, tmp_path):
    hutong("campus", "add", "B", "--name", "城关")
    within(_fill)
    assert hutong("reindex").lines == ["2 resources are indexed."]
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database, database:
        database.execute("UPDATE word SET folded = text")
    assert hutong("reindex").lines == [
        "2 resources are indexed.",
        "1 names compare and sound as they are read now.",
    ]
    with closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        folded = database.execute("SELECT folded FROM word WHERE text = '王 秀英'").fetchall()
    assert folded == [("王秀英",)]
