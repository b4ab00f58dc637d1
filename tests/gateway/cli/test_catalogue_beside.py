"""A catalogue that is imported beside a running gateway is in force within a second."""

import asyncio
import subprocess
import sys
import time

import pytest

from gateway.recognition.catalogue.registry import Catalogues
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


@pytest.mark.usefixtures("role")
async def test_an_import_is_in_force_within_a_second(hutong, tmp_path):
    store = join_store(tmp_path)
    catalogues = Catalogues(store, lambda: time.time_ns() // 1000)
    assert catalogues.now().catalogue.version == 1
    file = tmp_path / "catalogue.xlsx"
    await asyncio.to_thread(hutong, "catalogue", "export", file)
    await asyncio.to_thread(hutong, "catalogue", "import", file, "--approver", "李主任")
    await until(lambda: catalogues.now().catalogue.version == 2, 1 + SLACK)
    assert catalogues.version(1).catalogue.approver == ""
    await store.close()
