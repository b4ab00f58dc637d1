"""Three campuses with critical values followed, and short ways to send results."""

from dataclasses import replace

from gateway.interactions.keys import organization_id
from gateway.interactions.update import update
from gateway.workflow.critical.follow import follower
from tests.gateway.interactions.consortium import LOINC, Consortium, encoded, patient

MINUTE = 60_000_000
POTASSIUM, SODIUM = "2823-3", "2951-2"
V3 = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
ADULT = {"birthDate": "1970-05-01", "gender": "male"}


class Ward(Consortium):
    """A consortium whose door follows critical values."""

    def __init__(self, folder, **more):
        super().__init__(folder, **more)
        self.door = replace(self.door, followers=(follower,))

    async def patient(self, campus="B", id_="p1", **more):
        return await self.put(campus, patient(id_, **{**ADULT, **more}))

    async def result(self, value=2.6, campus="B", id_="o1", code=POTASSIUM, **more):
        return await self.put(campus, potassium(id_, value, code=code, **more))

    async def join(self, *patients, id_="person"):
        """Say that some Patients are one human."""
        link = [
            {"target": {"reference": f"Patient/{one}"}, "assurance": "level4"} for one in patients
        ]
        person = {"resourceType": "Person", "id": id_, "link": link}
        return await update(self.door, self.admin(), "Person", id_, encoded(person))

    async def visit(self, campus, subject, id_="e1", status="in-progress", ward="IMP", **period):
        encounter = {
            "resourceType": "Encounter",
            "id": id_,
            "status": status,
            "class": {"code": ward},
            "subject": {"reference": f"Patient/{subject}"},
            "period": {"start": "2026-11-20T08:00:00+08:00", **period},
        }
        return await self.put(campus, encounter)

    async def order(self, campus, subject, id_="sr1"):
        order = {
            "resourceType": "ServiceRequest",
            "id": id_,
            "status": "active",
            "intent": "order",
            "subject": {"reference": f"Patient/{subject}"},
        }
        return await self.put(campus, order)

    async def tasks(self, campus="B", query=""):
        page = await self.search(campus, f"Task?code=critical-ack{query}")
        return [one.resource() for one in page.matches]

    async def task(self, campus="B", query=""):
        found = await self.tasks(campus, query)
        assert len(found) == 1, [one["id"] for one in found]
        return found[0]

    def row(self, task):
        (row,) = self.store.fetch("critical_row", (task["id"],))
        return row


def potassium(id_="o1", value=2.6, *, code=POTASSIUM, subject="p1", unit="mmol/L", **more):
    found = {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": {"reference": f"Patient/{subject}"} if subject else None,
        "valueQuantity": {"value": value, "unit": unit},
    }
    return {name: one for name, one in {**found, **more}.items() if one is not None}


def flagged(code):
    return [{"coding": [{"system": V3, "code": code}]}]


def codes(references):
    """The codes of the campuses whose Organizations are named."""
    known = {f"Organization/{organization_id(one)}": one for one in "ABC"}
    return [known[one["reference"]] for one in references]
