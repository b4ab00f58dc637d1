"""R4's own definitions, read and searched like any resource."""

import pytest

from tests.gateway.api import samples
from tests.gateway.api.samples import link, put, read, refusal

BASE = "http://hl7.org/fhir/StructureDefinition"


def ids(bundle):
    return samples.ids(bundle) if "entry" in bundle else []


def _codes(id_, **more):
    return {
        "resourceType": "CodeSystem",
        "id": id_,
        "url": f"urn:test:{id_}",
        "status": "active",
        "content": "complete",
        **more,
    }


async def _pages(client, address):
    """Every id of a search, page by page, and how many each page had."""
    found, sizes = [], []
    while address:
        bundle = read(await client.get(address))
        sizes.append(len(ids(bundle)))
        found += ids(bundle)
        address = link(bundle, "next")
    return found, sizes


async def test_a_definition_is_found_by_its_address(anna):
    bundle = read(await anna.get(f"/StructureDefinition?url={BASE}/Patient"))
    (entry,) = bundle["entry"]
    assert entry["resource"]["id"] == "Patient"
    assert bundle["total"] == 1
    assert {"url": "urn:hutong:ext:campus", "valueCode": "consortium"} in entry["resource"]["meta"][
        "extension"
    ]


async def test_a_definition_is_read_with_its_version(anna):
    answer = await anna.get("/StructureDefinition/Patient")
    assert read(answer)["url"] == f"{BASE}/Patient"
    assert answer.headers["ETag"] == 'W/"1"'
    assert answer.headers["Last-Modified"].endswith("2019 22:29:23 GMT")
    assert read(await anna.get("/StructureDefinition/Patient/_history/1")) == read(answer)
    refusal(await anna.get("/StructureDefinition/Patient/_history/2"), 404, "not-found")
    versions = read(await anna.get("/StructureDefinition/Patient/_history"))["entry"]
    assert [one["resource"]["id"] for one in versions] == ["Patient"]


async def test_only_who_may_read_the_type_reads_it(gateway):
    ben = await gateway.campus("B", "system/Patient.rs")
    refusal(await ben.get("/StructureDefinition/Patient"), 403, "forbidden")
    refusal(await ben.get("/StructureDefinition?_id=Patient"), 403, "forbidden")


@pytest.mark.parametrize("query", ["", "?_id=Patient"])
async def test_nobody_writes_a_definition_of_r4(anna, query):
    changed = {"resourceType": "StructureDefinition", "id": "Patient", "url": f"{BASE}/Patient"}
    changed |= {"name": "Mine", "status": "active", "kind": "resource", "abstract": False}
    changed |= {"type": "Patient", "differential": {"element": [{"id": "P", "path": "Patient"}]}}
    at = f"/StructureDefinition{query or '/Patient'}"
    refusal(await anna.put(at, json=changed), 403, "forbidden")
    if not query:
        refusal(await anna.delete(at), 403, "forbidden")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "CodeSystem?code=vital-signs&name:missing=false&system=http://terminology.hl7.org/CodeSystem/observation-category",
            {"observation-category"},
        ),
        ("CodeSystem?name:exact=AdministrativeGender", {"administrative-gender"}),
        ("CodeSystem?name=administrativeg", {"administrative-gender"}),
        (
            "CodeSystem?name:contains=trativegend",
            {"administrative-gender", "v3-AdministrativeGender"},
        ),
        ("ValueSet?_id=administrative-gender,mine", {"administrative-gender"}),
        ("StructureDefinition?type=Observation&name=observation-bodyweight", {"bodyweight"}),
        ("StructureDefinition?url=http://hl7.org/fhir/StructureDefinition/bmi", {"bmi"}),
        ("StructureDefinition?_content=peritoneal+acceptability", set()),
        ("OperationDefinition?code=lastn", {"Observation-lastn"}),
        ("CompartmentDefinition?code=Device&_lastUpdated=lt2020", {"device"}),
        ("CompartmentDefinition?code=Device&_lastUpdated=ge2020", set()),
        ("CompartmentDefinition?code:not=Device,Encounter,Patient,Practitioner", {"relatedPerson"}),
        ("CompartmentDefinition?_campus=A", set()),
        ("CompartmentDefinition?name:missing=true", set()),
        ("SearchParameter?code=phonetic&base=Person", {"individual-phonetic"}),
    ],
)
async def test_definitions_are_searched_by_what_they_say(anna, query, expected):
    assert set(ids(read(await anna.get(f"/{query}")))) == expected


