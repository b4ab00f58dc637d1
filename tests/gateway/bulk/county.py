"""Bulk data as its callers see it: kick-off, status, files."""

import json
from ipaddress import ip_network

import httpx

from gateway.access.targets import Targets
from gateway.api.application import application
from gateway.bulk.handlers import handlers
from gateway.jobs.runner import Runner

BASE = "http://hutong.test/fhir"
ASYNC = {"Prefer": "respond-async", "Accept": "application/fhir+json"}
BODY_LIMIT = 32 * 1024 * 1024


class County:
    """The application over a consortium, called by the names of its tokens."""

    def __init__(self, house, objects):
        self.house = house
        self.objects = objects
        targets = Targets((ip_network("127.0.0.0/8"),))
        self.app = application(
            house.door, [], _ready, objects, body_limit=BODY_LIMIT, targets=targets
        )
        self.runner = Runner(house.door, objects, handlers(targets.allowed))
        self._clients = []

    def client(self, who, **headers):
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("192.0.2.7", 5)),
            base_url=BASE,
            headers={"Authorization": f"Bearer {who}", **headers},
            timeout=60,
        )
        self._clients.append(client)
        return client

    async def kick_off(self, who, address, parameters=None, headers=None, **params):
        """The answer to a kick-off."""
        headers = ASYNC | (headers or {})
        client = self.client(who)
        if parameters is None:
            return await client.get(address, params=params, headers=headers)
        body = {"resourceType": "Parameters", "parameter": parameters}
        return await client.post(address, json=body, params=params, headers=headers)

    async def manifest(self, who, address, parameters=None, **params):
        """What a job that is done tells."""
        started = await self.kick_off(who, address, parameters, **params)
        assert started.status_code == 202, started.text
        await self.runner.drain()
        return await self.finished(who, started.headers["content-location"])

    async def sent(self, who, body, headers=None, **params):
        """The answer to NDJSON that is sent along."""
        kind = {"Content-Type": "application/fhir+ndjson"}
        client = self.client(who)
        return await client.post(
            "$import", content=body, params=params, headers=ASYNC | kind | (headers or {})
        )

    async def imported(self, who, body, headers=None, **params):
        """What the manifest of an import says of its one file, and the lines of its errors."""
        started = await self.sent(who, body, headers, **params)
        assert started.status_code == 202, started.text
        await self.runner.drain()
        manifest = await self.finished(who, started.headers["content-location"])
        (told,) = manifest["extension"]["imported"]
        lines = await self.lines(who, manifest, "error")
        return told, [json.loads(one) for one in lines.get("OperationOutcome", ())]

    async def finished(self, who, address):
        response = await self.client(who).get(address)
        assert response.status_code == 200, response.text
        return response.json()

    async def lines(self, who, manifest, part="output"):
        """The lines of all files of a part, by type."""
        found = {}
        for entry in manifest[part]:
            response = await self.client(who).get(entry["url"])
            assert response.status_code == 200, response.text
            assert response.headers["content-type"] == "application/fhir+ndjson"
            lines = response.content.splitlines()
            assert len(lines) == entry["count"]
            found.setdefault(entry["type"], []).extend(lines)
        return found

    async def exported(self, who, address="$export", parameters=None, **params):
        """The ids that an export holds, by type."""
        manifest = await self.manifest(who, address, parameters, **params)
        lines = await self.lines(who, manifest)
        return {type_: sorted(json.loads(one)["id"] for one in its) for type_, its in lines.items()}

    def forbid(self):
        """From now on nothing but what is public may be fetched."""
        self.runner = Runner(self.house.door, self.objects, handlers(()))

    async def close(self):
        for client in self._clients:
            await client.aclose()


async def _ready():
    return []
