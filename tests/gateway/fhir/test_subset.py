"""What is shown in part still is a resource."""

import pytest

from gateway.fhir.codec import decode
from gateway.fhir.subset import summarised
from gateway.fhir.validation import check


@pytest.mark.needs("shared data")
@pytest.mark.parametrize("how", ["true", "text", "data"])
def test_a_summary_breaks_no_rule_of_the_structure(shared, how):
    wrong = {}
    for path in sorted((shared / "data" / "fhir-r4" / "examples").glob("*.json")):
        resource = decode(path.read_bytes())
        issues = check(summarised(resource, how))
        if errors := [one.expression for one in issues if one.severity == "error"]:
            wrong[path.name] = errors
    assert wrong == {}


def test_a_group_that_must_be_there_is_shown_by_its_summary():
    agent = {"requestor": True, "network": {"address": "192.0.2.1"}, "altId": "x"}
    event = {
        "resourceType": "AuditEvent",
        "agent": [agent],
        "source": {"observer": {"display": "y"}, "site": "z"},
        "entity": [{"description": "e"}],
    }
    shown = summarised(event, "true")
    assert shown["agent"] == [{"requestor": True}]
    assert shown["source"] == {"observer": {"display": "y"}}
    assert "entity" not in shown
