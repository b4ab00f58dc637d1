"""Resources to send, and short ways to send them."""

import json

from gateway.fhir.codec import decode
from gateway.fhir.validation import check

JSON = {"Content-Type": "application/fhir+json"}
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "王", "given": ["秀英"]}]}


def observation(id_, subject="Patient/p1", **more):
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
        "subject": {"reference": subject},
        **more,
    }


async def put(client, resource, **headers):
    address = f"/{resource['resourceType']}/{resource['id']}"
    return await client.put(address, content=json.dumps(resource), headers=JSON | headers)


async def post(client, resource, address=None, **headers):
    address = f"/{resource['resourceType']}" if address is None else address
    return await client.post(address, content=json.dumps(resource), headers=JSON | headers)


def read(answer, status=200):
    """The resource of an answer of this status, which breaks no rule of R4."""
    assert answer.status_code == status, answer.text
    resource = decode(answer.content)
    assert [issue for issue in check(resource) if issue.severity == "error"] == []
    return resource


def refusal(answer, status, code):
    """The first issue of an OperationOutcome; status and code are as expected."""
    outcome = read(answer, status)
    assert outcome["resourceType"] == "OperationOutcome"
    (issue, *_) = outcome["issue"]
    assert (issue["severity"], issue["code"]) == ("error", code)
    return issue


def ids(bundle, mode="match"):
    return [entry["resource"]["id"] for entry in bundle["entry"] if entry["search"]["mode"] == mode]


def link(bundle, relation):
    return {one["relation"]: one["url"] for one in bundle["link"]}.get(relation)
