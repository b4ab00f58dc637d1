"""Which change of a resource is which event."""

import pytest

from gateway.events.topics import TYPES, canonical, happened, named
from mappers.names import TASK


def result(status="final", **more):
    return {"resourceType": "Observation", "status": status, **more}


def task(status, code="critical-ack"):
    coding = {"system": TASK, "code": code}
    return {"resourceType": "Task", "status": status, "code": {"coding": [coding]}}


def person(*ids):
    return {"link": [{"target": {"reference": f"Patient/{one}"}} for one in ids]} if ids else {}


RESULTS = {
    "first final": (None, result(), ["result-new"]),
    "first preliminary": (None, result("preliminary"), ["result-new"]),
    "final after preliminary": (result("preliminary"), result(), ["result-new"]),
    "only registered": (None, result("registered"), []),
    "cancelled before there was one": (result("registered"), result("cancelled"), []),
    "corrected": (result(), result("corrected"), ["result-amended"]),
    "another value": (result(), result(valueString="x"), ["result-amended"]),
    "another label": (result(), result(meta={"tag": []}), []),
    "back to preliminary": (result(), result("preliminary"), ["result-amended"]),
    "in error": (result(), result("entered-in-error"), ["result-withdrawn"]),
    "cancelled": (result(), result("cancelled"), ["result-withdrawn"]),
    "deleted": (result(), None, ["result-withdrawn"]),
    "deleted before it was one": (result("registered"), None, []),
    "right after all": (result("entered-in-error"), result(), ["result-new"]),
}


@pytest.mark.parametrize("case", RESULTS.values(), ids=RESULTS)
@pytest.mark.parametrize("type_", ["Observation", "DiagnosticReport"])
def test_a_result_is_new_amended_or_withdrawn(type_, case):
    before, after, expected = case
    assert list(happened(type_, before, after)) == expected


TASKS = {
    "opened": (None, task("requested"), ["task-changed", "critical-open"]),
    "taken up": (task("requested"), task("in-progress"), ["task-changed"]),
    "done": (task("requested"), task("completed"), ["task-changed"]),
    "opened again": (task("completed"), task("requested"), ["task-changed", "critical-open"]),
    "another kind": (None, task("requested", "order-reconcile"), ["task-changed"]),
    "deleted": (task("requested"), None, ["task-changed"]),
}


@pytest.mark.parametrize("case", TASKS.values(), ids=TASKS)
def test_a_critical_value_is_open_once(case):
    before, after, expected = case
    assert list(happened("Task", before, after)) == expected


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        (None, person("1", "2"), True),
        (None, person(), False),
        (person("1"), person("1"), False),
        (person("1"), person("1", "2"), True),
        (person("1"), None, True),
    ],
)
def test_links_changed_where_who_is_the_same_did(before, after, changed):
    assert (list(happened("Person", before, after)) == ["link-changed"]) is changed
    assert list(happened("Encounter", before, after)) == []


def test_criteria_name_a_topic_or_a_search():
    assert [named(canonical(one)) for one in TYPES] == list(TYPES)
    assert named("urn:hutong:topic:result-new|1.0") == "result-new"
    assert named("urn:hutong:topic:weather") == named("http://example.org/topic") == ""
    assert named("Observation?code=http://loinc.org|718-7") is None
    assert named("Observation") is None
