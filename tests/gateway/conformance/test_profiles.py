import pytest

from tests.gateway.conformance.looking import BASE, PROFILE, element, found, observation, profile

LOINC, LOCAL = "http://loinc.org", "urn:test:local"
QUANTITY = ("Observation.value[x]", {"type": [{"code": "Quantity"}]})
OF_PATIENT = {"code": "Reference", "targetProfile": [BASE + "Patient"]}
METRES = {"value": 1, "unit": "m", "system": "http://unitsofmeasure.org", "code": "m"}
RESOLVED = {"discriminator": [{"type": "type", "path": "resolve()"}], "rules": "open"}


def wrong(code, place):
    return [("error", code, f"Observation{place}")]


def component(code, system=LOINC, **more):
    return {"code": {"coding": [{"system": system, "code": code}]}, **more}


@pytest.mark.parametrize(
    ("said", "resource", "expected"),
    [
        (("Observation.subject", {"min": 1}), {}, wrong("required", ".subject")),
        (("Observation.subject", {"min": 1}), {"subject": {"display": "x"}}, []),
        (
            ("Observation.note", {"max": "0"}),
            {"note": [{"text": "x"}]},
            wrong("structure", ".note[0]"),
        ),
        (
            ("Observation.note", {"max": "1"}),
            {"note": [{"text": "x"}, {"text": "y"}]},
            wrong("structure", ".note[1]"),
        ),
        (
            ("Observation.status", {"fixedCode": "amended"}),
            {},
            wrong("value", ".status"),
        ),
        (("Observation.status", {"fixedCode": "final"}), {}, []),
        (
            ("Observation.code", {"patternCodeableConcept": {"coding": [{"system": LOINC}]}}),
            {},
            [],
        ),
        (
            ("Observation.code", {"patternCodeableConcept": {"coding": [{"system": LOCAL}]}}),
            {},
            wrong("value", ".code"),
        ),
        (
            QUANTITY,
            {"valueString": "x"},
            wrong("structure", ".valueString"),
        ),
        (
            QUANTITY,
            {"valueQuantity": {"value": 1}},
            [],
        ),
        (
            ("Observation.valueQuantity", {"min": 1}),
            {"valueString": "x"},
            wrong("required", ".value"),
        ),
        (
            (
                "Observation.subject",
                {"type": [{"code": "Reference", "targetProfile": [BASE + "Patient"]}]},
            ),
            {"subject": {"reference": "Device/1"}},
            wrong("structure", ".subject"),
        ),
        (
            (
                "Observation.subject",
                {"type": [{"code": "Reference", "targetProfile": [BASE + "Patient"]}]},
            ),
            {"subject": {"reference": "http://other/fhir/Patient/1/_history/2"}},
            [],
        ),
        (
            ("Observation.issued", {"maxLength": 3}),
            {"issued": "2020-01-01T00:00:00Z"},
            wrong("too-long", ".issued"),
        ),
        (
            ("Observation.code.text", {"min": 1}),
            {},
            wrong("required", ".code.text"),
        ),
    ],
)
def test_a_profile_narrows_an_element(said, resource, expected):
    assert found(observation(**resource), profile(said)) == expected


@pytest.mark.parametrize("path", ["value.x", "Nobody.code", "Observation.nobody.x", "Observation"])
def test_a_path_that_is_none_says_nothing(path):
    assert found(observation(), profile((path, {}), (f"{path}.valueString", {}))) == []


def test_a_profile_of_another_type_is_not_kept_to():
    patient = profile(type_="Patient")
    assert found(observation(), patient) == [("error", "structure", "Observation")]


@pytest.mark.parametrize(("claimed", "severity"), [([PROFILE], "warning"), ([], "error")])
def test_an_unknown_profile_is_told_of(claimed, severity):
    resource = observation(meta={"profile": claimed}) if claimed else observation()
    told = found(resource, profile(url="urn:test:other"), profiles=() if claimed else (PROFILE,))
    assert told == [(severity, "not-found", "Observation.meta.profile")]


def test_a_claimed_profile_counts():
    resource = observation(meta={"profile": [PROFILE]})
    subject = profile(("Observation.subject", {"min": 1}))
    assert found(resource, subject, profiles=()) == wrong("required", ".subject")


def test_a_profile_on_a_profile_has_what_both_say():
    parent = profile(("Observation.subject", {"min": 1}), url="urn:test:parent")
    child = profile(("Observation.issued", {"min": 1}), parent="urn:test:parent")
    told = found(observation(), parent, child)
    assert sorted(told) == wrong("required", ".issued") + wrong("required", ".subject")


