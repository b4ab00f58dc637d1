"""A batch that rests on what somebody read is handed back where another read would give else."""

import os

import pytest

from gateway.store.records import Batch, StaleError

READ = "setting", ("answered",)


def put(value, *conditions):
    return Batch(
        ticket=os.urandom(16),
        statements=[("setting_put", ("answered", value))],
        unchanged=list(conditions),
    )


async def test_a_read_that_gives_the_same_still_lets_a_batch_through(either):
    await either.submit(put("1", (*READ, None)))
    await either.submit(put("2", (*READ, "1")))
    assert either.fetch(*READ) == [("2",)]


@pytest.mark.parametrize("seen", [None, "0", 1])
async def test_a_read_that_gives_else_hands_the_batch_back_whole(either, seen):
    await either.submit(put("1"))
    with pytest.raises(StaleError) as told:
        await either.submit(put("2", (*READ, seen)))
    assert told.value.stale.why == "read"
    assert either.fetch(*READ) == [("1",)]
