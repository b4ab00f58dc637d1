"""Two gateways on one PostgreSQL and one Redis, which is taken away in the middle.

Slower then, and nothing wrong, nothing lost, nothing twice.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.errors import AdapterError
from adapters.hl7v2.client import Client
from tests import databases
from tests.end_to_end.messages import oru, patient_resource, pid
from tests.end_to_end.test_kill import alive, pid_of
from tests.redis_server import RedisServer, redis_server
from tests.running import ANSWER_SECONDS, BOOTSTRAP, Gateway, entries
from tests.waiting import eventually, until

pytestmark = pytest.mark.needs("postgresql", "redis-server")

CALLERS = 50
LEASE = 10.0
"""Seconds after which another does what a gateway did that is gone."""


@dataclass
class County:
    one: Gateway
    two: Gateway
    redis: RedisServer
    settings: dict[str, str]

    @property
    def gateways(self) -> tuple[Gateway, Gateway]:
        return self.one, self.two

    @contextmanager
    def without_redis(self) -> Iterator[None]:
        self.redis.kill()
        try:
            yield
        finally:
            self.redis.start()
            eventually(lambda: all(connected(one) for one in self.gateways))


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    folder = tmp_path_factory.mktemp("several")
    with databases.serving(**databases.QUICK) as server, redis_server(folder) as redis:
        settings = {
            "HUTONG_DATABASE_URL": server.database(),
            "HUTONG_REDIS_URL": redis.url,
            "HUTONG_API_PROCESSES": "1",
        }
        one, two = (Gateway(folder / name, **settings) for name in ("one", "two"))
        one.start()
        two.start()
        for code in ("A", "B"):
            two.tokens[code] = one.campus(code, "--sender", code)
        for gateway in (one, two):
            gateway.tokens["root"] = BOOTSTRAP
        county = County(one, two, redis, settings)
        eventually(lambda: all(connected(gateway) for gateway in county.gateways))
        try:
            yield county
        finally:
            for gateway in county.gateways:
                if gateway.process is not None:
                    gateway.stop()


def figures(gateway: Gateway) -> dict[str, float]:
    """What /metrics tells."""
    lines = gateway.get("root", "/metrics").text.splitlines()
    pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in pairs}


def connected(gateway: Gateway) -> bool:
    return figures(gateway)["hutong_bus_connected"] == 1


def holds(gateway: Gateway, lease: str) -> bool:
    """Whether a gateway holds a lease, by its own figures."""
    place = f":{gateway.http_port} "
    return any(f'lease="{lease}"' in name and place in name for name in figures(gateway))


def by_lease(county: County, lease: str) -> tuple[Gateway, Gateway]:
    """The gateway that holds a lease, and the other one."""
    first = eventually(lambda: [one for one in county.gateways if holds(one, lease)])[0]
    return first, county.two if first is county.one else county.one


def send(gateway: Gateway, number: str, potassium: str = "4.10") -> None:
    """Send a result of a patient of B; return once it is acknowledged."""

    async def inner() -> None:
        async with Client("127.0.0.1", gateway.mllp_port, timeout=ANSWER_SECONDS) as client:
            who = pid("B", number, citizen="")
            message = oru("B", number, who, placer="", filler=number, potassium=potassium)
            answer = await client.send(message)
            assert answer.code == "AA"

    asyncio.run(inner())


def reports(gateway: Gateway, number: str) -> list[dict[str, Any]]:
    found = gateway.get("B", "/fhir/DiagnosticReport", identifier=f"urn:hutong:B:report|{number}")
    return entries(found, "DiagnosticReport")


def tasks(gateway: Gateway, number: str) -> list[dict[str, Any]]:
    about = {"patient.identifier": f"urn:hutong:B:pid|{number}"}
    return entries(gateway.get("B", "/fhir/Task", code="critical-ack", **about), "Task")


def test_what_is_written_here_is_there_at_once(county: County) -> None:
    for number, (here, there) in enumerate([county.gateways, county.gateways[::-1]] * 10):
        made = here.post("A", "/fhir/Patient", patient_resource("A", f"seen-{number}"))
        assert made.status_code == 201
        address = f"/fhir/Patient/{made.json()['id']}"
        assert there.get("A", address).json() == made.json()
        found = there.get("A", "/fhir/Patient", identifier=f"urn:hutong:A:pid|seen-{number}")
        assert [one["id"] for one in entries(found, "Patient")] == [made.json()["id"]]


def test_what_is_set_here_counts_there_within_a_second(county: County) -> None:
    token = county.one.command("token", "issue", "--campus", "A", "--name", "short")
    county.two.tokens["short"] = token
    eventually(lambda: county.two.get("short", "/fhir/Patient").status_code == 200, 6)
    county.one.command("token", "revoke", "short")
    eventually(lambda: county.two.get("short", "/fhir/Patient").status_code == 401, 6)


def test_a_result_that_comes_in_here_is_found_there_and_its_task_is_one(county: County) -> None:
    for number, gateway in zip(("crit-1", "crit-2"), county.gateways, strict=True):
        send(gateway, number, potassium="2.1")
    for number in ("crit-1", "crit-2"):
        for gateway in county.gateways:
            eventually(lambda number=number, gateway=gateway: reports(gateway, number))
            (task,) = eventually(lambda number=number, gateway=gateway: tasks(gateway, number))
            assert task["status"] == "requested"
    assert len(tasks(county.one, "crit-1")) == len(tasks(county.two, "crit-2")) == 1


def test_notices_go_by_way_of_redis(county: County) -> None:
    before = [figures(one)["hutong_bus_received_total"] for one in county.gateways]
    send(county.one, "noticed-1")
    send(county.two, "noticed-2")
    eventually(lambda: reports(county.one, "noticed-1") and reports(county.two, "noticed-2"))
    for gateway, was in zip(county.gateways, before, strict=True):
        eventually(lambda g=gateway, was=was: figures(g)["hutong_bus_received_total"] > was)


async def test_a_limit_is_one_for_both(county: County) -> None:
    county.two.tokens["D"] = county.one.campus("D", "--rate", "4/m")
    county.two.tokens["E"] = county.one.campus("E")
    # Whoever knows of E, which was added later, knows of the limit of D.
    await asyncio.to_thread(
        eventually,
        lambda: all(one.get("E", "/fhir/Patient").status_code == 200 for one in county.gateways),
    )
    asked = [(gateway, "D", "/fhir/Patient") for gateway in islice(cycle(county.gateways), 40)]
    begun = time.monotonic()
    answers = await asyncio.gather(*(asyncio.to_thread(Gateway.get, *one) for one in asked))
    back = (time.monotonic() - begun) / 15
    statuses = Counter(answer.status_code for answer in answers)
    # One more comes every 15 s; twice as many there would be if each counted by itself.
    assert 4 <= statuses[200] <= 5 + back
    assert statuses[429] == 40 - statuses[200]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["issue"][0]["code"] == "throttled"
    assert 1 <= int(refused.headers["Retry-After"]) <= 15


async def storm(county: County, word: str, disturb: Any = None) -> Counter[int]:
    """Fifty callers of both gateways create one thing by the same criteria."""

    async def one(gateway: Gateway, number: int) -> int:
        body = {
            "resourceType": "Patient",
            "identifier": [{"system": "urn:example:card", "value": word}],
            "name": [{"family": word}],
            "birthDate": f"{1950 + number}-01-01",
        }
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
            answer = await client.post(
                f"{gateway.url}/fhir/Patient",
                json=body,
                headers={
                    **gateway.as_campus("A"),
                    "If-None-Exist": f"identifier=urn:example:card|{word}",
                },
            )
            return answer.status_code

    calls = [one(gateway, n) for n, gateway in zip(range(CALLERS), cycle(county.gateways))]
    disturbed = asyncio.to_thread(disturb) if disturb else asyncio.sleep(0)
    *statuses, _ = await asyncio.gather(*calls, disturbed)
    return Counter(statuses)


def total(gateway: Gateway, word: str) -> int:
    answer = gateway.get("A", "/fhir/Patient", **{"family:exact": word, "_summary": "count"})
    found: int = answer.json()["total"]
    return found


async def test_a_storm_over_both_makes_one(county: County) -> None:
    statuses = await storm(county, "storm")
    assert statuses == {201: 1, 200: CALLERS - 1}
    assert [total(one, "storm") for one in county.gateways] == [1, 1]


async def test_a_storm_while_redis_dies_makes_one(county: County) -> None:
    statuses = await storm(county, "storm-in-the-dark", county.redis.kill)
    county.redis.start()
    assert statuses == {201: 1, 200: CALLERS - 1}
    assert [total(one, "storm-in-the-dark") for one in county.gateways] == [1, 1]
    await until(lambda: all(connected(one) for one in county.gateways))


def test_without_redis_it_is_slower_and_nothing_is_wrong(county: County) -> None:
    with county.without_redis():
        eventually(lambda: not any(connected(one) for one in county.gateways))
        for number, gateway in enumerate(county.gateways):
            send(gateway, f"dark-{number}", potassium="2.1")
        made = county.one.post("A", "/fhir/Patient", patient_resource("A", "dark"))
        assert county.two.get("A", f"/fhir/Patient/{made.json()['id']}").status_code == 200
        for number in range(2):
            for gateway in county.gateways:
                eventually(lambda g=gateway, n=number: tasks(g, f"dark-{n}"))
        for gateway in county.gateways:
            assert httpx.get(f"{gateway.url}/readyz", timeout=10).status_code == 200
        # What nobody can hear, the gateways that are concerned say.
        eventually(lambda: county.one.command("alerts").count("Redis is not reached") == 2)
    eventually(lambda: "Redis" not in county.one.command("alerts"))
    for number in range(2):
        assert len(tasks(county.one, f"dark-{number}")) == 1
        assert len(reports(county.two, f"dark-{number}")) == 1


def test_a_gateway_that_nobody_hears_waits_longer_and_that_is_all(
    county: County, tmp_path: Path
) -> None:
    """It trusts in another Redis, so no notice of its passes to the others, or comes from them."""
    with redis_server(tmp_path) as elsewhere:
        settings = {**county.settings, "HUTONG_REDIS_URL": elsewhere.url}
        third = Gateway(tmp_path / "third", **settings)
        third.tokens |= county.one.tokens
        third.start()
        try:
            eventually(lambda: connected(third))
            who = pid("B", "deaf", citizen="")
            message = oru("B", "deaf-1", who, placer="", filler="deaf-1", potassium="2.1")
            taken = httpx.post(
                f"{third.url}/ingest/hl7v2",
                content=message,
                headers=third.as_campus("B"),
                timeout=ANSWER_SECONDS,
            )
            # Another's worker took the message, and it was told here.
            assert taken.status_code == 201, taken.text
            send(third, "deaf-2", potassium="2.1")
            for gateway in (third, county.two):
                eventually(lambda g=gateway: reports(g, "deaf-2") and tasks(g, "deaf-2"))
            made = county.one.post("A", "/fhir/Patient", patient_resource("A", "deaf"))
            assert third.get("A", f"/fhir/Patient/{made.json()['id']}").status_code == 200
            token = county.two.command("token", "issue", "--campus", "A", "--name", "new")
            third.tokens["new"] = token
            eventually(lambda: third.get("new", "/fhir/Patient").status_code == 200, 6)
        finally:
            third.stop()


class Load:
    """Sends results to both without a pause; remembers what was acknowledged."""

    def __init__(self, county: County, mark: str) -> None:
        self._county = county
        self._mark = mark
        self.acknowledged: list[str] = []

    async def run(self, work: Any) -> None:
        """Send while the work is done, in a thread."""
        senders = [
            asyncio.create_task(self._send(gateway, number))
            for number, gateway in enumerate(self._county.gateways)
        ]
        await until(lambda: len(self.acknowledged) > 4)
        await asyncio.to_thread(work)
        for task in senders:
            task.cancel()
        await asyncio.gather(*senders, return_exceptions=True)

    async def _send(self, gateway: Gateway, number: int) -> None:
        count = 0
        while True:
            with suppress(AdapterError, OSError):
                async with Client("127.0.0.1", gateway.mllp_port, timeout=30) as client:
                    while True:
                        count += 1
                        filler = f"{self._mark}-{number}-{count}"
                        who = pid("B", f"{self._mark}{number}{count % 3}", citizen="")
                        value = "2.1" if count % 5 == 0 else "4.2"
                        message = oru("B", filler, who, placer="", filler=filler, potassium=value)
                        if (await client.send(message)).code == "AA":
                            self.acknowledged.append(filler)
            await asyncio.sleep(0.1)


def settled(county: County) -> None:
    """Return when nothing waits."""
    eventually(lambda: figures(county.one)["hutong_inbox_waiting"] == 0)


def once(county: County, load: Load) -> None:
    """Everything that was acknowledged is there, once, and no Task stands beside its like."""
    settled(county)
    for filler in load.acknowledged:
        found = reports(county.one, filler)
        assert [one["meta"]["versionId"] for one in found] == ["1"], filler
    numbers = {f"{name.rpartition('-')[0]}" for name in load.acknowledged}
    for prefix in numbers:
        mark, _, sender = prefix.rpartition("-")
        for third in range(3):
            assert len(tasks(county.two, f"{mark}{sender}{third}")) <= 1


async def test_redis_comes_and_goes_under_load(county: County) -> None:
    def come_and_go() -> None:
        for _ in range(3):
            county.redis.kill()
            eventually(lambda: not any(connected(one) for one in county.gateways))
            county.redis.start()
            eventually(lambda: all(connected(one) for one in county.gateways))

    load = Load(county, "flicker")
    await load.run(come_and_go)
    await asyncio.to_thread(once, county, load)


async def test_whoever_dies_is_followed_by_the_other(county: County) -> None:
    holder, other = by_lease(county, "ingest")
    load = Load(county, "killed")

    def kill() -> None:
        children = [one for some in holder.roles().values() for one in some]
        holder.kill()
        # As a machine that is switched off: nobody says good-bye.
        for one in children:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        eventually(lambda: not any(alive(one) for one in children))
        eventually(lambda: holds(other, "ingest"), 3 * LEASE)
        holder.start()

    await load.run(kill)
    await asyncio.to_thread(once, county, load)


async def test_a_worker_that_was_held_up_does_no_harm(county: County) -> None:
    holder, other = by_lease(county, "ingest")
    worker = pid_of(holder, "worker")
    load = Load(county, "held")

    def hold_up() -> None:
        os.kill(worker, signal.SIGSTOP)
        try:
            eventually(lambda: holds(other, "ingest"), 3 * LEASE)
        finally:
            os.kill(worker, signal.SIGCONT)

    await load.run(hold_up)
    await asyncio.to_thread(once, county, load)
    assert alive(worker)


def test_the_store_is_sound_after_all_that(county: County) -> None:
    county.one.command("verify")