def test_a_profile_without_its_parent_is_not_looked_at():
    child = profile(("Observation.issued", {"min": 1}), parent="urn:test:nobody")
    assert found(observation(), child) == [("error", "not-found", "Observation.meta.profile")]


def test_a_snapshot_is_taken_where_there_is_one():
    made = profile(parent="urn:test:nobody")
    made["snapshot"] = {
        "element": [element("Observation"), element("Observation.subject", min=1, max="1")]
    }
    assert found(observation(), made) == wrong("required", ".subject")


# Slices.

BY_CODE = {"discriminator": [{"type": "value", "path": "code"}], "rules": "open"}
SYSTOLIC = {"coding": [{"system": LOINC, "code": "8480-6"}]}


def pressure(**slicing):
    return profile(
        ("Observation.component", {"slicing": BY_CODE | slicing}),
        ("Observation.component:systolic", {"min": 1, "max": "1"}),
        ("Observation.component:systolic.code", {"patternCodeableConcept": SYSTOLIC}),
        ("Observation.component:systolic.valueQuantity", {"min": 1}),
        ("Observation.component:other", {"max": "1"}),
        ("Observation.component:other.code.coding.system", {"min": 1, "fixedUri": LOCAL}),
    )


VALUE = {"valueQuantity": {"value": 120}}


@pytest.mark.parametrize(
    ("components", "slicing", "expected"),
    [
        ([component("8480-6", **VALUE)], {}, []),
        ([component("1"), component("8480-6", **VALUE)], {}, []),
        ([component("1")], {}, wrong("required", ".component")),
        ([], {}, wrong("required", ".component")),
        (
            [component("8480-6", **VALUE), component("8480-6", **VALUE)],
            {},
            wrong("structure", ".component[1]"),
        ),
        ([component("8480-6")], {}, wrong("required", ".component[0].value")),
        (
            [component("8480-6", **VALUE), component("1")],
            {"rules": "closed"},
            wrong("structure", ".component[1]"),
        ),
        (
            [component("x", LOCAL), component("8480-6", **VALUE)],
            {"ordered": True},
            wrong("structure", ".component"),
        ),
        ([component("8480-6", **VALUE), component("x", LOCAL)], {"ordered": True}, []),
    ],
)
def test_slices_by_value(components, slicing, expected):
    resource = observation(**({"component": components} if components else {}))
    assert found(resource, pressure(**slicing)) == expected


def test_slices_by_what_is_there():
    made = profile(
        (
            "Observation.component",
            {"slicing": {"discriminator": [{"type": "exists", "path": "value"}], "rules": "open"}},
        ),
        ("Observation.component:measured", {"min": 1}),
        ("Observation.component:measured.value[x]", {"min": 1}),
        ("Observation.component:absent", {"max": "0"}),
        ("Observation.component:absent.value[x]", {"max": "0"}),
    )
    assert found(observation(component=[component("1", **VALUE)]), made) == []
    told = found(observation(component=[component("1")]), made)
    assert told == wrong("required", ".component") + wrong("structure", ".component[0]")


def test_slices_by_type():
    made = profile(
        (
            "Observation.value[x]",
            {"slicing": {"discriminator": [{"type": "type", "path": "$this"}], "rules": "closed"}},
        ),
        ("Observation.value[x]:quantity", {"type": [{"code": "Quantity"}]}),
        ("Observation.value[x]:quantity.code", {"min": 1}),
    )
    assert found(observation(valueString="x"), made) == wrong("structure", ".valueString")
    told = found(observation(valueQuantity={"value": 1}), made)
    assert told == wrong("required", ".valueQuantity.code")


def test_slices_by_where_a_reference_leads():
    def targets(type_):
        return {"type": [{"code": "Reference", "targetProfile": [BASE + type_]}]}

    made = profile(
        (
            "Observation.performer",
            {
                "slicing": {
                    "discriminator": [{"type": "type", "path": "resolve()"}],
                    "rules": "open",
                }
            },
        ),
        ("Observation.performer:doctor", {"min": 1, **targets("Practitioner")}),
        ("Observation.performer:house", {"max": "0", **targets("Organization")}),
    )
    doctor, house = {"reference": "Practitioner/1"}, {"reference": "Organization/1"}
    assert found(observation(performer=[doctor]), made) == []
    told = found(observation(performer=[house]), made)
    assert told == wrong("required", ".performer") + wrong("structure", ".performer[0]")


# Extensions.

EXTENSION = "urn:test:extension"


def extension(*elements, **more):
    return profile(*elements, url=EXTENSION, type_="Extension", **more)


