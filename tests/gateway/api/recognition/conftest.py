"""Two campuses, one human known to both, and what one of them measured."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from gateway.store.records import Batch
from mappers.names import LOINC, UCUM, v2_table
from tests.gateway.api.conftest import Gateway
from tests.hooks_client import HooksClient

CITIZEN = "urn:oid:2.16.156.10011.1.3"
NUMBER = "11010119900307007X"
SCOPES = ("system/*.cruds", "recognition")
UNKNOWN = "未能确定患者身份，未作互认检查"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def now(**ago):
    return (datetime.now(UTC) - timedelta(**ago)).isoformat()


class Consortium:
    """Campuses A, which asks, and B, which measured; `record` is what A's order entry holds."""

    def __init__(self, gateway: Gateway, a, b):
        self.gateway = gateway
        self.door = gateway.door
        self.a = a
        self.b = b
        self.record = {
            "Patient/p1": {**self.person("A"), "id": "p1"},
            "Encounter/e1": visit("AMB"),
        }
        self.hooks = HooksClient(a, "http://gateway.test", self.record)
        self.patients = {}

    def person(self, code, number=NUMBER):
        return {
            "resourceType": "Patient",
            "identifier": [
                {"system": f"urn:hutong:{code}:pid", "value": f"{code}-1"},
                {"system": CITIZEN, "value": number},
            ],
            "name": [{"text": "张三", "family": "张", "given": ["三"]}],
            "gender": "male",
            "birthDate": "1990-03-07",
        }

    async def settle(self):
        """Both campuses know the human, and somebody said that it is one."""
        for code, client in (("A", self.a), ("B", self.b)):
            made = await post(client, self.person(code))
            self.patients[code] = made["id"]
        await self.link()

    async def link(self):
        pair = sorted(self.patients.values())
        person = {
            "resourceType": "Person",
            "link": [
                {"target": {"reference": f"Patient/{one}"}, "assurance": "level4"} for one in pair
            ],
        }
        root = self.gateway.client("root")
        made = await root.post("/Person", json=person)
        assert made.status_code in {200, 201}, made.text

    async def measured(self, loinc="1742-6", value=33.5, unit="U/L", **more):
        """A final result of B's laboratory, collected yesterday: its report and observation."""
        drawn = await self.drawn(more.pop("when", now(hours=20)))
        observation = await self.observed(drawn, loinc, value, unit, **more)
        return await self.reported(drawn, loinc, observation), observation

    async def panel(self, loinc, parts):
        """A final report of B's laboratory on several analytes: (code, value, unit)."""
        drawn = await self.drawn(now(hours=20))
        observations = [await self.observed(drawn, *part) for part in parts]
        return await self.reported(drawn, loinc, *observations)

    @property
    def _theirs(self):
        return {"reference": f"Patient/{self.patients['B']}"}

    async def drawn(self, when):
        return await post(
            self.b,
            {
                "resourceType": "Specimen",
                "subject": self._theirs,
                "type": {"coding": [{"system": v2_table("0487"), "code": "SER"}]},
                "collection": {"collectedDateTime": when},
            },
        )

    async def observed(self, drawn, loinc, value, unit, **more):
        return await post(
            self.b,
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"coding": [{"system": LOINC, "code": loinc}]},
                "subject": self._theirs,
                "specimen": {"reference": f"Specimen/{drawn['id']}"},
                "effectiveDateTime": drawn["collection"]["collectedDateTime"],
                "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
                **more,
            },
        )

    async def reported(self, drawn, loinc, *observations):
        return await post(
            self.b,
            {
                "resourceType": "DiagnosticReport",
                "status": "final",
                "code": {"coding": [{"system": LOINC, "code": loinc}]},
                "subject": self._theirs,
                "specimen": [{"reference": f"Specimen/{drawn['id']}"}],
                "effectiveDateTime": drawn["collection"]["collectedDateTime"],
                "issued": now(hours=18),
                "result": [{"reference": f"Observation/{one['id']}"} for one in observations],
            },
        )

    def sign(self, *orders, **more):
        return {
            "userId": "Practitioner/li",
            "patientId": "p1",
            "encounterId": "e1",
            "draftOrders": bundle(*orders),
            **more,
        }

    async def run(self, *statements):
        batch = Batch(uuid.uuid4().bytes, statements=list(statements), notices=[("config", "")])
        await self.door.store.submit(batch)


def other(number, **more):
    """A Patient who is somebody else."""
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:hutong:A:pid", "value": number}],
        "name": [{"text": "李四"}],
        **more,
    }


def visit(kind, number=""):
    found = {"resourceType": "Encounter", "id": "e1", "class": {"system": ACT, "code": kind}}
    if number:
        found["identifier"] = [{"system": "urn:hutong:A:visit", "value": number}]
    return found


def draft(loinc="1742-6", id_="d1", subject="Patient/p1", **more):
    return {
        "resourceType": "ServiceRequest",
        "id": id_,
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": LOINC, "code": loinc}], "text": "丙氨酸氨基转移酶"},
        "subject": {"reference": subject},
        **more,
    }


def bundle(*resources):
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in resources],
    }


async def post(client, resource):
    made = await client.post(f"/{resource['resourceType']}", json=resource)
    assert made.status_code in {200, 201}, made.text
    return made.json()


@pytest.fixture
async def consortium(gateway):
    a = await gateway.campus("A", *SCOPES)
    b = await gateway.campus("B", *SCOPES)
    made = Consortium(gateway, a, b)
    await made.settle()
    return made
