"""What is told of a look: the worst first, and never nothing."""

import pytest

from gateway.conformance.report import MOST
from tests.gateway.conformance.looking import found, observation, profile

LOCAL = "urn:test:local"


@pytest.mark.parametrize(
    "include",
    [
        {"valueSet": ["urn:test:loop"]},
        {"system": LOCAL, "filter": [{"property": "code", "op": "regex", "value": "(?=x)"}]},
    ],
)
def test_a_binding_to_what_says_nothing_stops_no_look(include):
    bound = {"binding": {"strength": "required", "valueSet": "urn:test:loop"}}
    loop = {
        "resourceType": "ValueSet",
        "url": "urn:test:loop",
        "compose": {"include": [include]},
    }
    system = {"resourceType": "CodeSystem", "url": LOCAL, "content": "complete"}
    system["concept"] = [{"code": "a"}]
    made = profile(("Observation.method", bound), ("Observation.subject", {"min": 1}))
    method = {"coding": [{"system": LOCAL, "code": "a"}]}
    assert sorted(found(observation(method=method), made, loop, system)) == [
        ("error", "required", "Observation.subject"),
        ("information", "not-found", "Observation.method"),
    ]


def test_errors_are_told_before_any_number_of_hints():
    hints = [{"url": f"http://example.org/{number}", "valueCode": "x"} for number in range(500)]
    made = profile(("Observation.value[x]", {"min": 1}))
    told = found(observation(extension=hints), made)
    assert ("error", "required", "Observation.value") in told
    # The advice to have a narrative, which is not among these, takes a place.
    assert len(told) == MOST
    assert told[-1] == ("information", "incomplete", "")