def test_an_extension_is_looked_at_with_its_definition():
    made = extension(("Extension.value[x]", {"min": 1, "type": [{"code": "string"}]}))
    other = profile()
    assert found(observation(extension=[{"url": EXTENSION, "valueString": "x"}]), made, other) == []
    told = found(observation(extension=[{"url": EXTENSION, "valueInteger": 1}]), made, other)
    assert told == wrong("structure", ".extension[0].valueInteger")


def test_an_extension_beside_a_primitive_value_too():
    made = extension(("Extension.value[x]", {"type": [{"code": "string"}]}))
    beside = {"_issued": {"extension": [{"url": EXTENSION, "valueInteger": 1}]}}
    told = found(observation(issued="2020-01-01T00:00:00Z", **beside), made, profile())
    assert told == wrong("structure", ".issued.extension[0].valueInteger")


@pytest.mark.parametrize(
    ("member", "severity"), [("extension", "information"), ("modifierExtension", "warning")]
)
def test_an_extension_of_no_definition_is_told_of(member, severity):
    told = found(observation(**{member: [{"url": EXTENSION, "valueString": "x"}]}))
    assert told == [(severity, "extension", f"Observation.{member}[0]")]


def test_slices_of_extensions_are_told_by_their_address():
    by_url = {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}
    made = profile(
        ("Observation.extension", {"slicing": by_url}),
        (
            "Observation.extension:mine",
            {"min": 1, "type": [{"code": "Extension", "profile": [EXTENSION]}]},
        ),
    )
    plain = extension(("Extension.value[x]", {"type": [{"code": "string"}]}))
    right = observation(extension=[{"url": EXTENSION, "valueString": "x"}])
    assert found(right, made, plain) == []
    assert found(observation(), made, plain) == wrong("required", ".extension")


# R4's own profiles.

WEIGHT = BASE + "bodyweight"
VITAL = "http://terminology.hl7.org/CodeSystem/observation-category"


def weight(**more):
    return {
        "resourceType": "Observation",
        "status": "final",
        "meta": {"profile": [WEIGHT]},
        "category": [{"coding": [{"system": VITAL, "code": "vital-signs"}]}],
        "code": {"coding": [{"system": LOINC, "code": "29463-7"}]},
        "subject": {"reference": "Patient/1"},
        "effectiveDateTime": "2026-11-22",
        "valueQuantity": {
            "value": 70,
            "unit": "kg",
            "system": "http://unitsofmeasure.org",
            "code": "kg",
        },
        **more,
    }


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, []),
        ({"category": [{"text": "x"}]}, wrong("required", ".category")),
        (
            {"code": {"coding": [{"system": LOINC, "code": "1"}]}},
            [
                ("warning", "code-invalid", "Observation.code"),
                *wrong("required", ".code.coding"),
            ],
        ),
        (
            {
                "valueQuantity": {
                    "value": 1,
                    "unit": "m",
                    "system": "http://unitsofmeasure.org",
                    "code": "m",
                }
            },
            wrong("code-invalid", ".valueQuantity.code"),
        ),
        ({"effectiveDateTime": "2026"}, wrong("invariant", ".effectiveDateTime")),
        ({"subject": {"reference": "Device/1"}}, wrong("structure", ".subject")),
    ],
)
def test_the_profile_on_body_weight_is_kept_to(more, expected):
    assert found(weight(**more)) == expected


# Bindings.


@pytest.mark.parametrize(
    ("strength", "expected"),
    [
        ("required", wrong("code-invalid", ".method")),
        ("extensible", [("warning", "code-invalid", "Observation.method")]),
        ("preferred", []),
    ],
)
def test_a_binding_is_as_strong_as_it_says(strength, expected):
    bound = {"binding": {"strength": strength, "valueSet": "urn:test:methods"}}
    codes = {
        "resourceType": "ValueSet",
        "url": "urn:test:methods",
        "compose": {"include": [{"system": LOCAL, "concept": [{"code": "a"}]}]},
    }
    made = profile(("Observation.method", bound))
    for code, told in (("a", []), ("b", expected)):
        method = {"coding": [{"system": LOCAL, "code": code}]}
        assert found(observation(method=method), made, codes) == told


def test_what_cannot_be_told_of_a_binding_is_said():
    bound = {"binding": {"strength": "required", "valueSet": "urn:test:nobody"}}
    method = {"coding": [{"system": LOCAL, "code": "a"}]}
    told = found(observation(method=method), profile(("Observation.method", bound)))
    assert told == [("information", "not-found", "Observation.method")]
