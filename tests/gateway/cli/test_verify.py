"""Damage of every kind is found; a sound store is not blamed."""

import json
import sqlite3
import time
from contextlib import closing
from zoneinfo import ZoneInfo

import pytest

from gateway.access.audit import Recorder
from gateway.access.directory import Directory
from gateway.interactions.commit import Change, commit
from gateway.interactions.door import Door
from gateway.store.connection import DATABASE
from tests.gateway.access.members import tell


def _observation(number):
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "identifier": [{"system": "urn:hutong:B:filler", "value": f"F{number}"}],
        "code": {"coding": [{"system": "urn:hutong:B:item", "code": "HGB"}], "text": "血红蛋白"},
        "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": "2026-11-01",
    }


PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "name": [{"text": "测试"}],
    "identifier": [{"system": "urn:hutong:B:pid", "value": "1"}],
}
PERSON = {
    "resourceType": "Person",
    "id": "h1",
    "link": [{"target": {"reference": "Patient/p1"}, "assurance": "level4"}],
}


def _change(resource):
    return Change(resource["resourceType"], resource["id"], json.dumps(resource).encode())


@pytest.fixture
def filled(hutong, within, tmp_path):
    """A store with a bit of everything; gives its database."""
    hutong("campus", "add", "B", "--name", "城关")
    within(_fill)
    return tmp_path / DATABASE


async def _fill(store):
    directory = Directory(store, bootstrap_token="start")  # noqa: S106 - made up here
    door = Door(
        store, directory, Recorder(store), ZoneInfo("UTC"), lambda: time.time_ns() // 1000, b""
    )
    actor = directory.actor("start", campus="B")
    await commit(door, actor, [_change(PATIENT), *(_change(_observation(n)) for n in range(3))])
    await commit(door, actor, [_change(_observation(0) | {"status": "amended"})])
    await commit(door, actor, [Change("Observation", "o2", None)])
    await commit(door, actor, [_change(PERSON)])
    await tell(store, ("channel_seen", (1, "LIS", 1, 1)))
    await tell(store, ("inbox_add", (1, 1, 1, "hl7v2", "B", "C", b"h", b"raw")))
    await tell(store, ("inbox_finish", (2, "no-patient", "{}", 5, 1, 1)))


def _damage(database, *statements):
    with closing(sqlite3.connect(database)) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount > 0
        connection.commit()


@pytest.mark.usefixtures("filled")
def test_a_sound_store_has_no_findings(hutong):
    verified = hutong("verify")
    assert len(verified.lines) == 1
    assert verified.out.startswith("8 versions, ")
    assert "1 messages" in verified.out
    assert "nothing is wrong" in verified.out


def test_a_folder_without_data_is_named_not_called_sound(hutong):
    assert "no data in" in hutong("verify", code=1).error


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "DELETE FROM sp_token WHERE row = (SELECT max(row) FROM sp_token)",
            "index row is missing",
        ),
        ("DELETE FROM sp_date WHERE row = (SELECT max(row) FROM sp_date)", "index row is missing"),
        ("DELETE FROM clinical WHERE code = 0", "clinical of row"),
        ("INSERT INTO sp_string SELECT 1, 1, 1, 1 FROM word LIMIT 1", "index row is left over"),
        ("UPDATE sp_reference SET campus = 7", "index row is left over"),
        ("INSERT INTO sp_token VALUES (1, 99999, 1, 1)", "a code in the index is not interned"),
        ("INSERT INTO sp_reference VALUES (1, 99999, 1, 1)", "a reference in the index is not"),
        ("INSERT INTO sp_string VALUES (1, 99999, 1, 1)", "a text in the index is not interned"),
        ("UPDATE term SET system = 99999", "a code's system is not interned"),
        ("INSERT INTO business_key VALUES (1, 1, 1, 99999)", "no living resource of its campus"),
        (
            "UPDATE business_key SET key = (SELECT key FROM res WHERE op = 2)",
            "no living resource of its campus",
        ),
        ("UPDATE certain SET holder = (SELECT key FROM res WHERE op = 2)", "held by no living"),
        ("UPDATE certain SET patient = 99999", "a link's patient is not interned"),
        ("INSERT INTO audience VALUES (99999, 1)", "an audience is of no resource"),
        ("DELETE FROM outbox WHERE row = (SELECT max(row) FROM outbox)", "no outbox row"),
        ("INSERT INTO outbox VALUES (9, 1, 1, 1, 0)", "an outbox row has no version"),
        ("UPDATE res SET body = X'00' WHERE op = 1", "body cannot be read"),
        ("UPDATE res SET digest = X'00' WHERE op = 1", "body is not what was written"),
        ("UPDATE key SET fhir_id = 'p2' WHERE fhir_id = 'p1'", "body is another resource's"),
        ("UPDATE res SET keys = NULL WHERE dead IS NULL", "has no list of index rows"),
        ("UPDATE res SET keys = X'C1' WHERE op = 1", "list of index rows cannot be read"),
        ("UPDATE res SET dead = 5 WHERE version = 2 AND op = 1", "no version is current"),
        ("UPDATE res SET dead = 5 WHERE version = 1 AND dead > 0", "the version before does not"),
        ("UPDATE res SET version = 3 WHERE version = 2 AND op = 1", "version 2 is missing"),
        ("UPDATE audit SET body = replace(body, 'command', 'somebody')", "the chain is broken"),
        ("UPDATE audit SET token = 7", "columns say something else"),
        ("DELETE FROM audit WHERE seq = 2", "event 2 is missing"),
        ("UPDATE inbox SET state = 9", "state is unknown"),
        ("UPDATE inbox SET finished = NULL", "finished at no time"),
        ("UPDATE inbox SET reason = ''", "held for no reason"),
        ("UPDATE inbox SET channel = 99", "campus or channel"),
        ("UPDATE inbox SET account = '{'", "account cannot be read"),
    ],
)
def test_damage_is_found(hutong, filled, statement, words):
    _damage(filled, statement)
    verified = hutong("verify", code=1, silent=True)
    assert words in verified.out
    assert "findings" in verified.lines[-1]


def test_a_file_that_is_no_database_is_a_finding(hutong, filled):
    with filled.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(bytes(4096 * 3))
    assert "database" in hutong("verify", code=1, silent=True).out
