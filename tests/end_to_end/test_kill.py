"""Whatever is killed, and whenever: nothing acknowledged is lost, nothing is left half done."""

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from adapters.errors import AdapterError
from adapters.hl7v2.client import Client
from tests.end_to_end.messages import order_resource, oru, patient_resource, pid
from tests.running import ANSWER_SECONDS, BOOTSTRAP, Gateway, entries, gateway
from tests.waiting import PATIENCE, eventually, until

ROUNDS = 20
SENDERS = 4
ROLES = ("store", "api-1", "api-2", "mllp", "worker")


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("victim") / "data"
    with gateway(folder, HUTONG_API_PROCESSES="2") as running:
        running.campus("B", "--sender", "B")
        yield running


class Load:
    """Sends results and orders without a pause; remembers what was acknowledged."""

    def __init__(self, victim: Gateway, mark: str) -> None:
        self._victim = victim
        self._mark = mark
        self.reports: list[str] = []
        self.orders: list[str] = []
        self._stop = asyncio.Event()

    async def under_way(self) -> None:
        """Return once something of each kind was acknowledged."""
        await until(lambda: self.reports and self.orders)

    async def run(self, kill: "asyncio.Task[None]") -> None:
        senders = [asyncio.create_task(self._send(number)) for number in range(SENDERS)]
        senders.append(asyncio.create_task(self._order()))
        await kill
        self._stop.set()
        await asyncio.gather(*senders)

    async def _send(self, number: int) -> None:
        async with Client("127.0.0.1", self._victim.mllp_port, timeout=5) as client:
            count = 0
            while not self._stop.is_set():
                count += 1
                filler = f"{self._mark}-{number}-{count}"
                patient = pid("B", f"P{number}-{count % 3}", citizen="")
                with suppress(AdapterError, OSError):
                    answer = await client.send(oru("B", filler, patient, placer="", filler=filler))
                    if answer.code == "AA":
                        self.reports.append(filler)

    async def _order(self) -> None:
        headers = self._victim.as_campus("B")
        async with httpx.AsyncClient(base_url=self._victim.url, headers=headers) as client:
            count = 0
            while not self._stop.is_set():
                count += 1
                number = f"{self._mark}-{count}"
                with suppress(httpx.TransportError):
                    made = await client.post("/fhir/Patient", json=patient_resource("B", number))
                    if made.status_code != 201:
                        continue
                    order = order_resource("B", number, made.json()["id"])
                    placed = await client.post("/fhir/ServiceRequest", json=order)
                    if placed.status_code == 201:
                        self.orders.append(number)
                await asyncio.sleep(0.01)


def test_nothing_acknowledged_is_lost_by_a_kill(victim: Gateway) -> None:
    dice = random.Random(20261122)  # noqa: S311 - the same moments every time
    reports: list[str] = []
    orders: list[str] = []
    for number in range(ROUNDS):
        role = ROLES[number % len(ROLES)]
        load = Load(victim, f"r{number}")
        pause = 0.15 + dice.random() * 0.5

        async def kill(pause: float = pause, role: str = role, load: Load = load) -> None:
            await load.under_way()
            await asyncio.sleep(pause)
            os.kill(pid_of(victim, role), signal.SIGKILL)
            await asyncio.sleep(0.2)

        async def round_(load: Load = load) -> None:
            await load.run(asyncio.create_task(kill()))

        asyncio.run(round_())
        victim.wait_until_ready()
        reports += load.reports
        orders += load.orders
    assert min(len(reports), len(orders)) >= ROUNDS
    wait_until_empty(victim)
    assert missing(victim, "DiagnosticReport", "report", reports) == []
    assert missing(victim, "ServiceRequest", "placer", orders) == []
    victim.command("verify")


def test_killing_the_supervisor_ends_all_and_loses_nothing(victim: Gateway) -> None:
    load = Load(victim, "all")
    children = [one for role in victim.roles().values() for one in role]

    async def kill() -> None:
        await load.under_way()
        await asyncio.sleep(0.4)
        victim.kill()
        await asyncio.sleep(0.1)

    async def round_() -> None:
        await load.run(asyncio.create_task(kill()))

    asyncio.run(round_())
    eventually(lambda: not any(alive(one) for one in children))
    victim.command("verify")
    victim.start()
    wait_until_empty(victim)
    assert missing(victim, "DiagnosticReport", "report", load.reports) == []
    assert missing(victim, "ServiceRequest", "placer", load.orders) == []


def pid_of(victim: Gateway, role: str) -> int:
    """The process of a role; one that was killed before may yet have to be started anew."""

    def found() -> int:
        for children in victim.roles().values():
            for one in children:
                with suppress(OSError):
                    if Path(f"/proc/{one}/comm").read_text().strip() == f"hutong-{role}"[:15]:
                        return one
        return 0

    return eventually(found)


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_empty(victim: Gateway) -> None:
    headers = {"Authorization": f"Bearer {BOOTSTRAP}"}

    def empty() -> bool:
        answer = httpx.get(f"{victim.url}/metrics", headers=headers, timeout=ANSWER_SECONDS)
        lines = answer.text.splitlines()
        waiting = [line for line in lines if line.startswith("hutong_inbox_waiting")]
        return bool(waiting) and float(waiting[0].split()[-1]) == 0

    eventually(empty, 3 * PATIENCE)


def missing(victim: Gateway, resource_type: str, kind: str, numbers: list[str]) -> list[str]:
    lost = []
    for start in range(0, len(numbers), 50):
        part = numbers[start : start + 50]
        wanted = ",".join(f"urn:hutong:B:{kind}|{one}" for one in part)
        bundle = victim.get("B", f"/fhir/{resource_type}", identifier=wanted, _count="1000")
        held = {
            identifier["value"]
            for one in entries(bundle, resource_type)
            for identifier in one["identifier"]
        }
        lost += [one for one in part if one not in held]
    return lost
