"""A consortium of three campuses behind one door, and short ways to speak to it."""

import json
import os
import time
from dataclasses import replace
from hashlib import sha256
from zoneinfo import ZoneInfo

from gateway.access.audit import Recorder, read_event
from gateway.access.directory import Directory
from gateway.interactions.create import create
from gateway.interactions.delete import delete
from gateway.interactions.door import Door
from gateway.interactions.history import history
from gateway.interactions.preconditions import Preconditions
from gateway.interactions.read import read, vread
from gateway.interactions.search import search
from gateway.interactions.update import update
from gateway.store.records import Batch
from tests.databases import opened

BASE = "http://hutong.test/fhir"
ZONE = ZoneInfo("Asia/Shanghai")
CAMPUSES = ("A", "B", "C")
LOINC = "http://loinc.org"
GLUCOSE, HIV = "2345-7", "10351-5"
ROOT = "root"


def concept(code, system=LOINC, **more):
    return {"coding": [{"system": system, "code": code}], **more}


def patient(id_="p1", **more):
    return {"resourceType": "Patient", "id": id_, **more}


def observation(id_, subject="Patient/p1", code=GLUCOSE, **more):
    found = {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": concept(code),
        "subject": {"reference": subject} if subject else None,
    }
    return {name: value for name, value in {**found, **more}.items() if value is not None}


def pid(code, value):
    return {"system": f"urn:hutong:{code}:pid", "value": value}


class Clock:
    """The door's clock, which a test may set on."""

    def __init__(self):
        self.ahead = 0

    def __call__(self):
        return time.time_ns() // 1000 + self.ahead


class Consortium:
    """The door, and an actor for each token: the campus's code, or the token's own name."""

    def __init__(self, folder, opened=opened):
        store = opened(folder)
        self.folder = folder
        self.store = store
        self.clock = Clock()
        self.directory = Directory(store, bootstrap_token=ROOT)
        self.recorder = Recorder(store)
        self.door = Door(
            store=store,
            directory=self.directory,
            recorder=self.recorder,
            zone=ZONE,
            clock=self.clock,
            page_key=bytes(32),
            base=BASE,
        )

    async def open(self):
        profiles = [
            ("campus_add", (code, f"{code}院", code, "Asia/Shanghai", "", "[]", "[]", "[]", 0))
            for code in CAMPUSES
        ]
        await self._submit(*profiles)
        for number, code in enumerate(CAMPUSES, start=1):
            await self.token(number, code, "system/*.cruds")

    async def token(self, campus, name, scopes):
        hashed = sha256(name.encode()).digest()
        await self._submit(("token_add", (campus, name, hashed, scopes, 0)))

    async def deactivate(self, code):
        one = self.directory.campus(code)
        values = (one.name, one.mark, one.zone, one.charset, "[]", "[]", "[]", 0, code)
        await self._submit(("campus_set", values))

    async def _submit(self, *statements):
        await self.store.submit(
            Batch(ticket=os.urandom(16), statements=list(statements), notices=[("config", "")])
        )

    async def close(self):
        await self.recorder.close()
        await self.store.close()

    def actor(self, name, *, campus="", person=""):
        return self.directory.actor(name, campus=campus, person=person)

    def _who(self, who):
        return self.actor(who) if isinstance(who, str) else who

    async def put(self, who, resource, if_match=""):
        type_, id_ = resource["resourceType"], resource["id"]
        given = Preconditions(if_match)
        return await update(self.door, self._who(who), type_, id_, encoded(resource), given)

    async def post(self, who, resource):
        type_ = resource["resourceType"]
        return await create(self.door, self._who(who), type_, encoded(resource))

    async def delete(self, who, name, if_match=""):
        return await delete(self.door, self._who(who), *name.split("/"), Preconditions(if_match))

    async def read(self, who, name):
        return await read(self.door, self._who(who), *name.split("/"))

    async def vread(self, who, name, version):
        return await vread(self.door, self._who(who), *name.split("/"), str(version))

    async def history(self, who, name, **params):
        params = [(f"_{key}", str(value)) for key, value in params.items()]
        return await history(self.door, self._who(who), *name.split("/"), params)

    async def search(self, who, query, *, lenient=False):
        """A page of `Type?a=b&c=d`; values are taken as they stand."""
        type_, _, rest = query.partition("?")
        params = [tuple(one.split("=", 1)) for one in rest.split("&") if one]
        return await search(self.door, self._who(who), type_, params, lenient=lenient)

    async def ids(self, who, query):
        return [one.id for one in (await self.search(who, query)).matches]

    async def pages(self, who, query, *, between=None):
        """All pages of a search, the next one asked for as its link says."""
        found = [await self.search(who, query)]
        while found[-1].next:
            if between:
                await between(len(found))
            type_ = query.partition("?")[0]
            found.append(await self.search(who, f"{type_}?_page={found[-1].next}"))
        return found

    def trail(self):
        """The audit's records, oldest first."""
        return [read_event(row[4]) for row in self.store.fetch("audit_after", (0, 10_000))]

    def admin(self, campus=""):
        return self.directory.actor(ROOT, campus=campus)

    def narrowed(self, who, **changes):
        return replace(self._who(who), **changes)


def encoded(resource):
    return resource if isinstance(resource, bytes) else json.dumps(resource).encode()


def names(page):
    return [f"{one.type}/{one.id}" for one in page.matches]


def included(page):
    return {f"{one.type}/{one.id}" for one in page.includes}


def person(id_, *patients, level="level4"):
    links = [{"target": {"reference": f"Patient/{one}"}, "assurance": level} for one in patients]
    return {"resourceType": "Person", "id": id_, "link": links}


async def three_patients(house):
    """A Patient a campus, an Observation of each, a device and one of that."""
    await house.put("A", patient(identifier=[pid("A", "1")], name=[{"family": "王"}]))
    await house.put("B", patient("p2", identifier=[pid("B", "2")]))
    await house.put("C", patient("p3", identifier=[pid("C", "3")]))
    await house.put("A", observation("o1"))
    await house.put("B", observation("o2", "Patient/p2"))
    await house.put("C", observation("o3", "Patient/p3"))
    await house.put("A", observation("o4", "Device/d"))
    await house.put("A", {"resourceType": "Device", "id": "d"})
    return house
