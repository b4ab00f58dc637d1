"""What single fields become, where a golden case would say it less clearly."""

import pytest

from tests.mappers.hl7v2.messages import PID, header, mapped, notes, only, result

OBR = "OBR|1|ORD1|F1|BIO^生化^L|||20261122070000|||||||||||||||20261122080000||{section}|{status}"


def observation(*obx, section="CH", status="F", **settings):
    return only(result(OBR.format(section=section, status=status), *obx, **settings), "Observation")


def report(*segments, section="CH", status="F", **settings):
    found = result(OBR.format(section=section, status=status), *segments, **settings)
    return only(found, "DiagnosticReport")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("F", "final"),
        ("V", "final"),
        ("P", "preliminary"),
        ("R", "preliminary"),
        ("S", "preliminary"),
        ("C", "corrected"),
        ("A", "amended"),
        ("B", "amended"),
        ("D", "entered-in-error"),
        ("W", "entered-in-error"),
        ("X", "cancelled"),
        ("N", "cancelled"),
        ("I", "registered"),
        ("f", "final"),
        ("", "final"),
        ("Q", "unknown"),
    ],
)
def test_status_of_a_result(code, status):
    assert observation(f"OBX|1|NM|GLU||5.1||||||{code}")["status"] == status


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("O", "registered"),
        ("I", "registered"),
        ("S", "registered"),
        ("N", "registered"),
        ("P", "preliminary"),
        ("M", "preliminary"),
        ("A", "partial"),
        ("R", "partial"),
        ("F", "final"),
        ("C", "corrected"),
        ("X", "cancelled"),
        ("W", "entered-in-error"),
        ("Y", "unknown"),
        ("", "unknown"),
    ],
)
def test_status_of_a_report(code, status):
    found = report(status=code)
    assert found["status"] == status
    kept = [one["valueCode"] for one in found.get("extension", ())]
    assert kept == ([code] if code in set("OISNMAR") else [])


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ("FF", "final"),
        ("FC", "final"),
        ("FX", "final"),
        ("FP", "partial"),
        ("PP", "preliminary"),
        ("I", "preliminary"),
    ],
)
def test_status_of_a_report_that_has_none_comes_from_its_results(statuses, status):
    obx = [f"OBX|{i}|NM|T{i}||1||||||{code}" for i, code in enumerate(statuses)]
    assert report(*obx, status="")["status"] == status


@pytest.mark.parametrize(
    ("obr25", "status"),
    [
        ("F", "final"),
        ("A", "preliminary"),
        ("P", "preliminary"),
        ("C", "corrected"),
        ("X", "cancelled"),
        ("Y", ""),
    ],
)
def test_result_without_status_takes_that_of_its_report(obr25, status):
    found = result(OBR.format(section="CH", status=obr25), "OBX|1|NM|GLU||5.1")
    if status:
        assert only(found, "Observation")["status"] == status
    else:
        assert found.quarantine.code == "missing-status"


@pytest.mark.parametrize(
    ("section", "obx", "category"),
    [
        ("CH", "OBX|1|ST|A||x||||||F", True),
        ("CT", "OBX|1|NM|A||1||||||F", False),
        ("", "OBX|1|NM|A||1||||||F", True),
        ("", "OBX|1|ST|A||x||1-2||||F", True),
        ("", "OBX|1|TX|A||x||||||F", False),
    ],
)
def test_laboratory_is_said_or_shown(section, obx, category):
    assert ("category" in observation(obx, section=section)) == category
    code = section or ("LAB" if category else "")
    codes = [one["coding"][0]["code"] for one in report(obx, section=section).get("category", ())]
    assert codes == ([code] if code else [])


def test_section_that_table_0074_lacks_stays_text():
    assert report(section="ZZ")["category"] == [{"text": "ZZ"}]


def test_channel_may_say_the_section():
    assert observation("OBX|1|TX|A||x||||||F", section="", options={"section": "LAB"})["category"]


@pytest.mark.parametrize(
    ("segments", "clock"),
    [
        (("OBX|1|NM|A||1||||||F|||20261122070000|||||20261122090000",), "01:00"),
        (("OBX|1|NM|A||1||||||F|||20261122100000|||||20261122090000",), "02:00"),
        (("OBX|1|NM|A||1||||||F",), "00:00"),
    ],
)
def test_clock_is_the_latest_time_of_the_fact(segments, clock):
    found = result(OBR.format(section="CH", status="F"), *segments)
    (draft,) = [one for one in found.drafts if one.key.type == "Observation"]
    assert draft.clock == f"2026-11-22T{clock}:00.000000Z"


