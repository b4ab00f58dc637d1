"""Versions, tombstones and the bytes that come back."""

import asyncio

import pytest

from gateway.fhir.definitions import TYPE_IDS
from gateway.store.query import Dates, Query, References, Strings, Tokens
from gateway.store.records import Stale, StaleError, Viewer
from tests.databases import joined
from tests.gateway.store.samples import (
    DATE,
    NAME,
    STATUS,
    SUBJECT,
    SYSTEM,
    batch,
    erase,
    rows,
    write,
)

PATIENT = TYPE_IDS["Patient"]
ANY = Viewer(1)


async def test_versions_count_from_one_and_rows_grow(either):
    commits = [
        await either.submit(batch(write("Patient", "p", rest=b',"n":%d' % number)))
        for number in range(3)
    ]
    versions = [commit.written[0][0] for commit in commits]
    moments = [commit.written[0][1] for commit in commits]
    assert versions == [1, 2, 3]
    assert moments == sorted(set(moments))
    current = either.current("Patient", "p")
    assert (current.version, current.row, current.deleted) == (3, moments[2], False)
    assert either.version("Patient", "p", 1).resource()["n"] == 0
    assert either.version("Patient", "p", 4) is None
    history = either.history(current.key, 3, 10)
    assert [version.version for version in history] == [2, 1]


async def test_a_tombstone_ends_a_resource_and_a_write_brings_it_back(store):
    await store.submit(batch(write("Patient", "p")))
    await store.submit(batch(erase("Patient", "p")))
    assert store.current("Patient", "p").deleted
    await store.submit(batch(write("Patient", "p", op="create")))
    current = store.current("Patient", "p")
    assert (current.version, current.deleted) == (3, False)
    assert [one.deleted for one in store.history(current.key, 9, 9)] == [False, True, False]


async def test_what_was_deleted_is_neither_found_nor_counted(store):
    await store.submit(batch(write("Patient", "p"), write("Patient", "q")))
    await store.submit(batch(erase("Patient", "p")))
    found = await store.search(Query(PATIENT, ANY))
    assert [one.id for one in found.matches] == ["q"]
    assert found.withheld == 0
    assert await store.count(Query(PATIENT, ANY)) == 1


async def test_a_name_that_nobody_has_leads_to_nothing(store):
    assert store.current("Patient", "none") is None
    assert store.version("Patient", "none", 1) is None
    assert store.by_key(1, "Patient", SYSTEM, "1") is None
    found = await store.search(Query(PATIENT, ANY))
    assert (found.matches, found.more, found.last) == ([], False, None)


@pytest.mark.parametrize(
    "text",
    [
        b"1.00",
        b"1.0E3",
        b"-0.0",
        b"1e0",
        b"0.10000000000000000000000000000000000000001",
        b"123456789012345678901234567890",
        b'"\\u738b\\u79c0\\u82f1 \\ud83d\\ude00 \\/"',
        '"王秀英 😀"'.encode(),
        b'"\\u0041\\n\\t\\""',
    ],
)
async def test_bytes_come_back_as_they_were_written(either, text):
    await either.submit(batch(write("Basic", "b", rest=b',"x":' + text)))
    assert either.current("Basic", "b").json().endswith(b',"x":' + text + b"}")


async def test_meta_is_filled_with_version_and_moment(store):
    commit = await store.submit(batch(write("Patient", "p")))
    meta = store.current("Patient", "p").resource()["meta"]
    assert meta["versionId"] == "1"
    moment = f"{commit.written[0][1] % 1_000_000:06d}Z"
    assert meta["lastUpdated"].endswith(moment)
    assert meta["source"] == "x"


@pytest.mark.parametrize(
    ("stands", "expected", "fresh"), [(0, 1, False), (0, 0, True), (2, 1, False), (2, 2, True)]
)
async def test_a_write_expects_a_version(store, stands, expected, fresh):
    for number in range(stands):
        await store.submit(batch(write("Patient", "p", rest=b',"n":%d' % number)))
    wanted = batch(write("Patient", "q"), write("Patient", "p", expect=expected))
    if fresh:
        assert (await store.submit(wanted)).written[1][0] == stands + 1
        return
    with pytest.raises(StaleError) as caught:
        await store.submit(wanted)
    assert caught.value.stale == Stale("version", PATIENT, "p", 1)
    assert store.current("Patient", "q") is None


async def test_a_batch_may_rest_on_a_version_that_it_does_not_write(store):
    await store.submit(batch(write("Patient", "p")))
    await store.submit(batch(write("Patient", "q"), versions=[(PATIENT, "p", 1)]))
    with pytest.raises(StaleError) as caught:
        await store.submit(batch(write("Patient", "r"), versions=[(PATIENT, "p", 2)]))
    assert caught.value.stale == Stale("version", PATIENT, "p")
    with pytest.raises(StaleError):
        await store.submit(batch(write("Patient", "r"), versions=[(PATIENT, "none", 1)]))
    await store.submit(batch(write("Patient", "r"), versions=[(PATIENT, "none", 0)]))


async def test_every_version_has_an_outbox_row(store, folder):
    await store.submit(batch(write("Patient", "p", campus=3)))
    await store.submit(batch(erase("Patient", "p", campus=3)))
    key = store.current("Patient", "p").key
    written = [row for (row,) in rows(folder, "SELECT row FROM res ORDER BY row")]
    assert store.fetch("outbox_after", (0, 9)) == [
        (written[0], PATIENT, key, 3, 1),
        (written[1], PATIENT, key, 3, 2),
    ]


async def test_an_old_version_leaves_the_search_with_its_values(store):
    first = write(
        "Observation",
        "o",
        tokens=[(STATUS, "", "registered")],
        references=[(SUBJECT, PATIENT, "p")],
        strings=[(NAME, "Wáng", "wang")],
        dates=[(DATE, 10, 20)],
    )
    second = write("Observation", "o", rest=b',"n":1', tokens=[(STATUS, "", "final")])
    clauses = [
        Tokens((STATUS,), ((None, "registered"),)),
        References((SUBJECT,), ((PATIENT, "p"),)),
        Strings((NAME,), (("prefix", "wan"),)),
        Dates((DATE,), (("eq", 10, 20),)),
    ]
    await store.submit(batch(first))
    queries = [Query(TYPE_IDS["Observation"], ANY, (clause,)) for clause in clauses]
    assert [len((await store.search(query)).matches) for query in queries] == [1] * 4
    await store.submit(batch(second))
    assert [len((await store.search(query)).matches) for query in queries] == [0] * 4
    assert [await store.count(query) for query in queries] == [0] * 4


async def test_many_writers_of_many_processes_are_one_order(folder, role):
    stores = [joined(folder) for _ in range(3)]
    jobs = [
        store.submit(batch(write("Patient", "p", rest=b',"n":%d' % number)))
        for number in range(30)
        for store in stores
    ]
    versions = sorted(commit.written[0] for commit in await asyncio.gather(*jobs))
    assert [version for version, _ in versions] == list(range(1, 91))
    assert [row for _, row in versions] == sorted(row for _, row in versions)
    for store in stores:
        assert store.current("Patient", "p").version == 90
        await store.close()
    assert role is None or role.poll() is None
