"""Keys hold neither times nor statuses nor set-ids, so a correction finds what it corrects."""

import msgspec
import pytest

from tests.mappers.hl7v2.messages import PID, header, keys, mapped, only, result

OBR = "OBR|1|ORD1|F1|BIO^生化^L"
GLU = "OBX|1|NM|GLU^葡萄糖^L||5.1|mmol/L|||||F"


def test_correction_has_the_keys_of_what_it_corrects():
    first = mapped(
        header(msh7="20261122080000"),
        PID,
        "OBR|1|ORD1|F1|BIO^生化^L|||20261122070000|||||||||||||||20261122080000||CH|P",
        "OBX|1|NM|GLU^葡萄糖^L||5.1|mmol/L|||||P",
        "OBX|2|NM|K^钾^L||4.1|mmol/L|||||P",
    )
    later = mapped(
        header(msh7="20261122100000", msh10="M2"),
        PID,
        "OBR|9|ORD1|F1|BIO^生化^L|||20261122070500|||||||||||||||20261122100000||CH|C",
        "OBX|7|NM|K^钾^L||4.2|mmol/L|||||C",
        "OBX|3|NM|GLU^葡萄糖^L||5.2|mmol/L|||||C",
    )
    assert {draft.key for draft in first.drafts} == {draft.key for draft in later.drafts}
    for kind in ("Observation", "DiagnosticReport"):
        old = max(draft.clock for draft in first.drafts if draft.key.type == kind)
        new = min(draft.clock for draft in later.drafts if draft.key.type == kind)
        assert old < new


def test_message_sent_again_maps_to_the_same_text():
    first, again = (result(OBR, "OBX|1|NM|GLU||1||||||F") for _ in range(2))
    assert msgspec.json.encode(first) == msgspec.json.encode(again)


@pytest.mark.parametrize(
    ("obx", "value"),
    [
        ("OBX|1|NM|GLU^葡萄糖^L||||||||F", "F1#GLU"),
        ("OBX|1|NM|GLU^葡萄糖^L^14749-6^x^LN||||||||F", "F1#GLU"),
        ("OBX|1|NM|14749-6^x^LN^GLU^葡萄糖^L||||||||F", "F1#GLU"),
        ("OBX|1|NM|14749-6^x^LN||||||||F", "F1#14749-6"),
        ("OBX|1|NM|^葡萄糖||||||||F", "F1#葡萄糖"),
        ("OBX|1|NM|GLU|2|||||||F", "F1#GLU.2"),
        ("OBX|1|NM||WBC|6.2||||||F", "F1#WBC"),
        ("OBX|1|NM|6|WBC|6.2||||||F", "F1#WBC"),
        ("OBX|1|NM|6^名|WBC|6.2||||||F", "F1#6.WBC"),
        ("OBX|1|TX|||正文||||||F", "F1#-"),
        ("OBX|1|NM|GLU||1||||||F||||||||||R77^B", "F1#GLU@R77"),
    ],
)
def test_key_of_a_result(obx, value):
    found = result("OBR|1|ORD1|F1|BIO", obx)
    assert keys(found, "Observation") == [value]


def test_equal_items_are_told_apart_by_their_order():
    found = result(OBR, GLU, GLU, "OBX|3|NM|GLU|a|1||||||F", GLU)
    assert keys(found, "Observation") == ["F1#GLU", "F1#GLU~2", "F1#GLU.a", "F1#GLU~3"]


def test_a_second_result_and_one_of_sub_id_two_are_two():
    found = result(OBR, GLU, GLU, "OBX|3|NM|GLU|2|9||||||F")
    assert keys(found, "Observation") == ["F1#GLU", "F1#GLU~2", "F1#GLU.2"]
    assert found.account.balanced()


