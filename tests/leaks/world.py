"""Two worlds for one wrong caller: in one things are hidden from it, in the other they never were.

Campus B calls. A keeps to itself what is sensitive, its Tasks and Subscriptions; C was deactivated;
D is addressed by A. Whatever B is answered must be the same in both worlds.
"""

import asyncio
import json
import os
import re
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import httpx

from gateway.api.application import application
from gateway.app import close_door, open_door
from gateway.imaging.keeper import Keeper
from gateway.imaging.receive import Receiver, Sender
from gateway.recognition.catalogue.registry import Catalogues
from gateway.recognition.service import Recognition
from gateway.settings import Settings
from gateway.store.objects import LocalObjects
from gateway.store.records import Batch
from gateway.web.acts import Acts
from gateway.web.criticals import DoorCriticals
from gateway.web.rates import DoorRates
from gateway.web.recognitions import DoorRecognitions
from gateway.web.results import DoorResults
from gateway.web.routes import routes
from gateway.web.sessions import DoorSessions
from tests import databases
from tests.gateway.imaging.samples import image, patient
from tests.leaks import hidden, words

CAMPUSES = ("A", "B", "C", "D")
SCOPES = "system/*.cruds dicom ingest recognition"
ROOT = "root-of-a-test"
HOST = "http://hutong.test"
ASKED = "asked.json"
"""Names of what the others' questions left, in the folder of the world that hides it."""

VARYING = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(Z|[+-]\d\d:\d\d)?"), "MOMENT"),
    (re.compile(r"\b\d\d:\d\d(:\d\d)?\b"), "MOMENT"),
    (re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} GMT"), "MOMENT"),
    (re.compile(r"_page=[^\"&<\s]+"), "_page=TOKEN"),
    (re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"), "UUID"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "HASH"),
    (re.compile(r"<code>[0-9a-f]{8}</code>"), "CODE"),
    (re.compile(r"/_jobs/[\w-]+"), "/_jobs/JOB"),
    (re.compile(r"(/find/|session=)[\w.=-]+"), r"\1TOKEN"),
    # A record's number counts those of all campuses: one chain tells that none was taken out.
    (re.compile(r"\baudit-\d+"), "audit-NUMBER"),
    (re.compile(r"_since=\d+|\b1[78]\d{8,14}\b"), "NUMBER"),
    (re.compile(r"(?m)^# .*\n|^(hutong_|process_|python_)[^\n]*\n"), ""),
)
"""What differs between two runs of anything: moments, random names, the gateway's own figures."""
HEADERS = ("etag", "last-modified", "location", "content-type", "content-location", "x-progress")


def settings(folder: Path) -> Settings:
    return Settings.from_environment(
        {"HUTONG_DATA_DIR": str(folder), "HUTONG_BOOTSTRAP_TOKEN": ROOT, "HUTONG_PUBLIC_URL": HOST}
    )


async def ready():
    return []


class World:
    """The whole application over a folder, called in the name of a campus."""

    def __init__(self, folder, door):
        self.door = door
        self.objects = LocalObjects(folder)
        results = DoorResults(door, self.objects)
        catalogues = Catalogues(door.store, door.clock, zone=door.zone)
        recognitions = DoorRecognitions(door, catalogues, Recognition(door, catalogues))
        acts = Acts(DoorCriticals(door, results), recognitions, DoorRates(door, catalogues))
        pages = routes(results, DoorSessions(door), acts, lambda: datetime.now(door.zone))
        self.app = application(door, pages, ready, self.objects)
        self._clients = {}

    def client(self, who="B"):
        if who not in self._clients:
            self._clients[who] = httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app, client=("192.0.2.7", 5)),
                base_url=HOST,
                headers={"Authorization": f"Bearer {who}"},
                timeout=60,
            )
        return self._clients[who]

    async def put(self, who, resource):
        address = f"/fhir/{resource['resourceType']}/{resource['id']}"
        headers = {"X-Hutong-Campus": ""} if who != ROOT else {}
        answer = await self.client(who).put(address, json=resource, headers=headers)
        assert answer.status_code in {200, 201}, answer.text

    async def submit(self, *statements):
        batch = Batch(os.urandom(16), statements=list(statements), notices=[("config", "")])
        await self.door.store.submit(batch)

    async def study(self, campus, data):
        owner = self.door.directory.campus(campus)
        incoming = self.objects.begin()
        incoming.write(data)
        sender = Sender(owner, self.door.directory.channel(owner.id, f"CT-{campus}"))
        await Receiver(self.door, self.objects).take(sender, incoming, None)
        await Keeper(self.door, f"{HOST}/dicom-web").drain()

    async def close(self):
        for client in self._clients.values():
            await client.aclose()


