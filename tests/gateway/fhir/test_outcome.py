from gateway.errors import Issue
from gateway.fhir.outcome import operation_outcome
from gateway.fhir.validation import check


def test_each_issue_tells_its_place():
    issue = Issue("error", "required", "This element is required.", "Patient.link[0].other")
    assert operation_outcome([issue]) == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "required",
                "details": {"text": "This element is required."},
                "expression": ["Patient.link[0].other"],
            }
        ],
    }


def test_an_outcome_of_nothing_says_so_and_is_valid():
    outcome = operation_outcome([])
    assert outcome["issue"][0]["severity"] == "information"
    assert check(outcome) == []


def test_an_issue_without_a_place_has_no_expression():
    outcome = operation_outcome([Issue("error", "login", "No token.")])
    assert "expression" not in outcome["issue"][0]
    assert check(outcome) == []
