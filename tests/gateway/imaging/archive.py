"""A gateway that takes objects: campuses with stations, a receiver, a keeper, HTTP on top."""

import hashlib
import os
import time
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

import httpx

from adapters.dicom import Call, parse_instance
from gateway.access.audit import Recorder
from gateway.access.directory import Directory
from gateway.api.application import application
from gateway.fhir.codec import encode
from gateway.imaging.keeper import Keeper
from gateway.imaging.receive import Receiver, Sender
from gateway.imaging.retake import Retaker
from gateway.imaging.sink import AssociationSink
from gateway.ingest.follow import Follower
from gateway.ingest.worker import Worker
from gateway.interactions.create import create
from gateway.interactions.door import Door
from gateway.interactions.search import search
from gateway.store.objects import LocalObjects
from gateway.store.opening import open_store
from gateway.store.records import Batch

CODES = ("A", "B", "C")
ADDRESS = "http://gateway.test/dicom-web"


def hashed(token):
    return hashlib.sha256(token.encode()).digest()


async def ready():
    return []


class Archive:
    """What a test does to the gateway, and what it finds there."""

    def __init__(self, folder, *, open_campus="", settled=10.0):
        self.store = open_store(folder)
        self.objects = LocalObjects(folder)
        self.directory = Directory(self.store, open_campus=open_campus)
        self.door = Door(
            store=self.store,
            directory=self.directory,
            recorder=Recorder(self.store),
            zone=ZoneInfo("Asia/Shanghai"),
            clock=lambda: time.time_ns() // 1000,
            page_key=bytes(32),
        )
        self.receiver = Receiver(self.door, self.objects)
        self.keeper = Keeper(self.door, ADDRESS, settled=settled)
        self.sink = AssociationSink(self.door, self.objects, "HUTONG")
        self.worker = Worker(self.door, {"dicom": Retaker(self.door, self.objects)})
        self.follower = Follower(self.door)
        self.app = application(self.door, [], ready, self.objects)

    @classmethod
    @asynccontextmanager
    async def opened(cls, folder, **options):
        archive = cls(folder, **options)
        await archive.submit(
            *(
                (
                    "campus_add",
                    (code, code, code, "Asia/Shanghai", "", "[]", "[]", f'["CT-{code}"]', 0),
                )
                for code in CODES
            ),
            *(
                ("token_add", (number, code, hashed(code), "system/*.cruds ingest dicom", 0))
                for number, code in enumerate(CODES, 1)
            ),
            ("token_add", (1, "plain", hashed("plain"), "system/*.cruds", 0)),
            ("token_add", (1, "images", hashed("images"), "dicom", 0)),
        )
        try:
            yield archive
        finally:
            await archive.door.recorder.close()
            await archive.store.close()

    async def submit(self, *statements):
        await self.store.submit(
            Batch(os.urandom(16), statements=list(statements), notices=[("config", "")])
        )

    # In.

    async def send(self, data, campus="B", announced=None):
        """Take one object as a station of a campus would send it."""
        owner = self.directory.campus(campus)
        sender = Sender(owner, self.directory.channel(owner.id, f"CT-{campus}"))
        incoming = self.objects.begin()
        incoming.write(data)
        return await self.receiver.take(sender, incoming, announced)

    async def hear(self, *objects, campus="B"):
        """Take objects and tell of them; return what each was answered."""
        taken = [await self.send(one, campus) for one in objects]
        await self.keeper.drain()
        await self.worker.drain()
        return taken

    def call(self, title="CT-B", called="HUTONG", peer="127.0.0.1"):
        return Call(title, called, peer)

    def actor(self, campus="B"):
        return self.directory.actor(campus)

    async def post(self, resource, campus="A"):
        type_ = resource["resourceType"]
        written = await create(self.door, self.actor(campus), type_, encode(resource))
        return written.stored

    # Out.

    def web(self, token="B", **headers):  # noqa: S107 - of a test
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://gateway.test/dicom-web",
            headers={"Authorization": f"Bearer {token}", **headers},
        )

    async def all(self, type_, campus="B", **params):
        page = await search(
            self.door,
            self.actor(campus),
            type_,
            [*params.items(), ("_count", "500"), ("_detail", "full")],
        )
        return [one.resource() for one in page.matches]

    async def one(self, type_, campus="B", **params):
        (found,) = await self.all(type_, campus, **params)
        return found

    def held(self):
        return [(row[4], row[9]) for row in self.store.fetch("inbox_held", (100,))]

    def alerts(self):
        return {(row[1], row[2]) for row in self.store.fetch("alerts_open", (100,))}


def address(data):
    """Where DICOMweb has an object."""
    one = parse_instance(data)
    return (
        f"/studies/{one.study_instance_uid}/series/{one.series_instance_uid}"
        f"/instances/{one.sop_instance_uid}"
    )
