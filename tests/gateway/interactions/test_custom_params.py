"""Search parameters that are defined here: every type of them, before, while and after building."""

import pytest

from gateway.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotSupportedError,
    UnavailableError,
    UnprocessableError,
)
from gateway.interactions.parameters import Parameters
from tests.faltering import Faltering
from tests.gateway.interactions.consortium import included, names, observation, patient
from tests.gateway.interactions.defined import build, defined, extension, of, parameter, rows_of


@pytest.fixture
def house(house):
    """On both databases: rows are built and taken out by each one's own writer."""
    return house


# What each type finds: the value of the extension, a search that finds it, one that does not.
KINDS = {
    "token": ({"valueCoding": {"system": "urn:x", "code": "a"}}, "urn:x|a", "urn:x|b"),
    "token-of-concept": ({"valueCodeableConcept": {"coding": [{"code": "a"}]}}, "a", "b"),
    "token-of-code": ({"valueCode": "a"}, "a", "b"),
    "token-of-identifier": ({"valueIdentifier": {"system": "u", "value": "1"}}, "u|1", "u|2"),
    "token-of-boolean": ({"valueBoolean": True}, "true", "false"),
    "reference": ({"valueReference": {"reference": "Device/d"}}, "Device/d", "Device/e"),
    "date": ({"valueDate": "2026-05-01"}, "ge2026-05-01", "gt2026-05-01"),
    "date-of-period": ({"valuePeriod": {"start": "2026-05-01"}}, "gt2030", "lt2020"),
    "string": ({"valueString": "Ärztin"}, "arz", "b"),
    "number": ({"valueDecimal": 1.5}, "gt1", "gt2"),
    "quantity": (
        {"valueQuantity": {"value": 5, "system": "http://unitsofmeasure.org", "code": "mg"}},
        "0.005|http://unitsofmeasure.org|g",
        "6||mg",
    ),
    "uri": ({"valueUri": "http://a.test/b/c"}, "http://a.test/b/c", "http://a.test/b"),
}


@pytest.mark.parametrize("name", KINDS)
async def test_each_type_finds_what_was_stored_before_and_after(house, name):
    value, found, not_found = KINDS[name]
    kind = name.partition("-")[0]
    await house.put("A", patient("before", extension=[extension("x", **value)]))
    await house.put("A", patient("without"))
    await defined(house, parameter("own", "Patient", kind, of("Patient", "x")))
    await house.put("B", patient("after", extension=[extension("x", **value)]))
    await house.put("B", patient("other", extension=[extension("y", **value)]))
    assert await house.ids("A", f"Patient?own={found}") == ["after", "before"]
    assert await house.ids("A", f"Patient?own={not_found}") == []
    assert await house.ids("A", "Patient?own:missing=false") == ["after", "before"]
    assert await house.ids("A", "Patient?own:missing=true") == ["other", "without"]
    if kind != "composite":
        page = await house.search("A", "Patient?_sort=own,_id")
        assert {*names(page)[:2]} == {"Patient/after", "Patient/before"}


async def test_what_is_being_built_says_how_far_it_is(house):
    await house.put("A", patient("p1", extension=[extension("x", valueCode="a")]))
    await house.put(house.admin(), parameter("own", "Patient", "token", of("Patient", "x")))
    with pytest.raises(NotSupportedError, match=r"own is being built: 0 %"):
        await house.search("A", "Patient?own=a")
    with pytest.raises(NotSupportedError, match="being built"):
        await house.search("A", "Observation?subject:Patient.own=a")
    with pytest.raises(NotSupportedError, match="being built"):
        await house.search("A", "Patient?_sort=own")
    lenient = await house.search("A", "Patient?own=a", lenient=True)
    assert lenient.applied == []
    assert "being built" in lenient.notes[0].text
    await build(house)
    assert await house.ids("A", "Patient?own=a") == ["p1"]


