"""What the references between the entries of a bundle lead to, however they are written."""

import time

import pytest

from gateway.errors import InvalidRequestError
from gateway.interactions.addresses import Addresses
from gateway.interactions.bundle import bundle
from tests.gateway.interactions.consortium import BASE, encoded, observation, patient
from tests.gateway.interactions.sending import CHILD, MOTHER, entry, send

OTHER = "http://other.test/fhir"
NEEDLESS = ((b"/", b"\\/"), (b"urn:", b"\\u0075rn:"))


def posted(resource):
    return {key: value for key, value in resource.items() if key != "id"}


async def test_a_full_url_names_no_other_resource_of_this_server(house):
    """Else the results of one of two humans would be led to the other."""
    asked = [
        entry("PUT", "Patient/p1", patient("p1"), f"{BASE}/Patient/p2"),
        entry("PUT", "Patient/p2", patient("p2"), f"{BASE}/Patient/p1"),
        entry("PUT", "Observation/o", observation("o"), f"{BASE}/Observation/o"),
    ]
    with pytest.raises(InvalidRequestError) as caught:
        await send(house, "A", *asked)
    assert caught.value.issues[0].expression == "Bundle.entry[0].fullUrl"
    for address in (f"{BASE}/Patient/p1", f"{BASE}/Patient/p1/_history/1", f"{OTHER}/Patient/p2"):
        await send(house, "A", entry("PUT", "Patient/p1", patient("p1"), address))


@pytest.mark.parametrize("escape", NEEDLESS, ids=["slash", "letter"])
@pytest.mark.parametrize("address", [MOTHER, f"{OTHER}/Patient/p1"], ids=["urn", "http"])
async def test_a_reference_with_needless_escapes_leads_to_its_target(house, address, escape):
    sent = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            entry("POST", "Patient", posted(patient("p1")), address),
            entry(
                "POST",
                "Observation",
                posted(observation("o", "Patient/p1", performer=[{"reference": address}])),
                f"{OTHER}/Observation/o",
            ),
        ],
    }
    _, (mother, child) = await bundle(house.door, house.actor("A"), encoded(sent).replace(*escape))
    new = {"reference": f"Patient/{mother.written.stored.id}"}
    stored = child.written.stored.resource()
    assert stored["performer"] == [new]
    assert stored["subject"] == (new if address.startswith(OTHER) else {"reference": "Patient/p1"})


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_what_a_definition_is_called_stays(house, method):
    url = f"{OTHER}/StructureDefinition/e"
    named = {
        "resourceType": "StructureDefinition",
        "id": "e",
        "url": url,
        "name": "E",
        "status": "active",
        "kind": "complex-type",
        "abstract": False,
        "type": "Extension",
    }
    more = [
        {"url": url, "valueReference": {"reference": url}},
        {"url": "urn:test:c", "valueCanonical": url},
        {"url": "urn:test:u", "valueUri": url},
    ]
    definition, using = await send(
        house,
        "A",
        entry(method, "StructureDefinition" + "/e" * (method == "PUT"), named, url),
        entry("PUT", "Patient/p1", patient("p1", extension=more), f"{OTHER}/Patient/p1"),
    )
    assert definition.written.stored.resource()["url"] == url
    new = f"StructureDefinition/{definition.written.stored.id}"
    assert using.written.stored.resource()["extension"] == [
        {"url": url, "valueReference": {"reference": new}},
        more[1],
        {"url": "urn:test:u", "valueUri": new},
    ]


async def test_a_reference_to_a_version_leads_to_the_version_that_is_made(house):
    mother, _, told = await send(
        house,
        "A",
        entry("POST", "Patient", posted(patient("p1")), f"{OTHER}/Patient/p1"),
        entry("PUT", "Patient/p2", patient("p2"), f"{OTHER}/Patient/p2"),
        entry(
            "POST",
            "Observation",
            posted(
                observation(
                    "o",
                    "Patient/p1/_history/7",
                    performer=[
                        {"reference": f"{OTHER}/Patient/p1/_history/7"},
                        {"reference": "Patient/p2/_history/7"},
                        {"reference": f"{OTHER}/Patient/p3/_history/7"},
                    ],
                )
            ),
            f"{OTHER}/Observation/o",
        ),
    )
    stored = told.written.stored.resource()
    new = {"reference": f"Patient/{mother.written.stored.id}/_history/1"}
    assert stored["subject"] == new
    assert stored["performer"] == [
        new,
        {"reference": "Patient/p2/_history/7"},
        {"reference": f"{OTHER}/Patient/p3/_history/7"},
    ]


async def _seconds(house, count):
    """What it takes to lead the references of so many entries, each to another."""
    addresses = Addresses(house.door, house.actor("A"))
    urls = [f"urn:uuid:00000000-0000-4000-8000-{number:012}" for number in range(count)]
    for number, url in enumerate(urls):
        addresses.add(url, ("Patient", str(number)))
    bodies = [encoded(observation("o", url)) for url in urls]
    begin = time.process_time()
    for number, body in enumerate(bodies):
        found = await addresses.resolved(body)
        assert found["subject"]["reference"] == f"Patient/{number}"
    assert await addresses.resolved(encoded(observation("o", "urn:uuid:other"))) is None
    return time.process_time() - begin


async def test_thousands_of_references_take_no_more_than_their_number(house):
    few, many = await _seconds(house, 200), await _seconds(house, 4_000)
    # By their number 20 times as long, by its square 400 times.
    assert many < 100 * few


async def test_an_entry_of_a_batch_that_refers_to_another_is_refused(house):
    results = await send(
        house,
        "A",
        entry("POST", "Patient", posted(patient("p1")), MOTHER),
        entry("PUT", "Observation/o1", observation("o1", MOTHER), CHILD),
        entry("PUT", "Observation/o2", observation("o2", "urn:uuid:of-nobody-here")),
        kind="batch",
    )
    assert [one.status for one in results] == [201, 400, 201]
    assert isinstance(results[1].error, InvalidRequestError)
    place = "Bundle.entry[1].resource.Observation.subject.reference"
    assert results[1].error.expression == place
