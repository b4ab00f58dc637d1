"""Commands beside a running gateway: they write through its store role, and count at once."""

import asyncio
import subprocess
import sys

import pytest

from gateway.access.directory import Directory
from gateway.errors import UnauthenticatedError
from gateway.store.migrate import migrate
from gateway.store.opening import join_store
from tests.waiting import SLACK, until

ROLE = """
import asyncio, sys
from pathlib import Path
from gateway.store.service import Service
asyncio.run(Service(Path(sys.argv[1]), lambda: print("ready", flush=True)).run())
"""


@pytest.fixture
def role(tmp_path):
    """A store role in a process of its own."""
    migrate(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", ROLE, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


async def _within_a_second(holds):
    await until(holds, 1 + SLACK)


async def _run(hutong, *arguments):
    return await asyncio.to_thread(hutong, *arguments)


@pytest.mark.usefixtures("role")
async def test_changes_count_within_a_second(hutong, tmp_path):
    store = join_store(tmp_path)
    directory = Directory(store)
    assert directory.campuses() == ()
    await _run(hutong, "campus", "add", "B", "--name", "城关", "--sender", "CG")
    await _within_a_second(lambda: directory.campus("B") is not None)
    assert directory.sender("CG", "192.0.2.1").code == "B"
    token = (await _run(hutong, "token", "issue", "--campus", "B")).out.strip()

    def valid():
        try:
            return directory.actor(token).code == "B"
        except UnauthenticatedError:
            return False

    await _within_a_second(valid)
    await _run(hutong, "token", "revoke", "1")
    await _within_a_second(lambda: not valid())
    assert "nothing is wrong" in (await _run(hutong, "verify")).out
    await store.close()