async def test_chains_includes_and_modifiers_know_it(house):
    await house.put("A", {"resourceType": "Device", "id": "d"})
    linked = extension("device", valueReference={"reference": "Device/d"})
    coded = extension("ward", valueCodeableConcept={"coding": [{"code": "w"}], "text": "West"})
    await house.put("A", patient("p1", extension=[linked, coded]))
    await house.put("A", observation("o1"))
    await defined(
        house,
        parameter("device", "Patient", "reference", of("Patient", "device"), target=["Device"]),
        parameter(
            "ward",
            "Patient",
            "token",
            of("Patient", "ward").replace(".value", ".value.as(CodeableConcept)"),
        ),
    )
    for query in (
        "Patient?ward:text=west",
        "Patient?ward:not=x",
        "Patient?device:Device=d",
        "Patient?device._id=d",
        "Patient?device=Device/d&ward=w",
    ):
        assert await house.ids("A", query) == ["p1"], query
    assert await house.ids("A", "Observation?subject:Patient.ward=w") == ["o1"]
    assert await house.ids("A", "Device?_has:Patient:device:ward=w") == ["d"]
    assert included(await house.search("A", "Patient?_include=Patient:device")) == {"Device/d"}
    assert included(await house.search("A", "Patient?_include=*")) == {"Device/d"}
    back = await house.search("A", "Device?_revinclude=Patient:device")
    assert included(back) == {"Patient/p1"}
    assert included(await house.search("A", "Device?_revinclude=*")) == {"Patient/p1"}


