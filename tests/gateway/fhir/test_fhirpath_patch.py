"""FHIRPath Patch: the official cases, and what they leave open."""

import html
import re

import msgspec
import pytest

from gateway.errors import CostlyError, GatewayError, InvalidRequestError, UnprocessableError
from gateway.fhir import xml
from gateway.fhir.codec import decode_exact, encode, same
from gateway.fhir.patch.fhirpath_patch import apply, read
from gateway.fhir.patch.spots import Budget, Spot, find, parse


def part_of(case, name):
    """The resource that stands within an element of a case."""
    text = case.partition(f"<{name}>")[2].partition(f"</{name}>")[0].strip()
    return decode_exact(encode(xml.decode(text.encode())))


def spaced(resource):
    """The resource with the white space of its narrative as a browser shows it."""
    if "text" in resource:
        div = re.sub(r"\s+", " ", html.unescape(resource["text"]["div"]))
        resource["text"]["div"] = re.sub(r" ?(<[^>]*>) ?", r"\1", div)
    return resource


@pytest.mark.needs("shared data")
def test_the_official_cases(shared):
    path = shared / "data/fhir-r4/test-cases/patch/fhir-patch-tests.xml"
    cases = path.read_text().split("<case ")[1:]
    assert len(cases) == 33
    for case in cases:
        name = case.split('"')[1]
        sent, patch = part_of(case, "input"), read(part_of(case, "diff"))
        if "<error" in case:
            with pytest.raises(UnprocessableError):
                apply(sent, patch)
        else:
            told = apply(sent, patch)
            assert same(spaced(told), spaced(part_of(case, "output"))), name


def patient():
    return {
        "resourceType": "Patient",
        "identifier": [
            {"use": "official", "system": "urn:a", "value": "1"},
            {"system": "urn:b", "value": "2"},
        ],
        "name": [{"given": ["a", None], "_given": [None, {"id": "x"}]}],
        "extension": [{"url": "urn:e", "valueDecimal": 1.5}, {"url": "urn:f", "valueCode": "c"}],
        "contained": [{"resourceType": "Group", "type": "person", "actual": True}],
        "deceasedBoolean": True,
    }


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Patient", 1),
        ("identifier", 2),
        ("Patient.identifier[1].value", 1),
        ("Patient.identifier[7]", 0),
        ("Patient.identifier.where(system = 'urn:b' and value != '1')", 1),
        ("Patient.identifier.where(system = 'urn:b' or (use = 'official' and value = '1'))", 2),
        ("Patient.identifier.where(use.exists()).system", 1),
        ("Patient.identifier.where(period.start = @2020-01-01)", 0),
        ("Patient.identifier.first().value", 1),
        ("Patient.identifier.last().where(value='2')", 1),
        ("Patient.name.single().given", 2),
        ("Patient.name.given[1].id", 1),
        ("Patient.extension('urn:e').value", 1),
        ("Patient.extension.where(value = 1.50)", 1),
        ("Patient.extension.where(value = 'c').url", 1),
        ("Patient.where(deceased = true)", 1),
        ("Patient.where(identifier[0].value = '1')", 1),
        ("Patient.where(extension('urn:f').value = 'c')", 1),
        ("Patient.deceased.ofType(boolean)", 1),
        ("(Patient.deceased as dateTime)", 0),
        ("Patient.contained.ofType(Group).type", 1),
        ("Patient.`identifier`", 2),
        ("Patient.colour", 0),
    ],
)
def test_a_path_leads_to_places(path, found):
    assert len(find(Spot(patient(), "Patient"), parse(path), Budget())) == found


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "a.", "a b", "a[", "a[x]", "a[1.5]", "a.where(", "a.where()", "a.where(b)"),
        *("a.where(b=)", "a.where(b=c)", "a.count()", "a.extension(b)", "a|b", "a;", "(a as", "a)"),
        *(
            "a.where(b='1' xor c='2')",
            "x" * 5_000,
            "a" + ".where(" * 500,
            "(a is B)",
            "a.where(1=1)",
        ),
        "a.where(" + "(" * 40,
    ],
)
def test_another_path_is_refused(path):
    with pytest.raises(InvalidRequestError):
        parse(path)


def test_more_than_one_is_not_single():
    with pytest.raises(InvalidRequestError):
        find(Spot(patient(), "Patient"), parse("Patient.identifier.single()"), Budget())


def patched(*operations, resource=None):
    parameters = {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "operation",
                "part": [
                    {"name": "type", "valueCode": type_},
                    {"name": "path", "valueString": path},
                    *parts,
                ],
            }
            for type_, path, *parts in operations
        ],
    }
    return apply(resource or patient(), read(parameters))


