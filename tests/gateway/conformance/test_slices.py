import pytest

from gateway.conformance.slices import includes, same
from tests.gateway.conformance.looking import BASE, found, observation, profile

LOCAL = "urn:test:local"
NOTE = "urn:test:note"


def sliced(kind, path, *elements):
    by = {"discriminator": [{"type": kind, "path": path}], "rules": "open"}
    return profile(("Observation.component", {"slicing": by}), *elements)


def component(**more):
    return {"code": {"text": "x"}, **more}


def needed(*components, made, more=()):
    """Whether the slice `mine`, of which there must be one, was found."""
    told = found(observation(component=list(components)), made, *more)
    return ("error", "required", "Observation.component") not in told


MINE = ("Observation.component:mine", {"min": 1})
PART = "Observation.component:mine"


@pytest.mark.parametrize(
    ("path", "element", "right", "wrong"),
    [
        (
            "value.ofType(Quantity).code",
            (f"{PART}.value[x].code", {"fixedCode": "mg"}),
            {"valueQuantity": {"code": "mg"}},
            {"valueQuantity": {"code": "g"}},
        ),
        (
            "value",
            (f"{PART}.value[x]", {"fixedBoolean": True}),
            {"valueBoolean": True},
            {"valueInteger": 1},
        ),
        (
            "code.coding",
            (f"{PART}.code.coding", {"patternCoding": {"system": LOCAL}}),
            {"code": {"coding": [{"system": "urn:x"}, {"system": LOCAL, "code": "a"}]}},
            {"code": {"coding": [{"system": "urn:x"}]}},
        ),
        (
            "interpretation",
            (
                f"{PART}.interpretation",
                {"binding": {"strength": "required", "valueSet": "urn:test:codes"}},
            ),
            {"interpretation": [{"coding": [{"system": LOCAL, "code": "a"}]}]},
            {"interpretation": [{"coding": [{"system": LOCAL, "code": "b"}]}]},
        ),
        (
            f"extension('{NOTE}').value",
            (f"{PART}.extension:note.value[x]", {"fixedString": "yes"}),
            {"extension": [{"url": NOTE, "valueString": "yes"}]},
            {"extension": [{"url": NOTE, "valueString": "no"}]},
        ),
        ("code.text", (f"{PART}.note.nobody", {}), None, {}),
    ],
)
def test_a_slice_is_found_at_the_end_of_a_path(path, element, right, wrong):
    codes = {
        "resourceType": "ValueSet",
        "url": "urn:test:codes",
        "compose": {"include": [{"system": LOCAL, "concept": [{"code": "a"}]}]},
    }
    note = profile(url=NOTE, type_="Extension")
    of_note = {"type": [{"code": "Extension", "profile": [NOTE]}]}
    made = sliced("value", path, MINE, (f"{PART}.extension:note", of_note), element)
    if right is not None:
        assert needed(component(**right), made=made, more=(codes, note))
    assert not needed(component(**wrong), made=made, more=(codes, note))


def test_a_slice_may_be_told_by_a_slice_within_it():
    made = sliced(
        "pattern",
        "code",
        MINE,
        (f"{PART}.code.coding:local", {"min": 1}),
        (f"{PART}.code.coding:local.system", {"min": 1, "fixedUri": LOCAL}),
    )
    assert needed({"code": {"coding": [{"system": LOCAL, "code": "a"}]}}, made=made)
    assert not needed(component(), made=made)


def test_one_of_several_profiles_on_a_type_is_enough():
    def of(code):
        url = f"urn:test:{code}"
        return profile(("Quantity.code", {"fixedCode": code}), url=url, type_="Quantity")

    urls = ["urn:test:mg", "urn:test:g"]
    made = profile(("Observation.value[x]", {"type": [{"code": "Quantity", "profile": urls}]}))
    for code, told in (("g", []), ("kg", [("error", "structure", "Observation.valueQuantity")])):
        value = {"value": 1, "code": code, "system": "urn:x"}
        assert found(observation(valueQuantity=value), made, of("mg"), of("g")) == told
    (one,) = found(observation(valueQuantity={"value": 1}), made, of("mg"))
    assert one == ("warning", "not-found", "Observation.valueQuantity")


def test_a_reference_by_its_type_alone_and_one_that_tells_none():
    targets = [BASE + "Patient", "urn:test:nobody"]
    made = profile(
        (
            "Observation.subject",
            {"type": [{"code": "Reference", "targetProfile": targets}]},
        )
    )
    for reference in ({"type": "Device"}, {"reference": "urn:uuid:1"}, {"display": "x"}):
        # What a profile that is not here is on cannot be told, so nothing is held against it.
        assert found(observation(subject=reference), made) == []


@pytest.mark.parametrize(
    ("value", "wanted", "equal", "within"),
    [
        (True, 1, False, False),
        (1, 1.0, True, True),
        ({"a": 1, "b": 2}, {"a": 1}, False, True),
        ([1, 2], [2], False, True),
        ([1, 2], [1, 2], True, True),
        ([{"a": 1, "b": 2}], [{"b": 2}], False, True),
        ({"a": 1}, {"a": 1, "b": 2}, False, False),
        ("x", {"a": 1}, False, False),
        ("x", ["x"], False, False),
    ],
)
def test_what_is_fixed_is_equal_and_what_is_a_pattern_is_within(value, wanted, equal, within):
    assert (same(value, wanted), includes(value, wanted)) == (equal, within)


@pytest.mark.parametrize(
    ("systems", "code"),
    [
        (["urn:card"], ""),
        (["urn:x", "urn:card"], ""),
        (["urn:x"], "required"),
        (["urn:card", "urn:card"], "structure"),
        ([], "required"),
    ],
)
def test_a_slice_has_slices_of_its_own(systems, code):
    def by(path):
        return {"discriminator": [{"type": "value", "path": path}], "rules": "open"}

    official = "Patient.identifier:official"
    made = profile(
        ("Patient.identifier", {"slicing": by("use")}),
        (official, {"min": 1, "slicing": by("system")}),
        (f"{official}.use", {"min": 1, "fixedCode": "official"}),
        (f"{official}/card", {"min": 1, "max": "1"}),
        (f"{official}/card.system", {"min": 1, "fixedUri": "urn:card"}),
        type_="Patient",
    )
    sent = [{"use": "official", "system": one, "value": "1"} for one in systems]
    sent.append({"use": "usual", "system": "urn:card", "value": "2"})
    told = found({"resourceType": "Patient", "identifier": sent}, made)
    assert {one for _, one, _ in told} == ({code} if code else set())