async def test_a_search_below_an_address_goes_by_its_parts(anna):
    found = read(await anna.get("/ConceptMap?url:below=http://hl7.org/fhir&_count=100"))
    assert found["total"] == len(ids(found)) > 10
    assert not ids(read(await anna.get("/ConceptMap?url:below=http://hl7.org/fh")))


async def test_what_members_stored_comes_with_them_newest_first(anna):
    for number in range(3):
        await put(anna, _codes(f"mine-{number}", name=f"Administra{number}"))
    found, sizes = await _pages(anna, "/CodeSystem?name=administra&_count=2")
    assert sizes == [2, 2]
    assert found == ["mine-2", "mine-1", "mine-0", "administrative-gender"]


@pytest.mark.parametrize("sort", ["name", "-name"])
async def test_an_order_takes_in_both(anna, sort):
    for name in ("Zebra", "AccountOf", "Middle"):
        await put(anna, _codes(name.lower(), name=name, description="xyz"))
    found, _ = await _pages(anna, f"/CodeSystem?_sort={sort}&_count=300&name:missing=false")
    assert len(found) == len(set(found)) > 1000
    places = [found.index(one) for one in ("accountof", "middle", "zebra")]
    assert places == sorted(places, reverse=sort != "name")
    # Stored ones stand among R4's own, not before or after all of them.
    assert 0 < places[1] < len(found) - 1


async def test_a_count_tells_of_both(anna):
    before = read(await anna.get("/CodeSystem?_summary=count"))["total"]
    await put(anna, _codes("mine"))
    for query in ("_summary=count", "_total=accurate&_count=1"):
        assert read(await anna.get(f"/CodeSystem?{query}"))["total"] == before + 1


async def test_a_search_over_other_types_does_not_meet_them(anna):
    assert not ids(read(await anna.get("/?_type=StructureDefinition,ValueSet&_id=Patient")))


@pytest.mark.parametrize(
    "query",
    [
        "_include=*&_revinclude=*",
        "_summary=true",
        "_elements=url,name",
        "_format=xml",
        "_explain=true",
    ],
)
async def test_what_shapes_a_search_shapes_them_too(anna, query):
    answer = await anna.get(f"/StructureDefinition?_id=Patient&{query}")
    assert answer.status_code == 200
    assert f"{BASE}/Patient" in answer.text


async def test_what_they_are_derived_from_is_named_by_a_canonical_and_not_followed(anna):
    answer = await anna.get("/StructureDefinition?_id=Patient&_include=StructureDefinition:base")
    refusal(answer, 400, "not-supported")


@pytest.mark.parametrize("type_", ["CodeSystem", "ConceptMap", "SearchParameter", "ValueSet"])
async def test_they_are_given_out_as_xml(anna, type_):
    bundle = read(await anna.get(f"/{type_}?_count=1"))
    (id_,) = ids(bundle)
    answer = await anna.get(f"/{type_}/{id_}", headers={"Accept": "application/fhir+xml"})
    assert answer.status_code == 200
    assert answer.text.startswith(f'<?xml version="1.0" encoding="UTF-8"?><{type_}')


async def test_a_batch_reads_them(anna):
    entry = {"request": {"method": "GET", "url": "StructureDefinition/Patient"}}
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    (found,) = read(await anna.post("/", json=bundle))["entry"]
    assert found["resource"]["id"] == "Patient"
