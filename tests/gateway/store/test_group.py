"""Batches that share a transaction: each stands alone, and names survive what fails."""

import asyncio
import time

import pytest

from gateway.errors import UnavailableError
from gateway.fhir.definitions import TYPE_IDS
from gateway.store import interning, sender
from gateway.store.new_rows import Gathered, NewRows
from gateway.store.query import Query, Tokens
from gateway.store.records import Batch, StaleError, Viewer
from gateway.store.service import BusyError, lock
from tests.databases import ON_SQLITE, joined, opened
from tests.gateway.store.samples import STATUS, SYSTEM, batch, rows, write
from tests.waiting import PATIENCE, until

PATIENT = TYPE_IDS["Patient"]
FAILING = {
    "unknown statement": Batch(ticket=b"1", statements=[("no_such_statement", ())]),
    "too few values": Batch(ticket=b"2", statements=[("setting_put", ("name",))]),
    "a number too large": Batch(ticket=b"3", statements=[("channel_seen", (2**70, "x", 1, 1))]),
    "half a character": Batch(ticket=b"4", statements=[("setting_put", ("\ud800", "x"))]),
    "a row that is there": Batch(
        ticket=b"5", statements=[("token_add", (1, "", b"same", "", 0))] * 2
    ),
    "half a character in a code": batch(
        write("Patient", "bad", tokens=[(STATUS, SYSTEM, "\ud800")]), ticket=b"6"
    ),
    "a date beyond all": batch(write("Patient", "bad", dates=[(1, 2**64, 2**64)]), ticket=b"7"),
}
"""Batches that no writer can take."""


@pytest.mark.parametrize("name", FAILING)
async def test_a_batch_that_fails_takes_nothing_with_it(store, name):
    outcomes = await asyncio.wait_for(
        asyncio.gather(
            store.submit(batch(write("Patient", "a"))),
            store.submit(FAILING[name]),
            store.submit(batch(write("Patient", "b"))),
            return_exceptions=True,
        ),
        PATIENCE,
    )
    assert isinstance(outcomes[1], RuntimeError)
    assert [outcomes[at].written[0][0] for at in (0, 2)] == [1, 1]
    assert store.current("Patient", "a")
    assert store.current("Patient", "b")
    assert store.current("Patient", "bad") is None
    # The writer goes on.
    assert (await store.submit(batch(write("Patient", "a")))).written[0][0] == 2


@ON_SQLITE
@pytest.mark.parametrize("name", ["unknown statement", "too few values", "a row that is there"])
async def test_the_store_role_survives_a_batch_that_fails(folder, role, name):
    store = joined(folder)
    with pytest.raises(RuntimeError):
        await asyncio.wait_for(store.submit(FAILING[name]), PATIENCE)
    await store.submit(batch(write("Patient", "a")))
    await store.close()
    assert role.poll() is None


async def test_a_failure_says_nothing_of_values(store):
    secret = Batch(ticket=b"x", statements=[("token_add", (1, "Zhang", b"Li", "", 0))] * 2)
    with pytest.raises(RuntimeError) as caught:
        await store.submit(secret)
    assert "Zhang" not in str(caught.value)


async def test_a_stale_batch_in_a_group_takes_nothing_with_it(store):
    coded = [(STATUS, SYSTEM, "of-the-stale")]
    stale = batch(write("Patient", "new", tokens=coded), write("Patient", "p", expect=7))
    other = write("Observation", "o", tokens=coded)
    first, refused, last = await asyncio.gather(
        store.submit(batch(write("Patient", "p"))),
        store.submit(stale),
        store.submit(batch(other)),
        return_exceptions=True,
    )
    assert isinstance(refused, StaleError)
    assert first.written[0][0] == last.written[0][0] == 1
    assert store.current("Patient", "new") is None
    query = Query(
        TYPE_IDS["Observation"], Viewer(1), (Tokens((STATUS,), ((SYSTEM, "of-the-stale"),)),)
    )
    assert [one.id for one in (await store.search(query)).matches] == ["o"]


async def test_a_stale_batch_alone_leaves_nothing_behind(store):
    coded = [(STATUS, SYSTEM, "of-the-stale")]
    await store.submit(batch(write("Patient", "p")))
    with pytest.raises(StaleError):
        await store.submit(
            batch(write("Patient", "new", tokens=coded), write("Patient", "p", expect=7))
        )
    assert store.current("Patient", "new") is None
    await store.submit(batch(write("Observation", "o", tokens=coded), write("Patient", "new")))
    assert store.current("Patient", "new").version == 1
    query = Query(
        TYPE_IDS["Observation"], Viewer(1), (Tokens((STATUS,), ((SYSTEM, "of-the-stale"),)),)
    )
    assert [one.id for one in (await store.search(query)).matches] == ["o"]


async def test_names_of_a_failed_batch_are_not_taken_for_others(store, folder):
    """An integer that a rolled back batch had used is given again, to another name."""
    for number in range(20):
        failing = batch(
            write("Patient", f"lost{number}", tokens=[(STATUS, f"urn:lost:{number}", "lost")]),
            write("Patient", "none", expect=3),
        )
        keeping = batch(
            write("Patient", f"kept{number}", tokens=[(STATUS, f"urn:kept:{number}", "kept")])
        )
        again = batch(write("Patient", f"lost{number}", tokens=[(STATUS, "urn:late", "late")]))
        await asyncio.gather(
            *(store.submit(one) for one in (failing, keeping, again)), return_exceptions=True
        )
    found = rows(
        folder,
        """SELECT k.fhir_id, y.uri, t.code FROM sp_token s JOIN res r ON r.row = s.row
           JOIN key k ON k.id = r.key JOIN term t ON t.id = s.value
           JOIN system y ON y.id = t.system""",
    )
    kept = {(f"kept{number}", f"urn:kept:{number}", "kept") for number in range(20)}
    late = {(f"lost{number}", "urn:late", "late") for number in range(20)}
    assert set(found) == kept | late