@asynccontextmanager
async def opened(folder):
    door = await open_door(settings(folder), databases.opened(folder))
    world = World(folder, door)
    try:
        yield world
    finally:
        await world.close()
        await close_door(door)


async def _fill(folder, *, hiding):
    async with opened(folder) as world:
        for code in CAMPUSES:
            row = (code, f"{code}院", code, "Asia/Shanghai", "", f'["{code}"]', "[]", "[]", 0)
            await world.submit(("campus_add", row))
        for number, code in enumerate(CAMPUSES, 1):
            hashed = sha256(code.encode()).digest()
            await world.submit(("token_add", (number, code, hashed, SCOPES, 0)))
        for who, resource in hidden.SEEN:
            await world.put(ROOT if who == "root" else who, resource)
        await world.study("A", image(1, *patient("A-1"), study=1))
        if hiding:
            for who, resource in hidden.HIDDEN:
                await world.put(who, resource)
            await world.study("C", image(1, *patient("hid-77", "Zyxwhidden^C"), study=9))
            (folder / ASKED).write_text(json.dumps(await _asked(world)))
        row = ("C院", "C", "Asia/Shanghai", "", "[]", "[]", "[]", 0, "C")
        await world.submit(("campus_set", row))


async def _asked(world):
    """What the others ask of the gateway leaves traces: a message, a job, a decision."""
    client = world.client("A")
    message = await client.post(
        "/ingest/hl7v2",
        content=words.MESSAGE.encode(),
        headers={"Prefer": "respond-async"},
    )
    assert message.status_code == 202, message.text
    job = await client.get("/fhir/$export", headers={"Prefer": "respond-async"})
    assert job.status_code == 202, job.text
    order = {"system": words.LOINC, "code": words.GLUCOSE}
    person = {"system": "urn:hutong:A:pid", "value": "A-1", "name": "Seen"}
    decided = await client.post(
        "/recognition/check", json={"patient": person, "orders": [order], "encounterClass": "AMB"}
    )
    assert decided.status_code == 200, decided.text
    return {
        "message": message.headers["location"].rpartition("/")[2],
        "job": job.headers["content-location"].rpartition("/")[2],
        "decision": decided.json()["decisions"][0]["id"],
    }


def fill(folder, *, hiding):
    asyncio.run(_fill(folder, hiding=hiding))


def settled(text):
    """Return a text without what differs between two runs of anything."""
    for found, told in VARYING:
        text = found.sub(told, text)
    return text


def told(answer):
    """Return what an answer tells: status, headers that say something, body."""
    headers = {name: settled(answer.headers[name]) for name in HEADERS if name in answer.headers}
    kind = answer.headers.get("content-type", "")
    if kind.startswith("image/"):
        body = answer.content
    elif "spreadsheetml" in kind:
        with ZipFile(BytesIO(answer.content)) as book:
            names = [name for name in book.namelist() if not name.startswith("docProps")]
            body = [(name, settled(book.read(name).decode())) for name in names]
    else:
        body = settled(answer.text)
    return answer.status_code, headers, body
