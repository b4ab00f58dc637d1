"""Jobs, by command."""

import pytest

from gateway.store.records import Batch

NAME = "0123456789abcdef0123456789abcdef"


async def _add(store):
    who = '{"token":1,"campus":1,"code":"B","scopes":"","name":"bulk"}'
    row = (NAME, "export", 1, 1, who, "{}", 1_700_000_000_000_000)
    await store.submit(Batch(b"ticket", statements=[("job_add", row)]))


@pytest.fixture
def waiting(hutong, within):
    hutong("campus", "add", "B", "--name", "城关")
    within(_add)


@pytest.mark.usefixtures("waiting")
def test_jobs_are_listed_and_cancelled_once(hutong):
    assert hutong("jobs", "list").cells(1)[:5] == [NAME, "export", "B", "bulk", "waits"]
    hutong("jobs", "cancel", NAME)
    assert hutong("jobs", "list").cells(1)[4] == "cancelled"
    assert NAME in hutong("jobs", "cancel", NAME, code=1).error


def test_without_jobs_that_is_said(hutong):
    assert hutong("jobs", "list").out == "There are no jobs.\n"
