"""What the cases of recognition need: A asks, B measured; each case has a human of its own."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.running import Gateway

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
SPECIMENS = "http://terminology.hl7.org/CodeSystem/v2-0487"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CITIZEN = "urn:oid:2.16.156.10011.1.3"
BORN = "19800506"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
ALT = ("1742-6", 33.5, "U/L")

Json = dict[str, Any]
_numbers = itertools.count(1)


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


def citizen(number: int) -> str:
    """A number (GB 11643) of a woman born on BORN; the area code was never given out."""
    digits = f"331827{BORN}{number % 50 * 2:03d}"
    weights = (pow(2, 17 - place, 11) for place in range(17))
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return digits + "10X98765432"[total % 11]


class Human:
    """One human, known at campuses under numbers of their own; the citizen ID joins them."""

    def __init__(self, gateway: Gateway, *campuses: str, joined: bool = True) -> None:
        self.gateway = gateway
        self.number = next(_numbers)
        self.citizen = citizen(self.number) if joined else ""
        self.ids = {code: self._known_at(code)["id"] for code in campuses or ("A", "B")}

    def _known_at(self, code: str) -> Json:
        numbers = [{"system": f"urn:hutong:{code}:pid", "value": f"R{self.number}"}]
        if self.citizen:
            numbers.append({"system": CITIZEN, "value": self.citizen})
        return self.made(
            code,
            {
                "resourceType": "Patient",
                "identifier": numbers,
                "name": [{"text": f"病人{self.number}"}],
                "gender": "female",
                "birthDate": "1980-05-06",
            },
        )

    def made(self, campus: str, resource: Json) -> Json:
        answer = self.gateway.post(campus, f"/fhir/{resource['resourceType']}", resource)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()  # type: ignore[no-any-return]

    def changed(self, campus: str, resource: Json, **elements: Any) -> Json:
        name = f"{resource['resourceType']}/{resource['id']}"
        answer = httpx.put(
            f"{self.gateway.url}/fhir/{name}",
            json={**resource, **elements},
            headers=self.gateway.as_campus(campus),
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    # Results.

    def result(
        self,
        *measured: tuple[str, float, str],
        campus: str = "B",
        when: str = "",
        code: str = "",
        status: str = "final",
        kind: str = "SER",
        **more: Any,
    ) -> list[Json]:
        """A laboratory's report and its observations; collected yesterday unless told."""
        when = when or ago(hours=20)
        subject = {"subject": {"reference": f"Patient/{self.ids[campus]}"}}
        specimen = self.made(
            campus,
            {
                "resourceType": "Specimen",
                **subject,
                "type": {"coding": [{"system": SPECIMENS, "code": kind}]},
                "collection": {"collectedDateTime": when},
            },
        )
        drawn = {"reference": f"Specimen/{specimen['id']}"}
        observations = [
            self.made(
                campus,
                {
                    "resourceType": "Observation",
                    "status": status,
                    "code": {"coding": [{"system": LOINC, "code": loinc}]},
                    **subject,
                    "specimen": drawn,
                    "effectiveDateTime": when,
                    "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
                    **more,
                },
            )
            for loinc, value, unit in measured
        ]
        report = {
            "resourceType": "DiagnosticReport",
            "status": status,
            "code": {"coding": [{"system": LOINC, "code": code or measured[0][0]}]},
            **subject,
            "specimen": [drawn],
            "effectiveDateTime": when,
            "issued": ago(minutes=30),
            "result": [{"reference": f"Observation/{one['id']}"} for one in observations],
        }
        return [self.made(campus, report), *observations]

    def examined(self, name: str, modality: str, campus: str = "B") -> Json:
        """A report on an examination, and its study."""
        subject = {"subject": {"reference": f"Patient/{self.ids[campus]}"}}
        study = self.made(
            campus,
            {
                "resourceType": "ImagingStudy",
                "identifier": [
                    {"system": "urn:dicom:uid", "value": f"urn:oid:2.25.77{next(_numbers)}"}
                ],
                "status": "available",
                **subject,
                "started": ago(hours=20),
                "modality": [{"system": DCM, "code": modality}],
                "numberOfSeries": 1,
                "numberOfInstances": 2,
                "description": name,
            },
        )
        return self.made(
            campus,
            {
                "resourceType": "DiagnosticReport",
                "status": "final",
                "code": {"text": name},
                **subject,
                "effectiveDateTime": ago(hours=20),
                "issued": ago(hours=19),
                "imagingStudy": [{"reference": f"ImagingStudy/{study['id']}"}],
                "conclusion": "未见异常",
            },
        )

    # Questions.

    def check(self, *orders: Json | str, **more: Any) -> list[Json]:
        """Decisions by the façade; an order may be a LOINC code or a name."""
        whole = self.asked(*orders, **more)
        assert whole["identified"] is True
        return whole["decisions"]  # type: ignore[no-any-return]

    def asked(self, *orders: Json | str, **more: Any) -> Json:
        body = {
            "patient": {"system": "urn:hutong:A:pid", "value": f"R{self.number}"},
            "orders": [self._order(one) for one in orders],
            "encounterClass": "AMB",
            **more,
        }
        answer = self.gateway.post("A", "/recognition/check", body)
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    @staticmethod
    def _order(one: Json | str) -> Json:
        return {"system": LOINC, "code": one} if isinstance(one, str) else one

    def trial(self, loinc: str, at: str) -> str:
        """The outcome at a moment, by $recognize."""
        order = {
            "resourceType": "ServiceRequest",
            "status": "draft",
            "intent": "order",
            "code": {"coding": [{"system": LOINC, "code": loinc}]},
            "subject": {"reference": f"Patient/{self.ids['A']}"},
        }
        body = {
            "resourceType": "Parameters",
            "parameter": [
                {"name": "order", "resource": order},
                {"name": "encounterClass", "valueCoding": {"system": ACT, "code": "AMB"}},
                {"name": "at", "valueDateTime": at},
            ],
        }
        answer = self.gateway.post("A", "/fhir/ServiceRequest/$recognize", body)
        assert answer.status_code == 200, answer.text
        parts = answer.json()["parameter"][0]["part"]
        return next(one["valueCode"] for one in parts if one["name"] == "outcome")

    def answer(self, decision: Json, outcome: str, **more: Any) -> httpx.Response:
        body = {"outcome": outcome, "actor": "李医生", **more}
        return self.gateway.post("A", f"/recognition/decisions/{decision['id']}/answer", body)

    def kept(self, decision: Json, query: str = "") -> Json:
        answer = self.gateway.get("A", f"/recognition/decisions/{decision['id']}{query}")
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    # By hook.

    def sign(self, *orders: Json) -> list[Json]:
        """Cards of order-sign, the patient named by number."""
        number = f"urn:hutong:A:pid|R{self.number}"
        drafts = [{"subject": {"reference": f"Patient/{number}"}, **one} for one in orders]
        context = {
            "userId": "Practitioner/li",
            "patientId": number,
            "draftOrders": {
                "resourceType": "Bundle",
                "entry": [{"resource": one} for one in drafts],
            },
        }
        body = {
            "hook": "order-sign",
            "hookInstance": f"00000000-0000-4000-8000-{next(_numbers):012d}",
            "context": context,
            "prefetch": {
                "encounter": {
                    "resourceType": "Encounter",
                    "status": "in-progress",
                    "class": {"system": ACT, "code": "AMB"},
                }
            },
        }
        answer = self.gateway.post("A", "/cds-services/recognition-order-sign", body)
        assert answer.status_code == 200, answer.text
        return answer.json()["cards"]  # type: ignore[no-any-return]

    def feedback(self, *pieces: Json) -> httpx.Response:
        path = "/cds-services/recognition-order-sign/feedback"
        return self.gateway.post("A", path, {"feedback": list(pieces)})

    def recalls(self) -> list[Json]:
        """The Tasks that tell A of withdrawals, of this human."""
        found = self.gateway.get("A", "/fhir/Task", code="urn:hutong:cs:task|recognition-recall")
        own = {f"Patient/{one}" for one in self.ids.values()}
        entries = found.json().get("entry", ())
        tasks = [one["resource"] for one in entries if one["resource"]["resourceType"] == "Task"]
        return [one for one in tasks if one.get("for", {}).get("reference") in own]


def draft(loinc: str, id_: str = "d1", **more: Any) -> Json:
    return {
        "resourceType": "ServiceRequest",
        "id": id_,
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": LOINC, "code": loinc}]},
        **more,
    }


def rule(decision: Json, name: str) -> str:
    """The verdict of one rule."""
    return next(one["verdict"] for one in decision["rules"] if one["id"] == name)


def outcomes(decisions: Iterable[Json]) -> list[str]:
    return [one["outcome"] for one in decisions]
