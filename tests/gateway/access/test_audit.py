"""What a record says, and when it is on disk."""

import asyncio
import time

import pytest

from gateway.access.actor import Actor, administrator
from gateway.access.audit import Recorder, event, read_event
from gateway.access.scopes import Scopes
from gateway.errors import UnavailableError
from gateway.store.records import Commit
from tests.waiting import SLACK, until

ACTOR = Actor(3, 2, "B", Scopes.parse("system/*.r"), person="王医生", name="his")


def _number(store):
    last = store.fetch("audit_last")
    return last[0][0] if last else 0


def test_a_record_says_who_did_what_to_which_and_when():
    audited = event(ACTOR, "E", [("Patient", "1"), "Patient/2"], query="name=x", at=5)
    assert (audited.at, audited.campus, audited.token) == (5, 2, 3)
    said = read_event(audited.body)
    assert (said.at, said.campus, said.token, said.name, said.person) == (5, 2, 3, "his", "王医生")
    assert (said.action, said.entities, said.query) == ("E", ("Patient/1", "Patient/2"), "name=x")
    assert (said.outcome, said.reason, said.break_glass) == ("0", "", False)


def test_what_says_nothing_takes_no_room():
    actor = administrator()
    assert b"person" not in event(actor, "R", ["Patient/1"], at=5).body


def test_a_record_through_the_glass_says_so():
    actor = Actor(3, 2, "B", Scopes.parse("system/*.r break-glass"))
    assert read_event(event(actor, "R", ["Patient/1"]).body).break_glass


def test_a_record_is_of_now_unless_told_otherwise():
    before = time.time_ns() // 1000
    assert before <= event(ACTOR, "R", []).at <= time.time_ns() // 1000


async def test_reads_are_durable_within_a_tenth_of_a_second(store):
    recorder = Recorder(store)
    for number in range(10):
        await recorder.add(event(ACTOR, "R", [f"Patient/{number}"]))
    assert _number(store) == 0
    await until(lambda: _number(store) == 10, 0.1 + SLACK)
    (first, *_), *_ = store.fetch("audit_after", (0, 1))
    assert first == 1


async def test_a_refusal_is_durable_before_the_answer(store):
    await Recorder(store).keep(event(ACTOR, "R", ["Patient/1"], outcome="4"))
    ((_, _, campus, token, body, _),) = store.fetch("audit_after", (0, 10))
    assert (campus, token, read_event(body).outcome) == (2, 3, "4")


async def test_closing_writes_what_waits(store):
    recorder = Recorder(store)
    await recorder.add(event(ACTOR, "R", ["Patient/1"]))
    recorder.refused("192.0.2.1")
    await recorder.close()
    assert _number(store) == 1
    await recorder.close()


async def test_calls_without_a_valid_token_are_counted_by_address_and_minute(store):
    minute = 60_000_000
    moments = iter([minute * 7, minute * 8 - 1, minute * 8, minute * 8])
    recorder = Recorder(store, clock=lambda: next(moments))
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"):
        recorder.refused(address)
    await recorder.close()
    assert sorted(store.fetch("refusals", (10,))) == [
        (7, "192.0.2.1", 2),
        (8, "192.0.2.1", 1),
        (8, "192.0.2.2", 1),
    ]
    assert _number(store) == 0


async def test_ever_new_addresses_share_one_count(store):
    recorder = Recorder(store, clock=lambda: 0)
    for number in range(1200):
        recorder.refused(f"address {number}")
    await recorder.close()
    counts = store.fetch("refusals", (2000,))
    assert len(counts) == 1001
    assert sum(count for _, _, count in counts) == 1200


class Broken:
    """A store that is away until told to be back."""

    def __init__(self):
        self.back = False
        self.asked = 0
        self.batches = []

    async def submit(self, batch):
        self.asked += 1
        if not self.back:
            raise UnavailableError("away")
        self.batches.append(batch)
        return Commit()


@pytest.mark.parametrize("room", [1, 3])
async def test_reads_wait_while_too_many_records_do(room):
    store = Broken()
    recorder = Recorder(store, room=room)
    for _ in range(room):
        await recorder.add(event(ACTOR, "R", ["Patient/1"]))
    waiting = asyncio.create_task(recorder.add(event(ACTOR, "R", ["Patient/2"])))
    await until(lambda: store.asked > 1)
    assert not waiting.done()
    store.back = True
    await waiting
    await recorder.close()
    assert sum(len(batch.audit) for batch in store.batches) == room + 1


async def test_a_store_that_is_away_gets_the_same_batch_again():
    store = Broken()
    recorder = Recorder(store)
    await recorder.add(event(ACTOR, "R", ["Patient/1"]))
    await until(lambda: store.asked > 1)
    store.back = True
    await recorder.close()
    (batch,) = store.batches
    assert batch.ticket
    assert len(batch.audit) == 1
