"""What single fields of patients, visits, orders and specimens become."""

import pytest

from adapters.hl7v2 import parse
from mappers.base import Source
from mappers.hl7v2 import EVENTS, event_of
from tests.mappers.hl7v2.messages import PID, header, mapped, notes, only, result

OBR = "OBR|1|ORD1|F1|BIO^生化^L|||20261122070000|||||||||||||||20261122080000||{section}|{status}"


def test_null_erases_and_empty_leaves_alone():
    found = mapped(header("ADT^A08"), 'PID|1||P1||""||""|""|||""||""|||""')
    (draft,) = found.drafts
    assert set(draft.erase) == {
        "name",
        "birthDate",
        "gender",
        "address",
        "telecom",
        "maritalStatus",
    }
    assert set(draft.resource) == {"resourceType", "identifier"}
    (draft,) = mapped(header("ADT^A08"), "PID|1||P1||||||").drafts
    assert draft.erase == ()


@pytest.mark.parametrize(
    ("sex", "gender"),
    [
        ("M", "male"),
        ("F", "female"),
        ("O", "other"),
        ("U", "unknown"),
        ("A", "other"),
        ("N", "other"),
        ("男", "male"),
        ("女", "female"),
        ("1", "male"),
        ("2", "female"),
        ("Female", "female"),
    ],
)
def test_sex(sex, gender):
    assert only(mapped(header("ADT^A08"), f"PID|1||P1||王|||{sex}"), "Patient")["gender"] == gender


def test_unknown_sex_is_noted_by_place_not_by_value():
    found = mapped(header("ADT^A08"), "PID|1||P1||王|||妖")
    assert "gender" not in only(found, "Patient")
    assert notes(found) == {("unmapped-code", "PID[1]-8")}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("王^小明", "王小明"),
        ("王小明", "王小明"),
        ("^王小明", "王小明"),
        ("欧阳^娜^娜", "欧阳娜娜"),
        ("Smith^John^Q", "John Q Smith"),
        ("Smith", "Smith"),
        ("阿卜杜拉·^买买提", "阿卜杜拉·买买提"),
    ],
)
def test_name_is_written_as_its_people_do(name, text):
    (found,) = only(mapped(header("ADT^A08"), f"PID|1||P1||{name}"), "Patient")["name"]
    assert found["text"] == text


@pytest.mark.parametrize(
    ("orc", "status"),
    [
        ("NW", "active"),
        ("CA", "active"),
        ("OC", "revoked"),
        ("CR", "revoked"),
        ("DC", "revoked"),
        ("HD", "on-hold"),
        ("NW|ORD1|||CM", "completed"),
        ("NW|ORD1|||IP", "active"),
        ("NW|ORD1|||ER", "entered-in-error"),
        ("NW|ORD1|||CA", "revoked"),
        ("NW|ORD1|||ZZ", "active"),
        ("XX", "active"),
    ],
)
def test_status_of_an_order(orc, status):
    found = mapped(header("ORM^O01"), PID, f"ORC|{orc}", "OBR|1|ORD1||BIO")
    assert only(found, "ServiceRequest")["status"] == status


def test_channel_may_say_that_a_request_to_cancel_cancels():
    found = mapped(
        header("ORM^O01"), PID, "ORC|CA|ORD1", "OBR|1|ORD1||BIO", options={"ca": "cancelled"}
    )
    assert only(found, "ServiceRequest")["status"] == "revoked"


def test_reflex_order_and_planned_time():
    found = mapped(
        header("ORM^O01"), PID, "ORC|NW|ORD1", "OBR|1|ORD1||BIO|||||||G" + "|" * 25 + "20261123"
    )
    request = only(found, "ServiceRequest")
    assert (request["intent"], request["occurrenceDateTime"]) == ("reflex-order", "2026-11-23")


@pytest.mark.parametrize(
    ("pv1", "status"),
    [
        ("1|P|||||||||||||||||V1", "planned"),
        ("1|I|||||||||||||||||V1", "unknown"),
        ("1|I|||||||||||||||||V1" + "|" * 26 + "20261121", "finished"),
    ],
)
def test_status_of_a_visit_is_not_guessed(pv1, status):
    found = result(f"PV1|{pv1}", OBR.format(section="CH", status="F"))
    assert only(found, "Encounter")["status"] == status