async def test_names_of_a_failed_batch_are_forgotten_though_they_were_found_again(
    store, folder, monkeypatch
):
    """Of more names than are remembered, a rolled back batch leaves none behind."""
    monkeypatch.setattr(interning, "CACHED", 2)
    lost = [(STATUS, SYSTEM, code) for code in ("a", "b", "c", "a")]
    failing = batch(write("Patient", "x", tokens=lost), write("Patient", "y", expect=3))
    kept = [(STATUS, SYSTEM, code) for code in ("a", "d", "e", "f")]
    outcomes = await asyncio.gather(
        store.submit(failing),
        store.submit(batch(write("Patient", "p", tokens=kept))),
        return_exceptions=True,
    )
    assert isinstance(outcomes[0], StaleError)
    found = rows(folder, "SELECT t.code FROM sp_token s JOIN term t ON t.id = s.value")
    assert sorted(code for (code,) in found) == ["a", "d", "e", "f"]


async def test_new_names_cost_the_same_however_many_a_batch_has(store, monkeypatch):
    """A gateway that has run for a while remembers as many names as it ever will."""
    monkeypatch.setattr(interning, "CACHED", 15_000)
    tokens = [(STATUS, SYSTEM, f"code{number}") for number in range(30_000)]
    begun = time.process_time()
    await store.submit(batch(write("Patient", "p", tokens=tokens)))
    assert time.process_time() - begun < 5  # looking through all for each takes far longer


async def test_one_group_is_one_commit(store, folder):
    """Hundreds that arrive together cost a few syncs, not hundreds."""
    jobs = [store.submit(batch(write("Patient", f"p{number}"))) for number in range(300)]
    commits = await asyncio.gather(*jobs)
    assert len({commit.written[0][1] for commit in commits}) == 300
    assert rows(folder, "SELECT count(*) FROM res") == [(300,)]


async def test_a_batch_rests_on_what_another_of_its_group_wrote(store):
    key = [("urn:hutong:A:pid", "1")]
    commits = await asyncio.gather(
        store.submit(batch(write("Patient", "p", expect=0, claims=key))),
        store.submit(batch(write("Patient", "other", expect=0))),
        store.submit(batch(write("Patient", "p", expect=1, claims=key))),
        store.submit(batch(write("Patient", "q", expect=0), versions=[(PATIENT, "p", 2)])),
        store.submit(batch(write("Patient", "r", expect=0, claims=key))),
        return_exceptions=True,
    )
    assert [one.written[0][0] for one in commits[:4]] == [1, 1, 2, 1]
    assert isinstance(commits[4], StaleError)
    assert commits[4].stale.why == "claim"
    assert store.current("Patient", "p").version == 2


async def test_who_rests_on_a_setting_sees_what_its_group_made_of_it(store):
    unset = [("setting", ("answered",), None)]
    commits = await asyncio.gather(
        store.submit(batch(write("Patient", "p"), unchanged=unset)),
        store.submit(Batch(ticket=b"s", statements=[("setting_put", ("answered", "1"))])),
        store.submit(batch(write("Patient", "q"), unchanged=unset)),
        store.submit(batch(write("Patient", "r"), unchanged=[("setting", ("answered",), "1")])),
        return_exceptions=True,
    )
    assert commits[0].written[0][0] == commits[3].written[0][0] == 1
    assert isinstance(commits[2], StaleError)
    assert store.current("Patient", "q") is None


def test_what_rests_on_a_setting_alone_is_inserted_with_others():
    """Every write rests on one: that of the search parameters."""
    gathered = Gathered()
    gathered.take(batch(write("Patient", "p")), NewRows())
    assert gathered.admits(batch(write("Patient", "q"), unchanged=[("setting", ("x",), None)]))
    assert not gathered.admits(batch(write("Patient", "p"), unchanged=[("setting", ("x",), None)]))
    assert not gathered.admits(batch(write("Patient", "q"), unchanged=[("last_row", (), 0)]))


async def test_a_ticket_that_comes_twice_in_a_group_is_answered_twice_and_done_once(store):
    twice = batch(write("Patient", "p"), ticket=b"the same")
    one, other = await asyncio.gather(store.submit(twice), store.submit(twice))
    assert one == other
    assert store.current("Patient", "p").version == 1


async def test_notices_come_after_the_commit_and_only_then(either):
    heard = []

    def listen(topic, payload):
        heard.append((topic, payload, either.current("Patient", "p")))

    either.subscribe("resource", listen)
    with pytest.raises(StaleError):
        await either.submit(batch(write("Patient", "x", expect=4), notices=[("resource", "stale")]))
    await either.submit(batch(write("Patient", "p"), notices=[("resource", "1"), ("other", "2")]))
    await until(lambda: heard)
    assert [(topic, payload) for topic, payload, _ in heard] == [("resource", "1")]
    assert heard[0][2].version == 1


@ON_SQLITE
async def test_a_store_without_its_role_says_that_it_is_unavailable(folder, monkeypatch):
    monkeypatch.setattr(sender, "PATIENCE", 0.2)
    store = joined(folder)
    with pytest.raises(UnavailableError):
        await store.submit(batch(write("Patient", "p")))
    await store.close()


@ON_SQLITE
async def test_the_folder_has_one_writer(store, folder):
    with pytest.raises(BusyError):
        lock(folder)
    assert store.current("Patient", "p") is None
    second = opened(folder)
    assert second.current("Patient", "p") is None
    await second.close()
