"""What the index keeps of numbers, quantities, addresses, words, and of what repeats together."""

import math
from zoneinfo import ZoneInfo

from gateway.fhir.extract import extract
from gateway.fhir.searchparams import search_params

ZONE = ZoneInfo("Asia/Shanghai")
UCUM = "http://unitsofmeasure.org"


def quantity(value, code="mg/dL", **more):
    return {"value": value, "unit": code, "system": UCUM, "code": code, **more}


def observation(**more):
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "urn:c", "code": "x", "display": "X ray"}], "text": "X"},
        **more,
    }


def measures(resource, code):
    number = search_params(resource["resourceType"])[code].id
    return [one for one in extract(resource, ZONE).measures if one.param == number]


def test_a_quantity_is_kept_as_written_and_in_base_units():
    written, based = measures(observation(valueQuantity=quantity(5.4)), "value-quantity")
    assert (written.lo, written.hi, written.unit) == (5.4, 5.4, None)
    assert (written.label, written.written) == ((UCUM, "mg/dL"), "mg/dL")
    assert (based.lo, based.hi, based.unit) == (54.0, 54.0, "g.m-3")


def test_a_comparator_opens_a_side():
    for comparator, lo, hi in (
        ("<", -math.inf, math.nextafter(5, 0)),
        ("<=", -math.inf, 5),
        (">", math.nextafter(5, 9), math.inf),
        (">=", 5, math.inf),
    ):
        value = quantity(5, "furlong", comparator=comparator)
        (row,) = measures(observation(valueQuantity=value), "value-quantity")
        assert (row.lo, row.hi) == (lo, hi)


def test_components_are_kept_together():
    parts = [
        {"code": {"coding": [{"code": code}]}, "valueQuantity": quantity(value, "mm[Hg]")}
        for code, value in (("sys", 120), ("dia", 80))
    ]
    rows = measures(observation(component=parts), "component-code-value-quantity")
    assert {(one.first[2], one.lo) for one in rows if one.unit is None} == {
        ("sys", 120),
        ("dia", 80),
    }


def test_what_is_there_is_told_whether_or_not_it_can_be_indexed():
    params = search_params("Observation")

    def has(resource, code):
        return bool(extract(resource, ZONE).present & params[code].present)

    worded = observation(code={"text": "only words"}, subject={"display": "somebody"})
    assert has(worded, "code")
    assert has(worded, "subject")
    assert not has(worded, "patient")
    assert not has(worded, "value-quantity")
    assert has(observation(subject={"reference": "Patient/1"}), "patient")
    assert not has(observation(subject={"reference": "Group/1"}), "patient")
    assert has(observation(meta={"tag": [{"code": "t"}]}), "_tag")


def test_presence_is_a_bit_a_parameter():
    for type_ in ("Observation", "Patient", "Encounter", "StructureDefinition"):
        bits = [one.present for one in search_params(type_).values() if one.stores == (one.id,)]
        assert len(set(bits)) == len(bits)
        assert max(bits) < 1 << 62


def test_how_somebody_is_reached_is_read_as_written_and_as_dialled():
    telecom = [
        {"system": "phone", "value": "0572-602 3456"},
        {"system": "email", "value": "li.1-2@a.test"},
        {"system": "url", "value": "http://a.test"},
        {"value": "1"},
    ]
    identifier = [{"system": "urn:x", "value": "7-7"}]
    patient = {"resourceType": "Patient", "telecom": telecom, "identifier": identifier}
    found = dict(extract(patient, ZONE).texts)
    told = found[search_params("Patient")["_content"].id].split("\n")
    assert told == ["0572-602 3456", "05726023456", "li.1-2@a.test"]


def test_words_are_kept_for_codes_narrative_and_content():
    params = search_params("Observation")
    div = '<div xmlns="http://www.w3.org/1999/xhtml"><p>Mild &amp; <b>late</b></p></div>'
    found = dict(extract(observation(text={"status": "generated", "div": div}), ZONE).texts)
    assert found[params["code"].id] == "X ray\nX"
    assert found[params["_text"].id] == "Mild & late"
    assert found[params["_content"].id].split("\n") == ["X ray", "X", "Mild & late"]
