"""What counts as a change of a result that somebody relied on."""

import pytest

from gateway.recognition.recall.change import KINDS, change_of, whose


def result(type_="Observation", **more):
    return {
        "resourceType": type_,
        "status": "final",
        "subject": {"reference": "Patient/p"},
        "valueQuantity": {"value": 5.0},
        **more,
    }


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (result(), ""),
        (result(valueQuantity={"value": 5}), ""),
        (result(basedOn=[{"reference": "ServiceRequest/s"}], meta={"versionId": "2"}), ""),
        (result(issued="2026-01-02T00:00:00Z"), ""),
        (result(valueQuantity={"value": 5.1}), "amended"),
        (result(status="corrected"), "amended"),
        (result(status="appended"), "amended"),
        (result(effectiveDateTime="2026-01-01"), "amended"),
        (result(status="cancelled"), "cancelled"),
        (result(status="entered-in-error", subject={"reference": "Patient/q"}), "entered-in-error"),
        (result(subject={"reference": "Patient/q"}), "moved"),
        (result(status="preliminary"), "amended"),
        (result(note=[{"text": "复核无误"}]), ""),
        (result(note=[{"text": "标本溶血"}]), "amended"),
        (result(subject={"reference": "http://here/fhir/Patient/p"}), ""),
        (None, "deleted"),
    ],
)
def test_what_says_something_else_is_a_change(after, kind):
    assert change_of(result(), after) == kind
    assert kind in {"", *KINDS}


def test_a_preliminary_result_that_becomes_final_is_no_change():
    assert change_of(result(status="preliminary"), result()) == ""


def test_what_was_withdrawn_and_stands_again_is_a_change():
    assert change_of(result(status="cancelled"), result()) == "amended"


def test_what_is_added_to_a_report_is_no_change_and_what_is_lost_is_one():
    one, other = {"reference": "ImagingStudy/1"}, {"reference": "ImagingStudy/2"}
    before = result("DiagnosticReport", imagingStudy=[one])
    assert change_of(before, result("DiagnosticReport", imagingStudy=[other, one])) == ""
    assert change_of(before, result("DiagnosticReport", imagingStudy=[other])) == "amended"
    assert change_of(before, result("DiagnosticReport")) == "amended"


def test_a_study_changes_with_every_object_and_counts_when_it_is_withdrawn():
    before = result("ImagingStudy", numberOfInstances=1, status="available")
    assert change_of(before, {**before, "numberOfInstances": 2}) == ""
    assert change_of(before, {**before, "status": "cancelled"}) == "cancelled"


def test_a_result_without_subject_is_nobodys():
    assert whose({}) == ""
