"""Several processes that write critical values of one patient at once make one Task of them."""

import shutil
import subprocess
import sys

import pytest

from gateway.store.opening import join_store
from gateway.store.verify import verify
from tests.gateway.store.samples import serving
from tests.gateway.workflow.critical.ward import Ward
from tests.tools import ROOT

VALUES = 10
PROCESSES = 3
WRITER = f"""
import asyncio, sys
from pathlib import Path
from gateway.store.opening import join_store
from gateway.workflow.critical.escalate import Escalation
from tests.gateway.workflow.critical.ward import Ward

async def main(folder, number):
    house = Ward(folder, opened=join_store)
    print("ready", flush=True)
    sys.stdin.readline()
    values = (house.result(2.6, id_=f"o{{number}}-{{each}}") for each in range({VALUES}))
    await asyncio.gather(*values)
    await Escalation(house.door).step()
    print("done", flush=True)
    await house.close()

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


@pytest.fixture
async def served(empty_store, tmp_path):
    """A folder with a patient, and a store role that serves it."""
    folder = tmp_path / "data"
    shutil.copytree(empty_store, folder)
    house = Ward(folder)
    await house.open()
    await house.patient("B", "p1")
    await house.close()
    with serving(folder):
        yield folder
    assert verify(folder).findings == []


def start(folder, number):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )


async def test_two_processes_make_one_task_and_fire_a_step_once(served):
    writers = [start(served, number) for number in range(PROCESSES)]
    for one in writers:
        assert one.stdout.readline() == b"ready\n"
    for one in writers:
        one.stdin.write(b"\n")
        one.stdin.flush()
    for one in writers:
        assert one.stdout.readline() == b"done\n"
        one.communicate()
    house = Ward(served, opened=join_store)
    task = await house.task()
    borne = [task["focus"]["reference"]]
    borne += [one["valueReference"]["reference"].partition("/_history")[0] for one in task["input"]]
    assert len(borne) == len(set(borne)) == VALUES * PROCESSES
    assert [one["text"] for one in task["note"]].count("已通知 / notified: doctor") == 1
    await house.close()