@pytest.mark.parametrize(("orc", "clock"), [("20261122060000", "22:00:00"), ("", "00:30:15")])
def test_clock_of_a_fact_without_a_time_is_that_of_order_or_message(orc, clock):
    found = result(f"ORC|RE|ORD1|F1||||||{orc}", "OBR|1|ORD1|F1|BIO", "OBX|1|NM|A||1||||||F")
    clocks = {
        draft.clock[11:19]
        for draft in found.drafts
        if draft.key.type in {"Observation", "DiagnosticReport"}
    }
    assert clocks == {clock}


SLIP = "20621122070000"
"""2062 for 2026."""


@pytest.mark.parametrize(
    ("segments", "place"),
    [
        ((f"OBR|1|ORD1|F1|BIO{'|' * 18}{SLIP}", "OBX|1|NM|A||1||||||F"), "OBR[1]-22"),
        (("OBR|1|ORD1|F1|BIO", f"OBX|1|NM|A||1||||||F|||{SLIP}"), "OBX[1]-14"),
        (("OBR|1|ORD1|F1|BIO", f"OBX|1|NM|A||1||||||F||||||||{SLIP}"), "OBX[1]-19"),
        ((f"ORC|RE|ORD1|F1||||||{SLIP}", "OBR|1|ORD1|F1|BIO", "OBX|1|NM|A||1||||||F"), "ORC-9"),
    ],
)
def test_time_after_the_message_is_no_clock_that_outdoes_every_correction(segments, place):
    found = result(*segments)
    assert {draft.clock for draft in found.drafts} == {"2026-11-22T00:30:15.000000Z"}
    assert ("future-time", place) in notes(found)


def test_event_after_its_message_is_no_clock_either():
    found = mapped(header("ADT^A08"), f"EVN|A08|{SLIP}", PID)
    assert found.drafts[0].clock == "2026-11-22T00:30:15.000000Z"
    assert ("future-time", "EVN[1]-2") in notes(found)


def test_time_of_the_same_day_is_a_clock_also_after_the_message():
    found = result("OBR|1|ORD1|F1|BIO", "OBX|1|NM|A||1||||||F|||20261122235900")
    assert found.drafts[1].clock == "2026-11-22T15:59:00.000000Z"


def test_message_without_any_time_has_no_clock():
    found = mapped(header(msh7=""), PID, "OBR|1|ORD1|F1|BIO", "OBX|1|NM|A||1||||||F")
    assert {draft.clock for draft in found.drafts} == {""}


@pytest.mark.parametrize(
    ("obx5", "kind", "value"),
    [
        ("LIS^AP^PDF^Base64^JVBERi0=", "ED", {}),
        ("LIS^AP^PDF^Hex^4142", "ED", {"valueString": "4142"}),
        ("1^2^3", "NA", {"valueString": "1^2^3"}),
        ("x^y", "NR", {"valueString": "x^y"}),
        ("25:99", "TM", {"valueString": "25:99"}),
        ("not a day", "DT", {"valueString": "not a day"}),
        ("x^y", "DR", {"valueString": "x^y"}),
        ("20261122~20261123", "DT", {"valueString": "20261122~20261123"}),
        ("20261101^20261102~20261103", "DR", {"valueString": "20261101^20261102~20261103"}),
        ("3^5~6^7", "NR", {"valueString": "3^5~6^7"}),
        ("<3^5", "NR", {"valueString": "<3^5"}),
        ("20261122^D", "TS", {"valueDateTime": "2026-11-22"}),
        ("^TEXT^^A^一~^TEXT^^A^二", "ED", {"valueString": "一\n二"}),
        ("083015.25", "TM", {"valueTime": "08:30:15.25"}),
        ("0830+0800", "TM", {"valueString": "0830+0800"}),
        ("0830左右", "TM", {"valueString": "0830左右"}),
        ("1E999", "NM", {"valueString": "1E999"}),
        ("9" * 400, "NM", {"valueString": "9" * 400}),
        ("5.1", "SN", {"valueQuantity": {"value": 5.1}}),
        ("4.9", "CE", {"valueCodeableConcept": {"coding": [{"code": "4.9"}]}}),
        ("A~B", "ST", {"valueString": "A~B"}),
        ("一~二", "FT", {"valueString": "一\n二"}),
    ],
)
def test_value_of_a_rare_type(obx5, kind, value):
    found = observation(f"OBX|1|{kind}|T^项^L||{obx5}||||||F")
    said = {key: part for key, part in found.items() if key.startswith(("value", "dataAbsent"))}
    if "valueQuantity" in said:
        said["valueQuantity"]["value"] = 5.1
    assert said == value


