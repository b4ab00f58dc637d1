"""The OperationDefinitions that the CapabilityStatement names are there to be read."""

from gateway.api.operations.definitions import own
from gateway.api.operations.table import OPERATIONS
from gateway.fhir import published
from gateway.fhir.validation import check
from tests.gateway.api.samples import ids, read

GUIDES = "http://hl7.org/fhir/uv/"
"""What guides of HL7 define, HL7 publishes."""


def test_what_is_packed_is_what_the_table_tells():
    made = own(OPERATIONS)
    assert {one["code"] for one in made} == {"acknowledge", "import", "recognize", "status"}
    for one in made:
        packed = dict(published.resource(published.at("OperationDefinition", one["url"])))
        packed.pop("meta", None)
        assert packed == one
        assert not check(one)


def test_an_operation_is_defined_by_others_or_described_here():
    for one in OPERATIONS:
        assert bool(one.definition) != bool(one.described), one.name


async def test_every_definition_of_the_capability_statement_is_found(anna):
    (rest,) = read(await anna.get("/metadata"))["rest"]
    told = [*rest["operation"], *(row for one in rest["resource"] for row in one["operation"])]
    addresses = {one["definition"] for one in told if not one["definition"].startswith(GUIDES)}
    assert len(addresses) > 15
    for address in addresses:
        found = read(await anna.get("/OperationDefinition", params={"url": address}))
        assert found["total"] == 1, address


async def test_a_definition_of_ours_is_read_like_others(anna):
    found = read(await anna.get("/OperationDefinition/hutong-recognize"))
    assert (found["code"], found["type"], found["instance"]) == ("recognize", True, True)
    assert [one["name"] for one in found["parameter"]][:4] == [
        *("order", "encounterClass", "at"),
        "decision",
    ]
    asked = {"code": "recognize", "_elements": "code"}
    assert ids(read(await anna.get("/OperationDefinition", params=asked))) == ["hutong-recognize"]
    answer = await anna.get("/OperationDefinition/hutong-recognize", params={"_format": "xml"})
    assert answer.status_code == 200
    validated = read(await anna.get("/OperationDefinition/hutong-recognize/$validate"))
    assert {one["severity"] for one in validated["issue"]} <= {"warning", "information"}
