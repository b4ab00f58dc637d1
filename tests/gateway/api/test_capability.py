import pytest

from gateway.api.routes import ROUTES
from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.fhir.published import entries
from tests.gateway.api.conftest import BASE
from tests.gateway.api.samples import read, refusal


@pytest.fixture
async def statement(gateway):
    return read(await gateway.client().get("/metadata"))


def of(statement, type_):
    (rest,) = statement["rest"]
    (found,) = [one for one in rest["resource"] if one["type"] == type_]
    return found


async def test_it_is_open_to_all(statement):
    assert statement["fhirVersion"] == "4.0.1"
    assert statement["implementation"]["url"] == BASE
    assert {"application/fhir+json", "application/fhir+xml"} < set(statement["format"])


async def test_it_tells_every_interaction_of_the_route_table(statement):
    told = {one["code"] for one in statement["rest"][0]["interaction"]}
    told |= {one["code"] for one in of(statement, "Patient")["interaction"]}
    routed = {code for *_, codes in ROUTES for code in codes.split() if code[0] != "$"}
    assert told == routed - {"capabilities"}


async def test_it_tells_the_compartments_that_are_served(statement):
    told = set(statement["rest"][0]["compartment"])
    assert told == {
        f"http://hl7.org/fhir/CompartmentDefinition/{name}"
        for name in ("patient", "encounter", "device", "practitioner", "relatedPerson")
    }
    assert told == {one.url for one in entries("CompartmentDefinition").values()}


async def test_it_tells_every_type(statement):
    assert [one["type"] for one in statement["rest"][0]["resource"]] == list(RESOURCE_TYPES)


@pytest.mark.usefixtures("gateway")
async def test_it_tells_the_search_parameters_that_are_answered(anna, statement):
    params = {one["name"]: one["type"] for one in of(statement, "Observation")["searchParam"]}
    values = {"token": "a", "reference": "Patient/1", "date": "2026", "string": "a"}
    values |= {"quantity": "5", "uri": "http://a.test", "composite": "a$5"}
    assert set(params.values()) == set(values)
    assert {"subject", "code", "date", "_id", "_lastUpdated"} <= params.keys()
    assert {"value-quantity", "_text", "_profile"} <= params.keys()
    assert not {"_query", "_filter"} & params.keys()
    for name, kind in params.items():
        answer = await anna.get(
            "/Observation", params={name: "a$2026" if name == "code-value-date" else values[kind]}
        )
        assert answer.status_code == 200, (name, answer.text)


async def test_it_tells_what_can_be_included(anna, statement):
    included = of(statement, "DiagnosticReport")["searchInclude"]
    assert "DiagnosticReport:based-on" in included
    assert "DiagnosticReport:based-on" in of(statement, "ServiceRequest")["searchRevInclude"]
    # A canonical is no reference that is followed.
    told = of(statement, "QuestionnaireResponse")["searchInclude"]
    assert "QuestionnaireResponse:source" in told
    assert "QuestionnaireResponse:questionnaire" not in told
    for name in included:
        answer = await anna.get("/DiagnosticReport", params={"_include": name})
        assert answer.status_code == 200, name


@pytest.mark.usefixtures("statement")
async def test_it_is_made_once(gateway):
    first, second = [await gateway.client().get("/metadata") for _ in range(2)]
    assert first.content == second.content
    assert (await gateway.client().head("/metadata")).status_code == 200


async def test_a_part_of_it_is_shown(gateway, statement):
    client = gateway.client()
    for query in ("_elements=software", "_summary=true", "mode=full&_elements=software"):
        part = read(await client.get(f"/metadata?{query}"))
        assert part["software"] == statement["software"]
        assert part["meta"]["tag"][0]["code"] == "SUBSETTED"
        assert ("rest" in part) == ("summary" in query)
        assert (await client.get(f"/metadata?{query}&_format=xml")).status_code == 200
    assert read(await client.get("/metadata?_summary=false")) == statement
    codes = read(await client.get("/metadata?mode=terminology&_elements=expansion"))
    assert "codeSystem" not in codes
    for query in ("_summary=count", "_elements=nothing", "_count=1"):
        refusal(await client.get(f"/metadata?{query}"), 400, "invalid")


async def test_other_modes_are_refused(gateway):
    client = gateway.client()
    assert (await client.get("/metadata?mode=full")).status_code == 200
    refusal(await client.get("/metadata?mode=nothing"), 400, "not-supported")


async def test_it_tells_every_operation_of_the_table(statement):
    (rest,) = statement["rest"]
    told = {
        (one["type"], op["name"]) for one in rest["resource"] for op in one.get("operation", ())
    }
    told |= {("", op["name"]) for op in rest.get("operation", ())}
    routed = {
        (parts[0] if len(parts) > 1 else "", parts[-1][1:])
        for _, path, *_ in ROUTES
        if (parts := path.removeprefix("/fhir/").split("/"))[-1].startswith("$")
    }
    assert {one for one in routed if one[0] != "{type}"} <= told
    of_every_type = {name for type_, name in routed if type_ == "{type}"}
    assert {name for _, name in told} == {name for _, name in routed}
    assert all((name, op) in told for op in of_every_type for name in RESOURCE_TYPES)
    for name in ("$graphql", "$match", "$purge"):
        assert name[1:] not in {op for _, op in told}
