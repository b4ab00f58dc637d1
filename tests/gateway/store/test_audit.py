"""The audit chain, recomputed by the test."""

import asyncio
import hashlib

import pytest

from gateway.store.records import Audited, StaleError
from tests.databases import opened
from tests.gateway.store.samples import batch, rows, write


def audited(number):
    return Audited(1_000 + number, 1, 7, b'{"number":%d}' % number)


def check_chain(folder):
    """The bodies in order, after each hash was computed anew from the one before."""
    before, bodies = bytes(32), []
    for number, (seq, body, hashed) in enumerate(
        rows(folder, "SELECT seq, body, hash FROM audit ORDER BY seq"), start=1
    ):
        assert seq == number
        assert hashed == hashlib.sha256(before + body).digest()
        before = hashed
        bodies.append(body)
    return bodies


async def test_each_record_is_chained_to_the_one_before(either, folder):
    await either.submit(batch(audit=[audited(0), audited(1)]))
    await either.submit(batch(write("Patient", "p"), audit=[audited(2)]))
    assert check_chain(folder) == [b'{"number":%d}' % number for number in range(3)]
    assert either.fetch("audit_get", (3,))[0][:4] == (3, 1002, 1, 7)


async def test_what_fails_leaves_no_gap_in_the_chain(store, folder):
    jobs = [
        store.submit(
            batch(
                write("Patient", f"p{number}", expect=number % 3 or None), audit=[audited(number)]
            )
        )
        for number in range(60)
    ]
    outcomes = await asyncio.gather(*jobs, return_exceptions=True)
    kept = [n for n, one in enumerate(outcomes) if not isinstance(one, StaleError)]
    assert len(kept) == 20
    assert check_chain(folder) == [b'{"number":%d}' % number for number in kept]


async def test_the_chain_goes_on_after_a_start(folder):
    for number in range(3):
        store = opened(folder)
        await store.submit(batch(audit=[audited(number)]))
        await store.close()
    assert len(check_chain(folder)) == 3


@pytest.mark.parametrize("seq", [1, 2, 3])
async def test_a_changed_record_breaks_the_chain(store, folder, seq):
    await store.submit(batch(audit=[audited(number) for number in range(3)]))
    body = rows(folder, "SELECT body FROM audit WHERE seq = ?", (seq,))[0][0]
    assert body not in {b"", b"forged"}
    hashes = dict(rows(folder, "SELECT seq, hash FROM audit"))
    before = hashes.get(seq - 1, bytes(32))
    assert hashlib.sha256(before + b"forged").digest() != hashes[seq]
