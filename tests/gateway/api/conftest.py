"""A gateway's HTTP face over a real store in a temporary folder."""

import hashlib
import time
from zoneinfo import ZoneInfo

import httpx
import pytest

from gateway.access.audit import Recorder
from gateway.access.directory import Directory
from gateway.api.application import application
from gateway.interactions.door import Door
from gateway.store.migrate import migrate
from gateway.store.objects import LocalObjects
from gateway.store.records import Batch
from tests.databases import opened, place

BASE = "http://gateway.test/fhir"
BODY_LIMIT = 200_000
ROOT = "root"


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A folder with the schema in it, to be copied: making it takes a second."""
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


@pytest.fixture
async def door(empty_store, tmp_path, database):
    store = opened(place(tmp_path / "data", empty_store, database))
    recorder = Recorder(store)
    yield Door(
        store=store,
        directory=Directory(store, bootstrap_token=ROOT),
        recorder=recorder,
        zone=ZoneInfo("Asia/Shanghai"),
        clock=lambda: time.time_ns() // 1000,
        page_key=bytes(32),
    )
    await recorder.close()
    await store.close()


class Gateway:
    """The application, callers of it, and what its readiness says."""

    def __init__(self, door, objects=None):
        self.door = door
        self.missing = []
        self.slow = None
        self.app = application(door, [], self._readiness, objects, body_limit=BODY_LIMIT)
        self._clients = []
        self._campuses = 0

    async def _readiness(self):
        return await self.slow() if self.slow else self.missing

    async def campus(self, code, *scopes):
        """A client that calls with a token of a campus, which is added first."""
        self._campuses += 1
        await self._submit(
            ("campus_add", (code, code, code, "Asia/Shanghai", "", "[]", "[]", "[]", 0)),
            ("token_add", (self._campuses, code, _hash(code), " ".join(scopes) or DEFAULT, 0)),
        )
        return self.client(code)

    async def revoke(self, token):
        (number,) = [row[0] for row in self.door.store.fetch("tokens") if row[2] == token]
        await self._submit(("token_revoke", (1, number)))

    async def rate(self, code, text):
        """Set how often a campus may ask."""
        await self._submit(("campus_rate", (text, code)))

    async def _submit(self, *statements):
        ticket = str(time.perf_counter_ns()).encode()
        await self.door.store.submit(
            Batch(ticket=ticket, statements=list(statements), notices=[("config", "")])
        )

    def client(self, token="", **headers):
        if token:
            headers["Authorization"] = f"Bearer {token}"
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("192.0.2.7", 5)),
            base_url=BASE,
            headers=headers,
        )
        self._clients.append(client)
        return client

    async def close(self):
        for client in self._clients:
            await client.aclose()


DEFAULT = "system/*.cruds"


def _hash(token):
    return hashlib.sha256(token.encode()).digest()


@pytest.fixture
async def gateway(door, tmp_path):
    opened = Gateway(door, LocalObjects(tmp_path / "data"))
    yield opened
    await opened.close()


@pytest.fixture
async def anna(gateway):
    """A caller of campus A."""
    return await gateway.campus("A")
