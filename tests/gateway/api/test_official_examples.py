"""Every official example through create, read, vread, history and search, in JSON and in XML."""

from dataclasses import replace

import httpx
import pytest

from gateway.api.application import application
from gateway.events.guard import guard
from gateway.fhir import xml
from gateway.fhir.codec import decode_exact, encode, same
from tests.gateway.api.conftest import BASE, ROOT
from tests.gateway.api.samples import JSON

ADDED = {
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "http://terminology.hl7.org/CodeSystem/v3-ActCode",
}
"""Code systems of the labels that the door adds."""
CAMPUS = "urn:hutong:ext:campus"


@pytest.fixture
async def administrator(door, gateway):
    await gateway.campus("A")
    app = application(replace(door, guards=(("Subscription", guard),)), [], None, None)
    headers = {"Authorization": f"Bearer {ROOT}", "X-Hutong-Campus": "A", **JSON}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE, headers=headers) as client:
        yield client


def plain(resource):
    """The resource without what the gateway adds to `meta`."""
    meta = {
        name: value
        for name, value in resource.get("meta", {}).items()
        if name not in {"versionId", "lastUpdated"}
    }
    extensions = [one for one in meta.pop("extension", []) if one["url"] != CAMPUS]
    if extensions:
        meta["extension"] = extensions
    labels = [one for one in meta.pop("security", []) if one["system"] not in ADDED]
    if labels:
        meta["security"] = labels
    rest = {name: value for name, value in resource.items() if name != "meta"}
    return rest | {"meta": meta}


def entry_of(body):
    (found,) = decode_exact(body)["entry"]
    return found["resource"]


@pytest.mark.needs("shared data")
async def test_every_official_example_comes_back(administrator, shared):
    paths = sorted((shared / "data" / "fhir-r4" / "examples").glob("*.json"))
    assert len(paths) == 706
    for path in paths:
        body = path.read_bytes()
        sent = decode_exact(body)
        if sent["resourceType"] == "Subscription":
            # Of its states one is the caller's to ask for; the others are refused.
            sent["status"] = "requested"
            body = encode(sent)
        type_ = sent["resourceType"]
        if "id" in sent:
            made = await administrator.put(f"/{type_}/{sent['id']}", content=body)
        else:
            made = await administrator.post(f"/{type_}", content=body)
        assert made.status_code in {200, 201}, (path.name, made.text[:500])
        sent["id"] = decode_exact(made.content)["id"]
        address = f"/{type_}/{sent['id']}"
        whole = await administrator.get(address, params={"_format": "json"})
        version = made.headers["Location"].removeprefix(BASE)
        of_version = await administrator.get(version, params={"_format": "json"})
        history = await administrator.get(f"{address}/_history", params={"_count": "1"})
        search = await administrator.get(f"/{type_}", params={"_id": sent["id"], "_detail": "full"})
        in_xml = await administrator.get(address, params={"_format": "xml"})
        for told in (
            decode_exact(whole.content),
            decode_exact(of_version.content),
            entry_of(history.content),
            entry_of(search.content),
            decode_exact(encode(xml.decode(in_xml.content))),
        ):
            assert same(plain(told), plain(sent)), path.name