def test_repetitions_are_components():
    found = observation("OBX|1|IS|T||A~B||||||F")
    assert [part["valueString"] for part in found["component"]] == ["A", "B"]
    found = observation("OBX|1|SN|T||^1~^2||||||F")
    assert len(found["component"]) == 2


def test_document_goes_to_the_report_and_the_result_names_it():
    obx = "OBX|1|ED|PDF^报告^L||LIS^AP^PDF^Base64^JVBERi0=||||||F"
    (form,) = report(obx)["presentedForm"]
    assert form == {"contentType": "application/pdf", "title": "报告", "data": "JVBERi0="}
    attachment = observation(obx)["extension"][0]["valueAttachment"]
    assert attachment == {"contentType": "application/pdf", "title": "报告"}


def test_each_document_of_a_result_goes_to_the_report():
    forms = report("OBX|1|ED|PDF||^AP^PDF^Base64^JVBERi0=~^AP^PDF^Base64^QUJD||||||F")
    assert [form["data"] for form in forms["presentedForm"]] == ["JVBERi0=", "QUJD"]


@pytest.mark.parametrize(
    "value", [f"PDF^^Base64^{'QUJD' * 30}", f"^AP^PDF^Base64^QUJD~^AP^PDF^Hex^{'4142' * 30}"]
)
def test_document_that_is_not_found_is_noted(value):
    found = result("OBR|1|ORD1|F1|BIO", f"OBX|1|ED|PDF||{value}||||||F")
    assert ("unreadable-document", "OBX[1]-5") in notes(found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("标本凝块，请重抽", "标本凝块，请重抽"), ("5.1", None), ("阳性", None), ("1:160", None)],
)
def test_cancelled_result_says_why_and_never_what(text, reason):
    found = observation(f"OBX|1|ST|T||{text}||||||X")
    assert found["dataAbsentReason"].get("text") == reason
    assert not any(name.startswith("value") for name in found)


def test_tags_of_message_result_and_channel():
    found = mapped(
        header(msh11="D"),
        PID,
        "OBR|1|ORD1|F1|BIO",
        "OBX|1|NM|A||1||||||R",
        options={"tags": "unverified-source"},
    )
    codes = [tag["code"] for tag in only(found, "Observation")["meta"]["tag"]]
    assert codes == ["debugging", "unverified-source", "unverified"]
    assert only(found, "Patient")["meta"]["tag"][0]["code"] == "debugging"


def test_verifiers_are_named_once():
    obx = "OBX|1|NM|{}||1||||||V|||||3001^赵^敏"
    found = result("OBR|1|ORD1|F1|BIO", obx.format("A"), obx.format("B"), "OBX|3|NM|C||1||||||V")
    assert [agent["who"].get("display") for agent in found.provenance["agent"]] == ["B", "赵敏"]


def test_further_methods_are_noted():
    found = result("OBR|1|ORD1|F1|BIO", "OBX|1|NM|A||1||||||F||||||M1^一^L~M2^二^L")
    assert only(found, "Observation")["method"]["text"] == "一"
    assert ("not-mapped", "OBX-17") in {(note.code, note.place) for note in found.notes}


@pytest.mark.parametrize(
    ("obx", "value"),
    [
        ("CE|A||5.1|mmol/L", {"valueQuantity": 5.1}),
        ("TX|A||5.1|mmol/L", {"valueQuantity": 5.1}),
        ("CE|A||^^", {}),
        ("NM|A||5.1| ^ ", {"valueQuantity": 5.1}),
        ("DR|A||20261122", {"valuePeriod": {"start": "2026-11-22"}}),
        ("ED|A||LIS^AP^PDF^Base64^", {}),
        ("RP|A||^^IM^JPEG", {}),
        ("NR|A||3^", {"valueRange": {"low": {"value": 3}}}),
    ],
)
def test_value_that_is_partly_there(obx, value):
    found = observation(_padded(obx))
    said = {key: part for key, part in found.items() if key.startswith("value")}
    if "valueQuantity" in said:
        said["valueQuantity"] = 5.1
    if "valueRange" in said:
        said["valueRange"] = {"low": {"value": 3}}
    assert said == value


def _padded(obx):
    """Return a whole OBX of status F."""
    fields = ["OBX", "1", *obx.split("|")]
    return "|".join([*fields, *[""] * (11 - len(fields)), "F"])
