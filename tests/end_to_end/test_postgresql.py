"""Two gateways on one PostgreSQL: seen at once, made once, and nothing lost to any kill."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import databases
from tests.running import ANSWER_SECONDS, Gateway, gateway
from tests.waiting import eventually, until

pytestmark = pytest.mark.needs("postgresql")

CALLERS = 50


@pytest.fixture(scope="module")
def server() -> Iterator[databases.Server]:
    """One that keeps what it has answered, whatever happens to it."""
    with databases.serving() as running:
        yield running


@pytest.fixture(scope="module")
def pair(
    server: databases.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Gateway, Gateway]]:
    url = server.database()
    folders = [tmp_path_factory.mktemp(name) / "data" for name in ("one", "other")]
    with (
        gateway(folders[0], HUTONG_DATABASE_URL=url, HUTONG_API_PROCESSES="2") as one,
        gateway(folders[1], HUTONG_DATABASE_URL=url, HUTONG_API_PROCESSES="1") as other,
    ):
        one.campus("A")
        other.tokens.update(one.tokens)
        yield one, other
        assert other.command("verify").endswith("nothing is wrong.")


def patient(word: str, number: int = 0) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:example:card", "value": f"{word}{number or ''}"}],
        "name": [{"family": word}],
        "birthDate": f"{1950 + number % 60}-01-01",
    }


def test_what_one_stores_the_other_shows_at_once(pair: tuple[Gateway, Gateway]) -> None:
    one, other = pair
    for number in range(20):
        here, there = (one, other) if number % 2 else (other, one)
        made = here.post("A", "/fhir/Patient", patient("seen", number + 1))
        assert made.status_code == 201
        assert there.get("A", f"/fhir/Patient/{made.json()['id']}").json() == made.json()
        found = there.get("A", "/fhir/Patient", identifier=f"seen{number + 1}").json()
        assert [entry["resource"]["id"] for entry in found["entry"]] == [made.json()["id"]]


def test_a_token_that_one_revokes_the_other_refuses(pair: tuple[Gateway, Gateway]) -> None:
    one, other = pair
    token = one.command("token", "issue", "--campus", "A")
    headers = {"Authorization": f"Bearer {token}"}
    address = f"{other.url}/fhir/Patient"
    # It is known within half a second, sooner where a notice comes through.
    eventually(lambda: httpx.get(address, headers=headers).status_code == 200)
    (line,) = [row for row in one.command("token", "list").splitlines() if "A" in row.split()][-1:]
    one.command("token", "revoke", line.split()[0])
    eventually(lambda: httpx.get(address, headers=headers).status_code == 401)


@pytest.mark.parametrize(
    "criteria", ["identifier=urn:example:card|storm", "family=gale&birthdate=ge1950"]
)
async def test_a_storm_over_both_makes_one(pair: tuple[Gateway, Gateway], criteria: str) -> None:
    word = "gale" if "gale" in criteria else "storm"

    async def call(number: int) -> int:
        to = pair[number % 2]
        headers = {**to.as_campus("A"), "If-None-Exist": criteria}
        body = patient(word) | {"birthDate": f"{1950 + number}-01-01"}
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
            made = await client.post(f"{to.url}/fhir/Patient", json=body, headers=headers)
            return made.status_code

    assert Counter(await asyncio.gather(*map(call, range(CALLERS)))) == {201: 1, 200: CALLERS - 1}
    found = pair[0].get("A", "/fhir/Patient", family=word, _summary="count")
    assert found.json()["total"] == 1


class Load:
    """Creates without a pause at both; remembers what was acknowledged, and what was answered."""

    def __init__(self, pair: tuple[Gateway, Gateway], mark: str) -> None:
        self._pair = pair
        self._mark = mark
        self.made: list[str] = []
        self.statuses: Counter[int] = Counter()
        self._stop = asyncio.Event()

    async def during(self, event: Callable[[], Awaitable[None]]) -> None:
        """Run while something happens, and until both serve again."""
        callers = [asyncio.create_task(self._call(number)) for number in range(8)]
        await until(lambda: len(self.made) > 20)
        await event()
        for to in self._pair:
            await asyncio.to_thread(to.wait_until_ready)
        count = len(self.made)
        await until(lambda: len(self.made) > count + 20)
        self._stop.set()
        await asyncio.gather(*callers)

    async def _call(self, number: int) -> None:
        to, count = self._pair[number % 2], 0
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
            while not self._stop.is_set():
                count += 1
                body = patient(self._mark, number * 100_000 + count)
                with suppress(httpx.TransportError):
                    made = await client.post(
                        f"{to.url}/fhir/Patient", json=body, headers=to.as_campus("A")
                    )
                    self.statuses[made.status_code] += 1
                    if made.status_code == 201:
                        self.made.append(made.json()["id"])
                    elif made.status_code == 503:
                        assert int(made.headers["retry-after"]) > 0

    def all_there(self, to: Gateway) -> bool:
        """Whether every resource that was acknowledged is read, once."""
        assert len(set(self.made)) == len(self.made)
        headers = to.as_campus("A")
        with httpx.Client(headers=headers, timeout=ANSWER_SECONDS) as client:
            return all(
                client.get(f"{to.url}/fhir/Patient/{id_}").status_code == 200 for id_ in self.made
            )


async def test_a_killed_process_loses_nothing_that_it_answered(
    pair: tuple[Gateway, Gateway],
) -> None:
    load = Load(pair, "killed")

    async def kill() -> None:
        for children in pair[0].roles().values():
            for child in children[:2]:
                os.kill(child, signal.SIGKILL)

    await load.during(kill)
    assert set(load.statuses) <= {201, 503}
    assert load.all_there(pair[1])


@pytest.mark.parametrize("how", ["fast", "immediate"])
async def test_a_database_that_goes_and_comes_back(
    pair: tuple[Gateway, Gateway], server: databases.Server, how: str
) -> None:
    load = Load(pair, how)

    async def restart() -> None:
        await asyncio.to_thread(server.stop, how)
        answer = await asyncio.to_thread(pair[0].get, "A", "/fhir/Patient")
        assert answer.status_code == 503
        assert answer.json()["issue"][0]["code"] == "transient"
        await until(lambda: load.statuses[503])
        await asyncio.to_thread(server.start)

    await load.during(restart)
    assert set(load.statuses) == {201, 503}
    assert load.all_there(pair[0])


def test_several_may_start_at_once(server: databases.Server, tmp_path: Path) -> None:
    url = server.database()
    gateways = [Gateway(tmp_path / name, HUTONG_DATABASE_URL=url) for name in ("a", "b", "c")]
    for one in gateways:
        one.launch()
    for one in gateways:
        one.wait_until_ready()
    for one in gateways:
        assert one.stop() == 0
    assert gateways[0].command("verify").endswith("nothing is wrong.")


def test_a_database_that_is_not_there_is_told_in_a_line(tmp_path: Path) -> None:
    url = f"postgresql://hutong:secret@/none?host={tmp_path}"
    absent = Gateway(tmp_path / "data", HUTONG_DATABASE_URL=url)
    for command in (["verify"], ["campus", "list"]):
        absent.command(*command, code=1)