def test_rejected_specimen_is_unsatisfactory_and_says_why():
    found = result(OBR.format(section="CH", status="X"), "SPM|1|^T1" + "|" * 19 + "R^溶血")
    specimen = only(found, "Specimen")
    assert (specimen["status"], specimen["note"]) == ("unsatisfactory", [{"text": "溶血"}])


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("ORU^R01^ORU_R01", "ORU^R01"),
        ("ORU", "ORU"),
        ("ORU^R03", ""),
        ("ADT^A99", "ADT^A99"),
        ("ADT", "ADT"),
        ("ORM^O01", "ORM^O01"),
        ("OML^O21", ""),
        ("", ""),
    ],
)
def test_event_of_a_message(kind, event):
    assert event_of(parse(header(kind).encode())) == event
    assert event in EVENTS or event.startswith("ADT") or not event


def test_source_needs_campus_and_zone_only():
    source = Source("B", "Asia/Shanghai")
    assert (source.orders_from, dict(source.authorities), dict(source.options)) == ("", {}, {})


def test_telecom_of_every_kind():
    points = only(
        mapped(
            header("ADT^A08"),
            "PID|1||P1||王||||||||a@b.cn~^^CP^^^^13800000000~^^^^^0571^88880000|^XXX^PH^0571-1",
        ),
        "Patient",
    )["telecom"]
    assert [(one["system"], one["value"], one.get("use")) for one in points] == [
        ("email", "a@b.cn", "home"),
        ("phone", "13800000000", "mobile"),
        ("phone", "057188880000", "home"),
        ("phone", "0571-1", "work"),
    ]


@pytest.mark.parametrize(
    "cx",
    [
        "999901199003074579^^^CHN^NI",
        "999901199003074579^^^^NNCHN",
        "999901199003074579^^^&2.16.156.10011.1.3&ISO",
        "999901199003074579^^^2.16.840.1.113883.2.23.1.19.1^NI",
        "999901199003074579^^^CHN^NN",
    ],
)
def test_citizen_id_has_one_system_in_every_writing(cx):
    patient = only(mapped(header("ADT^A08"), f"PID|1||P1^^^B^MR~{cx}||王"), "Patient")
    assert patient["identifier"][1]["system"] == "urn:oid:2.16.156.10011.1.3"


def test_citizen_id_in_both_places_is_one_identifier():
    pid = "PID|1||P1^^^B^MR~999901199003074579^^^CHN^NI||王" + "|" * 14 + "999901199003074579"
    assert len(only(mapped(header("ADT^A08"), pid), "Patient")["identifier"]) == 2


def test_result_names_the_visit():
    found = result("PV1|1|O|||||||||||||||||V1", "OBR|1|ORD1|F1|BIO", "OBX|1|NM|A||1||||||F")
    reference = {"reference": "Encounter?identifier=urn:hutong:B:visit|V1"}
    for kind in ("Observation", "DiagnosticReport"):
        assert only(found, kind)["encounter"] == reference
    assert found.orders[0].own.resource["encounter"] == reference
    assert found.drafts[1].mode == "fill"


def test_times_that_do_not_exist_are_noted_and_left_out():
    found = result(
        "OBR|1|ORD1|F1|BIO|||x|x||||||x|||||||||x|||F",
        "OBX|1|NM|A||1||||||F|||x|||||x",
        "SPM|1|^T1" + "|" * 15 + "x|x",
    )
    places = {place for code, place in notes(found) if code == "bad-time"}
    assert {"OBX[1]-14", "OBX[1]-19", "OBR[1]-7", "OBR[1]-8", "SPM[1]-17", "SPM[1]-18"} <= places
    assert not any(key.startswith("effective") for key in only(found, "Observation"))


def test_report_and_order_without_a_test_are_kept():
    found = result("OBR|1|ORD1|F1", "OBX|1|NM|A||1||||||F|||||||^|^X")
    assert only(found, "DiagnosticReport")["code"] == {"text": "-"}
    assert "code" not in found.orders[0].own.resource
    assert "device" not in only(found, "Observation")


def test_specimen_in_full():
    spm = "SPM|1|^T1||SER^血清^L||EDTA^抗凝^L|VP^静脉穿刺^L|LA^左臂^L||||3.0^mL||说明|||20261122"
    specimen = only(result("OBR|1|ORD1|F1|BIO", spm + "|" * 10 + "TUBE^管^L|||ACC1"), "Specimen")
    assert specimen["collection"]["quantity"]["code"] == "mL"
    assert specimen["collection"]["method"]["text"] == "静脉穿刺"
    assert specimen["container"][0]["type"]["text"] == "管"
    assert specimen["accessionIdentifier"] == {"value": "ACC1"}


def test_specimen_of_obr_15_with_nothing_but_its_kind():
    specimen = only(result("OBR|1|ORD1|F1|BIO" + "|" * 11 + "SER"), "Specimen")
    assert "collection" not in specimen
