"""A search parameter is built while two api processes write, and the gateway is killed."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.running import ANSWER_SECONDS, BOOTSTRAP, Gateway, gateway
from tests.waiting import until

EXTENSION = "http://hutong.test/ext/ward"
STORED = 2_500
WRITERS = 4
DEFINITION = {
    "resourceType": "SearchParameter",
    "id": "ward",
    "url": "http://hutong.test/SearchParameter/ward",
    "name": "Ward",
    "status": "active",
    "description": "The ward.",
    "code": "ward",
    "base": ["Patient"],
    "type": "token",
    "expression": f"Patient.extension('{EXTENSION}').value",
}


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("params") / "data"
    more = {"HUTONG_DATABASE_URL": database} if database else {}
    with gateway(folder, HUTONG_API_PROCESSES="2", **more) as running:
        running.campus("A")
        yield running


def patient(id_: str, ward: str) -> dict[str, Any]:
    code = {"url": EXTENSION, "valueCode": ward}
    return {"resourceType": "Patient", "id": id_, "extension": [code]}


def bundle(ids: list[str], ward: str) -> dict[str, Any]:
    entries = [
        {"resource": patient(id_, ward), "request": {"method": "PUT", "url": f"Patient/{id_}"}}
        for id_ in ids
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


class Writers:
    """Patients who are moved from ward to ward; where each was last, as acknowledged."""

    def __init__(self, served: Gateway) -> None:
        self._served = served
        self.wards: dict[str, str] = {}
        self.stop = asyncio.Event()

    async def write(self, number: int) -> None:
        turn = 0
        headers = self._served.as_campus("A")
        while not self.stop.is_set():
            turn += 1
            # Half of them are those that the reindex is about to come to.
            id_ = f"s{(number * 377 + turn * 13) % STORED}" if turn % 2 else f"n{number}-{turn}"
            ward = f"w{turn % 3}"
            self.wards.pop(id_, None)
            try:
                async with httpx.AsyncClient(timeout=ANSWER_SECONDS, headers=headers) as client:
                    url = f"{self._served.url}/fhir/Patient/{id_}"
                    answer = await client.put(url, json=patient(id_, ward))
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code in {200, 201}:
                self.wards[id_] = ward


async def ask(served: Gateway, **params: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS) as client:
        return await client.get(
            f"{served.url}/fhir/Patient", params=params, headers=served.as_campus("A")
        )


async def count(served: Gateway, **params: str) -> int:
    answer = await ask(served, _summary="count", **params)
    return int(answer.json()["total"]) if answer.status_code == 200 else -1


async def test_a_kill_in_the_middle_of_building_loses_nothing(served: Gateway) -> None:
    ids = [f"s{number}" for number in range(STORED)]
    for first in range(0, STORED, 500):
        answer = served.post("A", "/fhir", bundle(ids[first : first + 500], "w9"))
        assert answer.status_code == 200, answer.text
    headers = {"Authorization": f"Bearer {BOOTSTRAP}"}
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, headers=headers) as client:
        made = await client.put(f"{served.url}/fhir/SearchParameter/ward", json=DEFINITION)
    assert made.status_code == 201, made.text
    writers = Writers(served)
    tasks = [asyncio.create_task(writers.write(number)) for number in range(WRITERS)]

    async def begun() -> bool:
        # On a busy machine it may have ended before it is looked at: then that is what is killed.
        return ": 0 %" not in (await ask(served, ward="w9")).text

    await until(begun)
    await asyncio.to_thread(served.kill)
    await asyncio.to_thread(served.start)

    async def built() -> bool:
        return (await ask(served, ward="w9")).status_code == 200

    await until(built)
    await until(lambda: len(writers.wards) > 20)
    writers.stop.set()
    await asyncio.gather(*tasks)
    # Both processes know it within a second, and nothing lacks its rows.
    everybody = await count(served)
    await until_all(served, everybody)
    for id_, ward in writers.wards.items():
        assert await count(served, _id=id_, ward=ward) == 1, id_
    served.command("verify")


async def until_all(served: Gateway, everybody: int) -> None:
    for _ in range(10):
        wards = [await count(served, ward=f"w{number}") for number in (0, 1, 2, 9)]
        assert sum(wards) == everybody
        assert await count(served, **{"ward:missing": "true"}) == 0