def test_one_number_in_obx_21_of_several_rows_or_reports_joins_nothing():
    rows = ("OBX|1|NM|GLU||1||||||F||||||||||7", "OBX|2|NM|K||2||||||F||||||||||7")
    found = result(OBR, *rows, "OBR|2||F2|BIO", rows[1])
    assert keys(found, "Observation") == ["F1#GLU@7", "F1#K@7", "F2#K@7"]


@pytest.mark.parametrize(
    ("segments", "value"),
    [
        (("OBR|1|ORD1|F1|BIO",), "F1"),
        (("ORC|RE|ORD1|F2", "OBR|1|||BIO"), "F2"),
        (("ORC|RE|ORD1|F2", "OBR|1||F1|BIO"), "F1"),
        (("OBR|1|ORD1||BIO^生化",), "ORD1/BIO"),
        (("OBR|1|||BIO", "SPM|1|T1&B^T2&B"), "T2/BIO"),
        (("OBR|1|||BIO", "SPM|1|T1"), "T1/BIO"),
    ],
)
def test_key_of_a_report(segments, value):
    assert keys(result(*segments), "DiagnosticReport") == [value]


def test_channel_may_put_the_test_into_every_report_key():
    found = result(OBR, GLU, options={"report-key": "filler+code"})
    assert keys(found, "DiagnosticReport") == ["F1/BIO"]
    assert keys(found, "Observation") == ["F1/BIO#GLU"]


@pytest.mark.parametrize(
    ("numbers", "system", "value"),
    [
        ("P1^^^B^MR", "B", "P1"),
        ("V9^^^B^VN~P1^^^B^PI", "B", "P1"),
        ("X^^^B^PI~P1^^^B^MR", "B", "P1"),
        ("P1", "B", "P1"),
        ("^P1", "B", "P1"),
        ("P1^^^NOBODY^MR", "B", "P1"),
        ("S1^^^US^SS~P1^^^B^XX", "B", "P1"),
        ("A1^^^A^PI", "A", "A1"),
        ("A1^^^&2.16.156.1&ISO^PI", "A", "A1"),
        ("A1^^^A^MR~P1^^^B^PI", "B", "P1"),
    ],
)
def test_key_of_a_patient(numbers, system, value):
    found = mapped(header("ADT^A08"), f"PID|1||{numbers}||王")
    (draft,) = found.drafts
    assert (draft.key.system, draft.key.value) == (f"urn:hutong:{system}:pid", value)
    assert [one.get("system") for one in draft.resource["identifier"]].count(draft.key.system) == 1


def test_reference_is_the_key_of_the_draft():
    found = result(OBR, GLU)
    assert only(found, "Observation")["subject"] == {
        "reference": "Patient?identifier=urn:hutong:B:pid|P1"
    }


@pytest.mark.parametrize(
    ("placer", "settings", "campus", "own"),
    [
        ("ORD1", {}, "", "urn:hutong:B:placer|ORD1"),
        ("ORD1^B", {}, "", "urn:hutong:B:placer|ORD1"),
        ("ORD1^NOBODY", {}, "", "urn:hutong:B:placer|ORD1"),
        ("ORD1^A", {}, "A", "urn:hutong:B:filler|F1"),
        ("ORD1^^2.16.156.1^ISO", {}, "A", "urn:hutong:B:filler|F1"),
        ("ORD1", {"orders_from": "A"}, "A", "urn:hutong:B:filler|F1"),
        ("ORD1^B", {"orders_from": "A"}, "", "urn:hutong:B:placer|ORD1"),
        ("", {"orders_from": "A"}, "A", "urn:hutong:B:filler|F1"),
    ],
)
def test_order_belongs_to_whom_its_number_names(placer, settings, campus, own):
    (link,) = result(f"OBR|1|{placer}|F1|BIO", GLU, **settings).orders
    assert (link.campus, link.number) == (campus, placer.partition("^")[0])
    assert str(link.own.key) == f"ServiceRequest?identifier={own}"
    assert "urn:hutong:A:placer" not in str(link.own.resource)
