"""Orders as the engine is asked: https://hl7.org/fhir/R4/servicerequest.html."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import InvalidRequestError
from gateway.recognition import asking
from gateway.recognition.catalogue.model import Code
from gateway.recognition.orders import Reading, order
from mappers.names import LOINC, SNOMED, v2_table

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ORGAN = {"coding": [{"system": SNOMED, "code": "72696002"}], "text": "膝关节"}


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def us(moment):
    return int(moment.timestamp()) * 1_000_000


def read(lookup=lambda _: None, **elements):
    body = json.dumps({"resourceType": "ServiceRequest", "id": "d1", **elements}).encode()
    return Reading(ZONE, us(NOW), lookup).asked(order(body, "ServiceRequest"), "ServiceRequest")


def concept(*codes, text=""):
    coding = [{"system": system, "code": code} for system, code in codes]
    return {**({"coding": coding} if coding else {}), **({"text": text} if text else {})}


def test_all_codings_are_asked_each_once():
    codes = (LOINC, "718-7"), ("urn:hutong:A:item", "HB"), (LOINC, "718-7")
    asked = read(code=concept(*codes, text="血红蛋白"))
    assert asked.codes == (Code(LOINC, "718-7"), Code("urn:hutong:A:item", "HB"))
    assert (asked.text, asked.ref) == ("血红蛋白", "ServiceRequest/d1")


def test_a_draft_that_says_nothing_is_a_question_all_the_same():
    assert read().codes == ()


def test_the_display_of_a_coding_serves_where_there_is_no_text():
    assert read(code={"coding": [{"code": "x", "display": "胸部CT平扫"}]}).text == "胸部CT平扫"


@pytest.mark.parametrize(
    ("site", "side"),
    [
        ({**ORGAN, "text": "左膝"}, "left"),
        (concept((SNOMED, "72696002"), (SNOMED, "24028007")), "right"),
        ({**ORGAN, "extension": [{"url": "http://x/laterality", "valueCode": "B"}]}, "bilateral"),
        (
            {
                **ORGAN,
                "extension": [
                    {
                        "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/"
                        "mcode-laterality-qualifier",
                        "valueCodeableConcept": concept((SNOMED, "7771000")),
                    }
                ],
            },
            "left",
        ),
        ({**ORGAN, "text": "左膝", "extension": [{"url": "laterality", "valueCode": "R"}]}, "?"),
        ({**ORGAN, "extension": [{"url": "laterality", "valueCode": "上"}]}, "?"),
        (ORGAN, ""),
    ],
)
def test_the_side_is_read_wherever_it_is_written(site, side):
    assert read(bodySite=[site]).laterality == side


def test_a_qualifier_among_the_details_is_a_side_not_a_technique():
    details = [concept((SNOMED, "7771000")), concept(text="平扫")]
    asked = read(bodySite=[ORGAN], orderDetail=details)
    assert (asked.laterality, asked.technique) == ("left", "平扫")


def test_two_sites_are_in_doubt():
    assert read(bodySite=[concept(text="胸部"), concept(text="头颅")]).body_site == "?"


def test_words_and_codes_of_one_site_agree():
    assert read(bodySite=[concept(text="胸部")]).body_site == "CHEST"
    assert read(bodySite=[concept((SNOMED, "51185008"), text="胸部")]).body_site == "CHEST"


SERUM = {"resourceType": "Specimen", "id": "s", "type": concept((v2_table("0487"), "SER"))}


def test_a_specimen_is_read_from_within_from_the_store_or_from_its_words():
    within = read(contained=[SERUM], specimen=[{"reference": "#s"}])
    stored = read(lambda _: json.dumps(SERUM).encode(), specimen=[{"reference": "Specimen/s"}])
    told = read(specimen=[{"display": "血清"}])
    assert (within.specimen, stored.specimen, told.specimen) == ("SER", "SER", "血清")


def test_what_else_is_contained_is_let_be():
    visit = {"resourceType": "Encounter", "id": "e", "type": [concept(text="门诊")]}
    assert read(contained=[visit], specimen=[{"reference": "#e"}]).specimen == ""


def test_two_specimens_are_in_doubt():
    assert read(specimen=[{"display": "血清"}, {"display": "尿"}]).specimen == "?"


@pytest.mark.parametrize(
    ("element", "moment"),
    [
        ({"occurrenceDateTime": "2026-11-22T09:00:00+08:00"}, utc(2026, 11, 22, 1, 0)),
        ({"occurrenceDateTime": "2026-11-25T09:00:00Z"}, utc(2026, 11, 25, 9, 0)),
        ({"occurrenceDateTime": "2026-11-22"}, None),
        ({"occurrenceDateTime": "2026-11-25"}, utc(2026, 11, 25, 15, 59, 59)),
        (
            {"occurrencePeriod": {"start": "2026-11-23", "end": "2026-11-24"}},
            utc(2026, 11, 24, 15, 59, 59),
        ),
        ({"occurrenceTiming": {"event": ["2026-11-25T09:00:00Z"]}}, utc(2026, 11, 25, 9, 0)),
        ({}, None),
    ],
)  # fmt: skip
def test_an_order_is_for_the_last_moment_of_its_time(element, moment):
    found = read(**element).occurrence
    assert (found // 1_000_000 if found else found) == (moment and us(moment) // 1_000_000)


@pytest.mark.parametrize(
    ("timing", "repeats"),
    [
        ({"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}, True),
        ({"code": {"text": "qd"}}, True),
        ({"event": ["2026-11-23", "2026-11-24"]}, True),
        ({"repeat": {"count": 2}}, True),
        ({"event": ["2026-11-23"]}, False),
        ({"repeat": {"count": 1, "boundsPeriod": {"start": "2026-11-23"}}}, False),
    ],
)
def test_an_order_repeats_unless_it_says_once(timing, repeats):
    assert read(occurrenceTiming=timing).repeating is repeats


@pytest.mark.parametrize(
    ("element", "place"),
    [
        ({"code": "718-7"}, "ServiceRequest.code"),
        ({"code": {"coding": [{"code": 7187}]}}, "ServiceRequest.code.coding[0].code"),
        ({"bodySite": {}}, "ServiceRequest.bodySite"),
        ({"bodySite": [{"extension": [7]}]}, "ServiceRequest.bodySite[0].extension[0]"),
        ({"occurrenceDateTime": "tomorrow"}, "ServiceRequest.occurrenceDateTime"),
        ({"occurrencePeriod": {"end": "2026-13"}}, "ServiceRequest.occurrencePeriod.end"),
        ({"contained": [[]]}, "ServiceRequest.contained[0]"),
    ],
)
def test_what_is_of_the_wrong_kind_is_named_by_place_not_by_value(element, place):
    with pytest.raises(InvalidRequestError) as refused:
        read(**element)
    (issue,) = refused.value.issues
    assert issue.expression == place
    assert not {"718", "tomorrow"} & set(issue.text.replace(".", " ").split())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["#s", "左"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["coding", "text", "extension", "url", "reference"]), inner
        )
    ),
    max_leaves=8,
)
ELEMENTS = st.sampled_from(
    ["code", "bodySite", "orderDetail", "specimen", "contained", "occurrenceTiming", "extension"]
)


@given(st.dictionaries(ELEMENTS, JSON))
def test_any_order_is_a_question_or_refused(elements):
    place = "ServiceRequest"
    try:
        read(**elements)
    except InvalidRequestError as refused:
        place = refused.issues[0].expression
    assert place.startswith("ServiceRequest")


# Who, and which visit.


def test_a_patient_is_asked_by_the_numbers_that_are_in_use():
    body = {
        "identifier": [
            {"system": "urn:hutong:A:pid", "value": "1"},
            {"system": "urn:hutong:A:pid", "value": "0", "use": "old"},
            {"value": "7"},
        ],
        "name": [{"use": "old", "text": "王丽"}, {"family": "王", "given": ["晓", "丽"]}],
        "birthDate": "1990-02-03",
        "gender": "female",
    }
    one = asking.asked(asking.patient(json.dumps(body).encode(), "x"), [Code("s", "v")])
    assert one.identifiers == (Code("urn:hutong:A:pid", "1"), Code("s", "v"))
    assert (one.name, one.birth_date, one.gender) == ("王晓丽", "1990-02-03", "female")


def test_names_of_letters_are_set_apart():
    assert asking.HumanName(family="Wang", given=("Li",)).whole == "Wang Li"


def test_a_visit_is_told_by_the_number_that_every_door_knows():
    foreign = {"system": "http://his/visits", "value": "9"}
    own = {"system": "urn:hutong:A:visit", "value": "V1"}
    body = {"class": {"code": "IMP"}, "identifier": [foreign, own]}
    found = asking.encounter(json.dumps(body).encode(), "x")
    assert (found.kind, found.key) == ("IMP", "urn:hutong:A:visit|V1")
    assert asking.encounter(json.dumps({"identifier": [foreign]}).encode(), "x").key == ""


@pytest.mark.parametrize("text", ["123", "|123", "urn:x|", "|"])
def test_an_id_is_no_number(text):
    assert asking.number(text) is None


def test_a_number_may_hold_a_bar():
    assert asking.number("urn:x|1|2") == Code("urn:x", "1|2")
