"""A consortium whose campuses subscribe, and the part that tells them."""

import asyncio
import json
from contextlib import suppress
from dataclasses import replace

from gateway.access.targets import Targets
from gateway.events import follow
from gateway.events.courier import Patience
from gateway.events.guard import guard
from gateway.events.post import Post, trust
from gateway.events.service import Events
from gateway.interactions.commit import Change, Extras, commit
from tests.gateway.interactions.consortium import BASE, Consortium
from tests.waiting import until

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-"
QUICK = Patience(first=0.02, longest=0.1, most=60)


def subscription(id_, endpoint, criteria="Observation?code=http://loinc.org|2345-7", **more):
    """R4's own."""
    channel = {"type": "rest-hook", "endpoint": endpoint, **more.pop("channel", {})}
    found = {
        "resourceType": "Subscription",
        "id": id_,
        "status": "requested",
        "reason": "test",
        "criteria": criteria,
        "channel": channel,
    }
    return found | more


def topical(id_, endpoint, topic="result-new", filters=(), content="id-only", **numbers):
    """One of the backport's profile."""
    extensions = [
        {"url": f"{BACKPORT}{name.replace('_', '-')}", "valueUnsignedInt": value}
        for name, value in numbers.items()
    ]
    payload = {
        "payload": "application/fhir+json",
        "_payload": {"extension": [{"url": f"{BACKPORT}payload-content", "valueCode": content}]},
    }
    more = {"channel": payload | ({"extension": extensions} if extensions else {})}
    if filters:
        told = [{"url": f"{BACKPORT}filter-criteria", "valueString": one} for one in filters]
        more["_criteria"] = {"extension": told}
    return subscription(id_, endpoint, f"urn:hutong:topic:{topic}", **more)


class House(Consortium):
    """The campuses A and B have their endpoints on this machine, C has none."""

    def __init__(self, folder, **more):
        super().__init__(folder, **more)
        self.door = replace(
            self.door, guards=(("Subscription", guard),), followers=(follow.follower,)
        )
        self.resolver = None
        self._running = []

    async def open(self):
        await super().open()
        for code in ("A", "B"):
            one = self.directory.campus(code)
            peers = json.dumps(["127.0.0.0/8"])
            values = (one.name, one.mark, one.zone, one.charset, "[]", peers, "[]", 1, code)
            await self._submit(("campus_set", values))

    async def revoke(self, name):
        (number,) = [row[0] for row in self.store.fetch("tokens") if row[2] == name]
        await self._submit(("token_revoke", (1, number)))

    def events(self, patience=QUICK, verify=None):
        targets = Targets((), self.resolver) if self.resolver else Targets()
        return Events(self.door, BASE, Post(targets, verify or trust()), patience)

    def serve(self, **more):
        """Have subscribers told, until the house closes."""
        events = self.events(**more)
        self.book = events.book
        task = asyncio.create_task(events.run())
        self._running.append(task)
        return task

    async def link(self, *patients, id_="person"):
        """Have somebody who may say so join Patients."""
        links = [
            {"target": {"reference": f"Patient/{one}"}, "assurance": "level4"} for one in patients
        ]
        body = json.dumps({"resourceType": "Person", "id": id_, "link": links}).encode()
        change = Change("Person", id_, body, owner=(0, "consortium"))
        await commit(self.door, self.admin(), [change], Extras(trusted=True))

    async def looked(self):
        """Return once every change was looked at."""
        await until(lambda: self.book.place >= self.store.fetch("last_row")[0][0])

    async def stop(self, task):
        self._running.remove(task)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def close(self):
        for task in list(self._running):
            await self.stop(task)
        await super().close()

    async def subscribe(self, code, resource, *, status="active"):
        """Store a Subscription, and wait until the gateway made what it makes of it."""
        await self.put(code, resource)
        await until(lambda: self.status(resource["id"]) == status)

    def stored(self, id_):
        return self.store.current("Subscription", id_).resource()

    def status(self, id_):
        return self.stored(id_)["status"]
