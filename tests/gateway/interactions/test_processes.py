"""Several processes behind one store role: what holds in one holds between them."""

import json
import subprocess
import sys

from tests.databases import joined
from tests.gateway.interactions.consortium import Consortium
from tests.tools import ROOT

WORKER = """
import asyncio, json, sys
from pathlib import Path
from tests.databases import joined
from tests.gateway.interactions.consortium import Consortium, patient, pid

async def main(folder, number):
    house = Consortium(folder, joined)
    print("ready", flush=True)
    sys.stdin.readline()
    jobs = [
        house.post("A", patient(identifier=[pid("A", "7")], birthDate=f"19{number}{each}-01-01"))
        for each in range(10)
    ]
    written = [one.stored for one in await asyncio.gather(*jobs)]
    print(json.dumps([(one.id, one.version, one.row) for one in written]), flush=True)
    await house.close()

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def start(folder, number):
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(folder), str(number)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )


async def test_creators_of_one_number_in_several_processes_make_one_resource(served):
    workers = [start(served, number) for number in (1, 2, 3)]
    for worker in workers:
        assert worker.stdout.readline() == b"ready\n"
    for worker in workers:
        worker.stdin.write(b"go\n")
        worker.stdin.flush()
    written = []
    for worker in workers:
        out, _ = worker.communicate(timeout=60)
        assert worker.returncode == 0
        written += json.loads(out)
    assert len({id_ for id_, _, _ in written}) == 1
    assert sorted(version for _, version, _ in written) == list(range(1, 31))
    in_order = [row for _, _, row in sorted(written, key=lambda one: one[1])]
    assert in_order == sorted(in_order)


async def test_a_write_of_one_process_is_read_by_the_next(served):
    one, other = (Consortium(served, joined) for _ in range(2))
    for number in range(20):
        resource = {"resourceType": "Basic", "id": "b", "code": {"text": str(number)}}
        written = await one.put("A", resource)
        read = await other.read("B", "Basic/b")
        assert (read.version, read.json()) == (number + 1, written.stored.json())
        assert await other.ids("B", "Basic?_id=b") == ["b"]
    await one.close()
    await other.close()