def test_what_stands_beside_a_value_goes_with_it():
    move = [{"name": "source", "valueInteger": 1}, {"name": "destination", "valueInteger": 0}]
    told = patched(("move", "Patient.name.given", *move))
    assert told["name"] == [{"given": [None, "a"], "_given": [{"id": "x"}, None]}]
    told = patched(("delete", "Patient.name.given[1]"))
    assert told["name"] == [{"given": ["a"]}]
    told = patched(("delete", "Patient.name.given[0]"))
    assert told["name"] == [{"_given": [{"id": "x"}]}]
    extra = {"name": "value", "valueString": "b", "_valueString": {"id": "y"}}
    told = patched(("insert", "Patient.name.given", {"name": "index", "valueInteger": 0}, extra))
    assert told["name"] == [{"given": ["b", "a", None], "_given": [{"id": "y"}, None, {"id": "x"}]}]
    told = patched(("replace", "Patient.name.given[0]", extra))
    assert told["name"] == [{"given": ["b", None], "_given": [{"id": "y"}, {"id": "x"}]}]


def test_an_extension_is_added_to_a_value():
    resource = {"resourceType": "Patient", "birthDate": "1950", "name": [{"given": ["a"]}]}
    value = {"name": "value", "valueExtension": {"url": "urn:x", "valueCode": "c"}}
    add = ("add", "Patient.birthDate", {"name": "name", "valueString": "extension"}, value)
    told = patched(add, ("add", "Patient.name.given[0]", *add[2:]), resource=resource)
    assert told["_birthDate"] == {"extension": [value["valueExtension"]]}
    assert told["name"] == [{"given": ["a"], "_given": [told["_birthDate"]]}]
    told = patched(("delete", "Patient.birthDate.extension"), resource=told)
    assert "_birthDate" not in told


def test_a_type_is_told_from_one_whose_name_ends_like_it():
    time = {"name": "value", "valueTime": "10:00:00"}
    into = {"name": "name", "valueString": "value"}
    resource = {"resourceType": "Patient", "extension": [{"url": "urn:x"}]}
    told = patched(("add", "Patient.extension[0]", into, time), resource=resource)
    assert told["extension"] == [{"url": "urn:x", "valueTime": "10:00:00"}]
    resource = {"resourceType": "Condition", "onsetDateTime": "2026"}
    with pytest.raises(UnprocessableError):
        patched(("replace", "Condition.onset", time), resource=resource)


def test_a_contained_resource_is_a_value():
    group = {"resourceType": "Group", "type": "animal", "actual": False}
    told = patched(
        (
            "add",
            "Patient",
            {"name": "name", "valueString": "contained"},
            {"name": "value", "resource": group},
        )
    )
    assert told["contained"][1] == group


def test_what_is_left_empty_goes():
    resource = {"resourceType": "Patient", "contact": [{"name": {"text": "x"}}]}
    assert patched(("delete", "Patient.contact.name.text"), resource=resource) == {
        "resourceType": "Patient"
    }


def test_an_error_names_the_operation():
    wrong = ("add", "Patient.colour", {"name": "name", "valueString": "x"})
    with pytest.raises(GatewayError) as told:
        patched(("delete", "Patient.photo"), (*wrong, {"name": "value", "valueString": "y"}))
    assert told.value.expression == "Parameters.parameter[1]"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        *(("Patient", name) for name in ("gender", "contained", "multipleBirth")),
        ("Patient.text", "div"),
    ],
)
def test_what_has_a_value_is_not_built_of_parts(path, name):
    resource = {"resourceType": "Patient", "text": {"status": "empty"}}
    parts = {"name": "value", "part": [{"name": "x", "valueString": "y"}]}
    with pytest.raises(UnprocessableError):
        patched(("add", path, {"name": "name", "valueString": name}, parts), resource=resource)


def test_what_a_patch_looks_at_is_bounded():
    resource = {"resourceType": "Patient", "name": [{"given": ["x"] * 1_000}] * 100}
    path = "Patient.name.given.where(extension.exists() or id = '1' or id = '2')"
    with pytest.raises(CostlyError):
        patched(("delete", path), resource=resource)


def test_a_number_that_nobody_computes_with_equals_none():
    found = patient()
    found["extension"][0]["valueDecimal"] = msgspec.Raw(b"1e-99999999999999999999")
    path = parse("Patient.extension.where(value = 1.5)")
    assert find(Spot(found, "Patient"), path, Budget()) == []
