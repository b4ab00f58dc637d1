"""The committed table of expected outcomes, message by message, each on an empty store."""

import csv
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from adapters.hl7v2 import split
from gateway.fhir.definitions import TYPE_NAMES
from tests.gateway.ingest.county import County
from tests.tools import ROOT, SHARED

TABLE = ROOT / "tests" / "outcomes" / "hl7v2.tsv"
MESSAGES = SHARED / "data" / "hl7v2"
STORED, QUARANTINED = 1, 2
MOST_NOT_STORED = 0.05


def rows():
    with TABLE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def message_of(row):
    return split((MESSAGES / row["file"]).read_bytes())[int(row["message"]) - 1]


def test_at_most_one_in_twenty_well_formed_messages_is_not_stored():
    well_formed = [row for row in rows() if row["well-formed"] == "yes"]
    not_stored = [row for row in well_formed if row["outcome"] != "stored"]
    assert len(not_stored) <= MOST_NOT_STORED * len(well_formed)


@pytest.fixture
async def empty(fresh_folder):
    """A function that gives a gateway on an empty store, where any sender is campus A's guest."""
    async with AsyncExitStack() as stack:

        async def opened():
            return await stack.enter_async_context(County.opened(fresh_folder(), open_campus="A"))

        yield opened


@pytest.mark.needs("shared data")
@pytest.mark.parametrize("part", range(8))
async def test_each_message_has_the_outcome_that_the_table_says(empty, part):
    wrong = []
    for row in rows()[part::8]:
        county = await empty()
        receipt = await county.say(message_of(row))
        await county.worker.drain()
        told = judged(county, receipt)
        if told != expected(row):
            wrong.append((row["file"], row["message"], told, expected(row)))
    assert wrong == []


def expected(row):
    if row["outcome"] == "quarantined":
        return "quarantined", row["reason"]
    pairs = (one.split(":") for one in row["resources"].split())
    return "stored", {name: int(count) for name, count in pairs}


def judged(county, receipt):
    if receipt.code != "AA":
        return "refused", receipt.location
    outcome = county.last()
    if outcome.state == QUARANTINED:
        return "quarantined", outcome.reason
    assert outcome.state == STORED
    stored = Counter(
        TYPE_NAMES[type_] for _, type_, *_ in county.store.fetch("outbox_after", (0, 1000))
    )
    return "stored", dict(stored)


@pytest.mark.needs("shared data")
@pytest.mark.parametrize("part", range(8))
async def test_no_message_changes_anything_when_it_is_processed_again(empty, part):
    changed = []
    for row in rows()[part::8]:
        if row["outcome"] != "stored":
            continue
        county = await empty()
        await county.say(message_of(row))
        await county.worker.drain()
        before = county.store.fetch("last_row")
        first = county.last()
        await county.say(under_another_control_id(message_of(row)))
        await county.worker.drain()
        assert county.last().id != first.id
        if county.store.fetch("last_row") != before:
            changed.append((row["file"], row["message"], county.last().told().get("made")))
    assert changed == []


def under_another_control_id(message):
    start = message.index(b"MSH")
    separator = message[start + 3 : start + 4]
    line, rest = (
        message[start:].split(b"\r", 1) if b"\r" in message else message[start:].split(b"\n", 1)
    )
    fields = [*line.split(separator), *[b""] * 10][: max(len(line.split(separator)), 10)]
    fields[9] = b"again"
    return message[:start] + separator.join(fields) + b"\r" + rest.lstrip(b"\n")
