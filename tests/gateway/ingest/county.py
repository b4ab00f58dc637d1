"""Three campuses on a real store, and what their systems say to them."""

import os
import time
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from adapters.base import Received
from gateway.access.audit import Recorder
from gateway.access.directory import Directory
from gateway.fhir.codec import encode
from gateway.ingest.intake import keep, open_message
from gateway.ingest.outcome import Outcomes
from gateway.ingest.sink import MessageSink
from gateway.ingest.worker import Worker
from gateway.interactions.create import create
from gateway.interactions.door import Door
from gateway.interactions.search import search
from gateway.interactions.update import update
from gateway.store.records import Batch
from tests.databases import opened

CODES = ("A", "B", "C")


class County:
    """A gateway of three campuses; `at` is where its clock stands."""

    def __init__(self, store, *, open_campus=""):
        self.store = store
        self.directory = Directory(store, open_campus=open_campus)
        self.door = Door(
            store=store,
            directory=self.directory,
            recorder=Recorder(store),
            zone=ZoneInfo("Asia/Shanghai"),
            clock=lambda: time.time_ns() // 1000,
            page_key=bytes(32),
        )
        self.sink = MessageSink(self.door)
        self.worker = Worker(self.door)
        self.outcomes = Outcomes(self.door)

    @classmethod
    @asynccontextmanager
    async def opened(cls, folder, *, open_campus="", store=None):
        county = cls(store or opened(folder), open_campus=open_campus)
        await county.submit(
            *(
                (
                    "campus_add",
                    (code, f"{code} hospital", code, "Asia/Shanghai", "", *["[]"] * 3, 0),
                )
                for code in CODES
            ),
            *(
                ("token_add", (number, code, code.encode() * 32, "system/*.cruds ingest", 0))
                for number, code in enumerate(CODES, 1)
            ),
        )
        try:
            yield county
        finally:
            await county.door.recorder.close()
            await county.store.close()

    async def submit(self, *statements):
        await self.store.submit(
            Batch(os.urandom(16), statements=list(statements), notices=[("config", "")])
        )

    async def set(self, campus, channel, options):
        await self.submit(("channel_put", (CODES.index(campus) + 1, channel, options)))

    # What comes in.

    async def say(self, message, peer="127.0.0.1"):
        """Send a message; return the code of its acknowledgement."""
        body = message if isinstance(message, bytes) else message.encode()
        return await self.sink(Received("hl7v2", body, peer))

    async def keep(self, *messages):
        """Put messages into the inbox without waiting for anything."""
        for message in messages:
            received = Received("hl7v2", message.encode(), "127.0.0.1")
            await keep(self.door, open_message(self.door, received))

    async def hear(self, *messages):
        """Send messages and let them be processed; return the last one's outcome."""
        receipts = [await self.say(message) for message in messages]
        assert [one.code for one in receipts] == ["AA"] * len(messages)
        await self.worker.drain()
        return self.last()

    def last(self):
        ((number,),) = self.store.fetch("inbox_last")
        return self.outcomes.of(number)

    def actor(self, campus):
        number = CODES.index(campus) + 1
        return self.directory.actor_of_token(number)

    async def post(self, campus, resource):
        written = await create(
            self.door, self.actor(campus), resource["resourceType"], encode(resource)
        )
        return written.stored.resource()

    async def put(self, campus, resource):
        written = await update(
            self.door,
            self.actor(campus),
            resource["resourceType"],
            resource["id"],
            encode(resource),
        )
        return written.stored.resource()

    # What came out.

    async def all(self, type_, campus="A", **params):
        page = await search(
            self.door,
            self.actor(campus),
            type_,
            [
                *((name.replace("__", ":"), value) for name, value in params.items()),
                ("_count", "500"),
            ],
        )
        return [one.resource() for one in page.matches]

    async def one(self, type_, campus="A", **params):
        found = await self.all(type_, campus, **params)
        assert len(found) == 1, [each["id"] for each in found]
        return found[0]

    def alerts(self):
        return {(row[1], row[2]) for row in self.store.fetch("alerts_open", (100,))}
