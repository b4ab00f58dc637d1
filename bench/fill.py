"""Loads the population: through a gateway's own door, or by transactions into any FHIR server.

python -m bench.fill SIZE URL [TOKEN]     into any server, by transactions of PUTs
"""

import asyncio
import http.client
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from threading import local
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench.people import Portion, patients, persons, records
from bench.running import PROCESSES
from fixtures.population import Resource

CLIENTS = 4
IN_FLIGHT = 3
"""Portions that a loader has under way: while one is written the next is prepared."""
TIMEOUT = 120

_encode = msgspec.json.encode


@dataclass(frozen=True)
class Target:
    """A gateway that runs: what its processes were started with, and a token a campus."""

    environment: dict[str, str]
    tokens: dict[str, str]


@dataclass(frozen=True)
class Loaded:
    """When, in seconds since the start, how many resources were stored."""

    progress: list[tuple[float, int]]

    @property
    def rate(self) -> float:
        """Resources a second over all."""
        took, count = self.progress[-1]
        return count / took

    def rate_between(self, first: int, last: int) -> float:
        """Resources a second while those of two numbers were stored."""
        start, begun = next((one for one in self.progress if one[1] >= first), (0.0, 0))
        end, done = next(one for one in self.progress if one[1] >= last)
        return (done - begun) / (end - start)


# Through the gateway's own door, in processes of our own.


def load(gateway: Target, size: int) -> Loaded:
    """Load into a gateway that runs: prepared here as the API does, written by its store role."""
    context = get_context("spawn")
    progress: list[tuple[float, int]] = []
    start, total = time.perf_counter(), 0
    for part in ("patients", "records"):
        told = context.SimpleQueue()
        workers = [
            context.Process(target=_work, args=(part, size, (at, PROCESSES), gateway, told))
            for at in range(PROCESSES)
        ]
        for worker in workers:
            worker.start()
        left = len(workers)
        while left:
            stored = told.get()
            left -= stored is None
            total += stored or 0
            progress.append((time.perf_counter() - start, total))
        for worker in workers:
            worker.join()
            assert worker.exitcode == 0, "a loader failed"
    assert total == size, total
    return Loaded(progress)


def _work(part: str, size: int, share: tuple[int, int], gateway: Target, told: Any) -> None:
    os.environ.update(gateway.environment)
    portions = {"patients": patients, "records": records}[part]
    try:
        asyncio.run(_write(portions(size, share), gateway, told))
    finally:
        told.put(None)


async def _write(portions: Iterable[Portion], gateway: Target, told: Any) -> None:
    from gateway.app import close_door, open_door  # noqa: PLC0415 - of the process that needs it
    from gateway.interactions.commit import Change, commit  # noqa: PLC0415
    from gateway.interactions.retry import retried  # noqa: PLC0415
    from gateway.settings import Settings  # noqa: PLC0415
    from gateway.store.opening import join_store  # noqa: PLC0415

    settings = Settings.from_environment(os.environ)
    door = await open_door(settings, join_store(settings.data_dir, settings.database_url))
    room = asyncio.Semaphore(IN_FLIGHT)

    async def store(campus: str, resources: list[Resource]) -> None:
        async with room:
            actor = door.directory.actor(gateway.tokens[campus])
            changes = [Change(one["resourceType"], one["id"], _encode(one)) for one in resources]
            await retried(lambda: commit(door, actor, changes))
            told.put(len(changes))

    async with asyncio.TaskGroup() as tasks:
        for campus, resources in portions:
            async with room:
                pass
            tasks.create_task(store(campus, resources))
            await asyncio.sleep(0)
    await close_door(door)


# Into any server.


def load_over_http(url: str, token: str, size: int) -> Loaded:
    """Load by transactions, several clients at once; every part before the next begins."""
    progress: list[tuple[float, int]] = []
    start, total = time.perf_counter(), 0
    client = _Client(url, token)
    with ThreadPoolExecutor(CLIENTS) as pool:
        for part in (patients(size), persons(size), records(size)):
            for stored in _mapped(pool, client, part):
                total += stored
                progress.append((time.perf_counter() - start, total))
    return Loaded(progress)


def _mapped(pool: ThreadPoolExecutor, client: "_Client", part: Iterator[Portion]) -> Iterator[int]:
    """Send the portions, a few ahead of what is answered: they are not all kept at once."""
    waiting = [pool.submit(client.send, one) for one, _ in zip(part, range(CLIENTS), strict=False)]
    for one in chain(part, [None] * CLIENTS):
        if waiting:
            yield waiting.pop(0).result()
        if one is not None:
            waiting.append(pool.submit(client.send, one))


class _Client:
    """Sends transactions; a connection a thread."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname or "", parts.port or 80
        self._path = parts.path or "/"
        self._headers = {"Content-Type": "application/fhir+json", "Prefer": "return=minimal"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._local = local()

    def send(self, portion: Portion) -> int:
        """Return how many resources of the portion were stored: all of them."""
        entries = [{"resource": one, "request": _put(one)} for one in portion[1]]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        if not hasattr(self._local, "connection"):
            self._local.connection = http.client.HTTPConnection(*self._address, timeout=TIMEOUT)
        connection: http.client.HTTPConnection = self._local.connection
        connection.request("POST", self._path, _encode(bundle), self._headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == http.HTTPStatus.OK, text[:2000]
        return len(entries)


def _put(resource: Resource) -> dict[str, str]:
    return {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}


if __name__ == "__main__":
    loaded = load_over_http(sys.argv[2], "".join(sys.argv[3:]), int(sys.argv[1]))
    print(json.dumps({"benchmark": "load", "figure": round(loaded.rate, 1)}))