async def test_composites_of_a_group_and_of_the_whole_resource(house):
    def part(code, value):
        return {"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value}}

    await house.put("A", observation("o1", component=[part("a", 1), part("b", 2)]))
    await house.put("A", observation("o2", component=[part("a", 2)], issued="2026-01-01T00:00:00Z"))
    own = parameter("part-code", "Observation", "token", "Observation.component.code")
    amount = parameter(
        "part-value", "Observation", "quantity", "Observation.component.value.as(Quantity)"
    )
    pair = parameter(
        "part",
        "Observation",
        "composite",
        "Observation.component",
        component=[
            {"definition": own["url"], "expression": "code"},
            {"definition": amount["url"], "expression": "value.as(Quantity)"},
        ],
    )
    whole = parameter(
        "status-and-part",
        "Observation",
        "composite",
        "Observation",
        component=[
            {
                "definition": "http://hl7.org/fhir/SearchParameter/Observation-status",
                "expression": "status",
            },
            {"definition": own["url"], "expression": "component.code"},
        ],
    )
    await defined(house, own, amount, pair, whole)
    assert await house.ids("A", "Observation?part=a$gt1") == ["o2"]
    assert await house.ids("A", "Observation?part=b$2") == ["o1"]
    assert await house.ids("A", "Observation?part=b$1") == []
    assert await house.ids("A", "Observation?status-and-part=final$b") == ["o1"]
    assert await house.ids("A", "Observation?status-and-part=final$a") == ["o2", "o1"]
    assert await house.ids("A", "Observation?part:missing=false&_count=5") == ["o2", "o1"]
    assert await house.ids("A", "Observation?status-and-part:missing=true") == []
    with pytest.raises(ConflictError, match="made of it"):
        await house.delete(house.admin(), "SearchParameter/part-code")


async def test_several_bases_are_one_definition(house):
    named = [extension("x", valueString="Nine")]
    await house.put("A", patient("p1", extension=named))
    await house.put("A", {"resourceType": "Practitioner", "id": "d1", "extension": named})
    await house.put("A", {"resourceType": "Device", "id": "e1", "extension": named})
    both = f"{of('Patient', 'x')} | {of('Practitioner', 'x')}"
    await defined(house, parameter("nick", ["Patient", "Practitioner"], "string", both))
    assert await house.ids("A", "Patient?nick=ni") == ["p1"]
    assert await house.ids("A", "Practitioner?nick=ni") == ["d1"]
    with pytest.raises(InvalidRequestError, match="no search parameter 'nick'"):
        await house.search("A", "Device?nick=ni")
    more = parameter("any", "DomainResource", "string", of("DomainResource", "x"))
    await defined(house, more, parameter("lang", "Resource", "token", "Resource.language"))
    assert await house.ids("A", "Device?any=ni") == ["e1"]
    await house.put("A", {"resourceType": "Device", "id": "e2", "language": "zh"})
    await house.put("A", patient("p2", language="zh"))
    assert sorted(await house.ids("A", "*?lang=zh")) == ["e2", "p2"]


async def test_what_it_does_not_take_is_refused_as_its_definition_says(house):
    more = {
        "multipleOr": False,
        "multipleAnd": False,
        "modifier": ["missing"],
        "comparator": ["gt"],
    }
    expression = of("Patient", "x")
    await defined(
        house,
        parameter("own", "Patient", "date", expression, **more),
        parameter("dev", "Patient", "reference", of("Patient", "d"), chain=["status"]),
    )
    assert await house.ids("A", "Patient?own=gt2026") == []
    assert await house.ids("A", "Patient?own:missing=false") == []
    assert await house.ids("A", "Patient?dev:Device.status=active") == []
    for query, words in (
        ("own=2026,2027", "one value"),
        ("own=2026&own=2027", "asked for once"),
        ("own=lt2026", "prefix lt"),
        ("own:exact=2026", "modifier ':exact'"),
        ("dev:Device.identifier=1", "this chain"),
    ):
        with pytest.raises(InvalidRequestError, match=words):
            await house.search("A", f"Patient?{query}")


REFUSED = {
    "a code that is R4's own": (
        parameter("gender", "Patient", "token", "Patient.x"),
        ConflictError,
    ),
    "a name with a meaning": (parameter("near", "Patient", "token", "Patient.id"), None),
    "an expression that cannot be indexed": (
        parameter("own", "Patient", "string", "Patient.name.trace('x').given"),
        "expression.*trace",
    ),
    "an element that is not there": (
        parameter("own", "Patient", "string", "Patient.names"),
        "expression.*names",
    ),
    "a type that such a search cannot find": (
        parameter("own", "Patient", "quantity", "Patient.name"),
        "leads to nothing",
    ),
    "another type's path": (parameter("own", "Patient", "token", "Device.status"), "Device"),
    "no expression": (parameter("own", "Patient", "token"), "expression"),
    "a special type": (parameter("own", "Patient", "special", "Patient.id"), "type.*special"),
    "a code with a dot": (parameter("a.b", "Patient", "token", "Patient.id") | {"id": "x"}, "code"),
    "phonetic": (
        parameter("own", "Patient", "string", "Patient.name", xpathUsage="phonetic"),
        "xpathUsage",
    ),
    "what the server says": (
        parameter("own", "Patient", "token", "Patient.meta.security"),
        "_security",
    ),
    "a part that is not there": (
        parameter(
            "own",
            "Patient",
            "composite",
            "Patient",
            component=[{"definition": "http://x.test/y", "expression": "id"}] * 2,
        ),
        r"component\[0\]",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_served_is_refused_with_its_place(house, name):
    resource, told = REFUSED[name]
    if name == "a name with a meaning":
        resource = resource | {"code": "_sort", "url": "http://x.test/s"}
        told = "code"
    if told is ConflictError:
        resource = resource | {"expression": "Patient.gender"}
        with pytest.raises(ConflictError, match="Patient has a search parameter gender"):
            await house.put(house.admin(), resource)
        return
    with pytest.raises(UnprocessableError, match=told) as caught:
        await house.put(house.admin(), resource)
    assert caught.value.expression.startswith("SearchParameter.")


async def test_an_administrator_puts_it_in_use_and_others_propose(house):
    own = parameter("own", "Patient", "token", of("Patient", "x"))
    with pytest.raises(ForbiddenError, match="draft"):
        await house.put("A", own)
    await house.put("A", own | {"status": "draft"})
    with pytest.raises(InvalidRequestError, match="no search parameter 'own'"):
        await house.search("A", "Patient?own=a")
    await house.put(house.admin("A"), own)
    await build(house)
    assert await house.ids("B", "Patient?own=a") == []
    for change in (
        house.delete("A", "SearchParameter/own"),
        house.put("A", own | {"status": "retired"}),
    ):
        with pytest.raises(ForbiddenError):
            await change


async def test_two_of_one_code_or_url_are_a_conflict(house):
    own = parameter("own", "Patient", "token", of("Patient", "x"))
    await house.put(house.admin(), own)
    with pytest.raises(ConflictError, match="own already"):
        await house.put(house.admin(), own | {"id": "b", "url": "http://x.test/b"})
    with pytest.raises(ConflictError, match="url"):
        await house.put(house.admin(), own | {"id": "b", "code": "b"})
    await house.put(
        house.admin(),
        own
        | {
            "id": "b",
            "url": "http://x.test/b",
            "base": ["Device"],
            "expression": of("Device", "x"),
        },
    )


@pytest.mark.parametrize("way", ["retired", "draft", "deleted"])
async def test_what_is_retired_is_unknown_and_its_rows_go(house, way):
    coded = extension("x", valueCodeableConcept={"coding": [{"code": "a"}], "text": "A"})
    await house.put("A", patient("p1", extension=[coded]))
    own = parameter("own", "Patient", "token", of("Patient", "x"))
    await defined(house, own)
    await house.put("A", patient("p1", extension=[coded], active=True))
    assert rows_of(house, 1) == 6
    if way == "deleted":
        await house.delete(house.admin(), "SearchParameter/own")
    else:
        await house.put(house.admin(), own | {"status": way})
    with pytest.raises(InvalidRequestError, match="no search parameter 'own'"):
        await house.search("A", "Patient?own=a")
    await house.put("A", patient("p2", extension=[coded]))
    await build(house)
    assert rows_of(house, 1) == 0
    # The same again is a definition of its own.
    await defined(house, own)
    assert await house.ids("A", "Patient?own=a") == ["p2", "p1"]
    assert rows_of(house, 1) == 0
    assert rows_of(house, 2) == 6


async def test_a_changed_expression_is_built_anew_and_other_changes_are_at_once(house):
    both = [extension("x", valueCode="a"), extension("y", valueCode="b")]
    await house.put("A", patient("p1", extension=both))
    own = parameter("own", "Patient", "token", of("Patient", "x"))
    await defined(house, own)
    await house.put(house.admin(), own | {"multipleOr": False})
    assert await house.ids("A", "Patient?own=a") == ["p1"]
    with pytest.raises(InvalidRequestError, match="one value"):
        await house.search("A", "Patient?own=a,b")
    await house.put(house.admin(), own | {"expression": of("Patient", "y")})
    with pytest.raises(NotSupportedError, match="being built"):
        await house.search("A", "Patient?own=b")
    await build(house)
    assert await house.ids("A", "Patient?own=b") == ["p1"]
    assert await house.ids("A", "Patient?own=a") == []


async def test_an_unknown_name_is_told_what_is_near(house):
    await defined(house, parameter("ward-code", "Patient", "token", of("Patient", "x")))
    with pytest.raises(InvalidRequestError, match="Near: ward-code"):
        await house.search("A", "Patient?ward-cod=a")


async def test_what_is_hidden_is_not_found_by_it_either(house):
    coded = {"extension": [extension("x", valueCode="a")]}
    task = {"resourceType": "Task", "id": "t1", "status": "requested", "intent": "order"}
    await house.put("A", task | coded)
    await defined(house, parameter("own", "Task", "token", of("Task", "x")))
    assert await house.ids("A", "Task?own=a") == ["t1"]
    for query in ("Task?own=a", "Task?own:missing=false", "Task?_sort=own"):
        page = await house.search("B", f"{query}&_total=accurate")
        assert (page.matches, page.total) == ([], 0)


async def test_rfours_own_definitions_are_found_by_it_too(house):
    stored = {"resourceType": "ValueSet", "id": "mine", "status": "active", "copyright": "Nobody"}
    await house.put("A", stored)
    immutable = parameter("immutable", "ValueSet", "token", "ValueSet.immutable")
    rights = parameter("rights", "ValueSet", "string", "ValueSet.copyright")
    await defined(house, immutable, rights)
    found = await house.ids("A", "ValueSet?immutable=true&_count=5&_sort=_id")
    assert len(found) == 5
    assert "mine" not in found
    lacking = await house.search("A", "ValueSet?rights:missing=true&_total=accurate&_count=1")
    having = await house.search("A", "ValueSet?rights:missing=false&_total=accurate&_count=1")
    everything = await house.search("A", "ValueSet?_total=accurate&_count=1")
    assert having.total > 1
    assert lacking.total + having.total == everything.total
    assert await house.ids("A", "ValueSet?rights=nobody") == ["mine"]
    ordered = await house.pages("A", "ValueSet?rights:missing=false&_sort=rights&_count=40")
    words = [one.resource()["copyright"] for page in ordered for one in page.matches]
    assert len(words) == having.total


@pytest.mark.parametrize("statement", ["setting", "params_live"])
async def test_no_write_is_prepared_for_half_of_what_is_defined(house, statement):
    store = Faltering(house.store)
    params = Parameters(store)
    assert "own" not in params.of("Patient")
    await defined(house, parameter("own", "Patient", "token", of("Patient", "x")))
    params.forget()
    store.away.add(statement)
    for _ in range(3):
        # The new generation beside the old definitions would pass the writer without index rows.
        with pytest.raises(UnavailableError):
            params.generation  # noqa: B018 - it is read
    store.away.clear()
    assert params.generation is not None
    assert "own" in params.of("Patient")
