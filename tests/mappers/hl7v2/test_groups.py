"""Segments belong to what stands before them."""

import pytest

from tests.mappers.hl7v2.messages import PID, header, keys, mapped, notes, only, result, skips

OBR = "OBR|1|ORD1|F1|BIO"
GLU = "OBX|1|NM|GLU||5.1|mmol/L|||||F"


def test_second_visit_of_a_patient_is_a_named_skip():
    found = result("PV1|1|O|||||||||||||||||V1", "PV1|2|I|||||||||||||||||V2", OBR, GLU)
    assert keys(found, "Encounter") == ["V1"]
    assert skips(found) == {"PV1[2]": "not-mapped"}


def test_visit_without_a_patient_is_a_named_skip():
    found = mapped(header(), "PV1|1|O|||||||||||||||||V1", PID, OBR, GLU)
    assert skips(found) == {"PV1[1]": "not-mapped"}


def test_common_order_without_a_report_is_a_named_skip_in_a_result():
    found = result("ORC|RE|ORD0|F0", "TQ1|1", "NTE|1||x", "ORC|RE|ORD1|F1", OBR, GLU, "ORC|RE|ORD9")
    assert skips(found) == dict.fromkeys(("ORC[1]", "NTE[1]", "TQ1[1]", "ORC[3]"), "not-mapped")
    assert keys(found, "DiagnosticReport") == ["F1"]


def test_second_timing_is_a_named_skip():
    found = mapped(header("ORM^O01"), PID, "ORC|NW|ORD1", OBR, "TQ1|1||||||||S", "TQ1|2||||||||R")
    assert only(found, "ServiceRequest")["priority"] == "stat"
    assert skips(found) == {"TQ1[2]": "not-mapped"}


def test_report_without_numbers_takes_those_of_the_order_before():
    found = result("ORC|RE|ORD1|F1", "OBR|1|||BIO", GLU, "OBR|2|||CBC", GLU)
    assert keys(found, "DiagnosticReport") == ["F1/BIO", "F1/CBC"]


OTHER = "PID|2||P2^^^B^MR||李^四||19800101|F"


def test_one_report_number_for_two_patients_is_quarantined():
    found = result(OBR, GLU, OTHER, OBR, GLU)
    assert found.quarantine is not None
    assert (found.quarantine.code, found.quarantine.place) == ("other-patient", "OBR[2]")


def test_one_tube_of_two_patients_is_quarantined():
    found = result(OBR, "SPM|1|^T1", GLU, OTHER, "OBR|1|ORD2|F2|BIO", "SPM|1|^T1", GLU)
    assert found.quarantine is not None
    assert (found.quarantine.code, found.quarantine.place) == ("other-patient", "OBR[2]")


def test_visit_of_the_patient_before_is_not_this_ones():
    visit = "PV1|1|I|||||||||||||||||V1"
    found = result(visit, OBR, GLU, OTHER, visit, "OBR|1|ORD2|F2|BIO", GLU)
    first, second = (d.resource for d in found.drafts if d.key.type == "Observation")
    assert "encounter" in first
    assert "encounter" not in second
    assert ("visit-of-another-patient", "PV1[2]-19") in notes(found)


def test_patient_told_again_before_each_report_is_one_patient():
    found = result(OBR, GLU, PID, OBR, "OBX|2|NM|K||4||||||F")
    assert keys(found, "Patient") == ["P1"]
    report = only(found, "DiagnosticReport")
    assert len(report["result"]) == len(keys(found, "Observation")) == 2
    assert skips(found) == {"OBR[2]": "same-report"}


def test_single_specimen_behind_the_results_serves_them_all():
    found = result(OBR, GLU, "OBX|2|NM|K||4||||||F", "SPM|1|^T1")
    specimens = {
        draft.resource["specimen"]["reference"]
        for draft in found.drafts
        if draft.key.type == "Observation"
    }
    assert specimens == {"Specimen?identifier=urn:hutong:B:specimen|T1"}


def test_result_before_two_specimens_names_none():
    found = result(OBR, GLU, "SPM|1|^T1", "SPM|2|^T2", "OBX|2|NM|K||4||||||F")
    first, second = (d.resource for d in found.drafts if d.key.type == "Observation")
    assert "specimen" not in first
    assert second["specimen"]["reference"].endswith("|T2")


def test_text_does_not_run_on_over_a_specimen():
    line = "OBX|1|TX|A||行||||||F"
    found = result(OBR, line, "SPM|1|^T1", line, line)
    assert keys(found, "Observation") == ["F1#A", "F1#A~2"]
    assert skips(found) == {"OBX[3]": "joined"}


def test_comment_behind_an_unmapped_segment_stays_with_its_owner():
    found = result(OBR, GLU, "PRT|1", "NTE|1||注")
    assert only(found, "Observation")["note"] == [{"text": "注"}]
    assert skips(found) == {"PRT[1]": "not-mapped"}


@pytest.mark.parametrize(
    ("segments", "code", "place"),
    [
        ((), "missing-pid", "PID"),
        ((OBR, PID), "missing-pid", "PID"),
        ((GLU, PID, OBR), "missing-pid", "PID"),
        (("SPM|1", PID, OBR), "missing-pid", "PID"),
        ((PID,), "missing-obr", "PID[1]"),
        ((PID, OBR, GLU, PID, GLU), "missing-obr", "PID[2]"),
        (("PID|1", OBR), "missing-patient-number", "PID[1]-3"),
        ((PID, "OBR|1"), "missing-report-number", "OBR[1]"),
        ((PID, OBR, "OBX|1|NM|GLU||1"), "missing-status", "OBX[1]-11"),
    ],
)
def test_result_that_cannot_be_taken(segments, code, place):
    found = mapped(header(), *segments)
    assert (found.quarantine.code, found.quarantine.place) == (code, place)
    assert not found.drafts
    assert found.account.received["MSH"] == 1


@pytest.mark.parametrize(
    ("segments", "code"),
    [
        (("ORC|NW|ORD1",), "missing-pid"),
        ((PID,), "missing-obr"),
        ((PID, "ORC|NW|ORD1"), "missing-obr"),
        ((PID, "ORC|NW|ORD1", "ORC|NW|ORD2", OBR), "missing-obr"),
        ((PID, "ORC|NW", "OBR|1|||BIO"), "missing-order-number"),
    ],
)
def test_order_that_cannot_be_taken(segments, code):
    assert mapped(header("ORM^O01"), *segments).quarantine.code == code


@pytest.mark.parametrize("segments", [("EVN|A40", "MRG|P0"), ("EVN|A40",)])
def test_event_without_a_patient_cannot_be_taken(segments):
    assert mapped(header("ADT^A40"), *segments).quarantine.code == "missing-pid"


def test_merge_event_without_a_merge_is_noted():
    found = mapped(header("ADT^A40"), PID)
    assert not found.merges
    assert notes(found) == {("missing-merge-number", "MRG")}


def test_places_of_an_order_hold_no_results_or_specimens():
    found = mapped(header("ORM^O01"), PID, "ORC|NW|ORD1", OBR, GLU, "NTE|1||注", "SPM|1|^T1")
    assert skips(found) == dict.fromkeys(("OBX[1]", "NTE[1]", "SPM[1]"), "not-mapped")
