"""A record over two campuses, and short ways to read what is told of it."""

from tests.gateway.api.conftest import ROOT
from tests.gateway.api.samples import PATIENT, link, observation, put, read


async def record(gateway, anna, boris):
    """Wang Xiuying at A (p1) and at B (q1), certainly one; p9 is somebody else."""
    for client, resource in (
        (anna, {"resourceType": "Organization", "id": "ward"}),
        (anna, {"resourceType": "Organization", "id": "house", "partOf": ref("Organization/ward")}),
        (anna, {"resourceType": "Practitioner", "id": "li"}),
        (anna, PATIENT | {"managingOrganization": ref("Organization/house")}),
        (anna, PATIENT | {"id": "p9"}),
        (boris, PATIENT | {"id": "q1"}),
        (anna, encounter("e1")),
        (
            anna,
            observation("o1", encounter=ref("Encounter/e1"), performer=[ref("Practitioner/li")]),
        ),
        (anna, observation("o9", "Patient/p9")),
        (boris, observation("o2", "Patient/q1", performer=[ref("Practitioner/li")])),
        (boris, observation("o3", "Patient/q1", hasMember=[ref("Observation/o9")])),
        (anna, {"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "aGk="}),
        (anna, report("d1", "Binary/b1")),
    ):
        assert (await put(client, resource)).status_code == 201
    await join(gateway, "p1", "q1")


async def join(gateway, *patients):
    links = [{"target": ref(f"Patient/{one}"), "assurance": "level4"} for one in patients]
    person = {"resourceType": "Person", "id": "w", "link": links}
    answer = await put(gateway.client(ROOT), person, **{"X-Hutong-Campus": "A"})
    assert answer.status_code in {200, 201}, answer.text


def ref(name):
    return {"reference": name}


def encounter(id_, **more):
    kind = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "finished",
        "class": kind,
        "subject": ref("Patient/p1"),
        **more,
    }


def report(id_, url, **more):
    return {
        "resourceType": "DiagnosticReport",
        "id": id_,
        "status": "final",
        "code": {"text": "x"},
        "subject": ref("Patient/p1"),
        "presentedForm": [{"contentType": "text/plain", "url": url}],
        **more,
    }


def names(bundle, *modes):
    """What a page has, as references, in order."""
    return [
        f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        for entry in bundle.get("entry", ())
        if entry["search"]["mode"] in (modes or ("match", "include"))
    ]


def notes(bundle):
    return " ".join(
        issue["details"]["text"]
        for entry in bundle.get("entry", ())
        if entry["search"]["mode"] == "outcome"
        for issue in entry["resource"]["issue"]
    )


async def pages(client, address):
    """Every page from an address on."""
    found = [read(await client.get(address))]
    while (following := link(found[-1], "next")) is not None:
        found.append(read(await client.get(following)))
    return found
