import time

import fhirpathpy
import pytest

from gateway.fhir.fhirpath.engine import Budget, evaluate, holds, parsed
from gateway.fhir.fhirpath.faults import ExpressionError, TooCostlyError

PATIENT = {
    "resourceType": "Patient",
    "contained": [{"resourceType": "Organization", "id": "o", "name": "A"}],
    "managingOrganization": {"reference": "#o"},
    "name": [{"given": ["Anna", "Berta"]}, {"family": "X"}],
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">told</div>'},
    "extension": [{"url": "urn:a", "valueString": "x"}, {"url": "urn:b", "valueString": "y"}],
}
SECONDS = 5


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("name.given.count()", 2),
        ("name.given.join('+')", "Anna+Berta"),
        ("extension('urn:b').value", "y"),
        ("managingOrganization.resolve().name", "A"),
        ("text.`div`.htmlChecks()", True),
        ("'<a>'.escape('html').unescape('html')", "<a>"),
        ("name.given.sort().first()", "Anna"),
        ("'a1b22'.replaceMatches('[0-9]+', '-')", "a-b-"),
        ("1.58700.precision()", 5),
        ("1.20.toString()", "1.20"),
    ],
)
def test_an_expression_finds_values(expression, found):
    (one,) = evaluate(PATIENT, expression, {"rootResource": PATIENT})
    assert getattr(one, "data", one) == found


def test_a_condition_counts_nothing_as_false():
    assert holds(PATIENT, "name.exists()")
    assert not holds(PATIENT, "birthDate")
    assert not holds(PATIENT, "name.empty()")


def test_an_element_is_looked_at_by_its_path():
    value = {"value": 5, "unit": "mg"}
    assert holds({"valueQuantity": value}, "value.unit = 'mg'", path="Observation.component")


@pytest.mark.parametrize(
    "expression", ["name.", "((name)", "name.nobody()", "name.given.single()", "2 /* 3", "%nobody"]
)
def test_what_cannot_be_evaluated_is_told_as_such(expression):
    with pytest.raises(ExpressionError):
        evaluate(PATIENT, expression)


@pytest.mark.parametrize(
    "expression",
    [
        "repeat($this | name)" + ".repeat(descendants())" * 20,
        "name" + ".select($this.combine($this))" * 60,
        "name" + ".select($this | $this.combine(%resource.descendants()))" * 40,
        "'a'" + ".replace('a', 'aaaaaaaaaaaaaaaaaaaa')" * 60,
        "'aaaaaaaaaaaa'" + ".select($this & $this)" * 80,
        "'" + "a" * 3000 + "'" + ".toChars().join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')" * 2,
        "('" + "a" * 60 + "b').replaceMatches('(a+)+c', 'x')",
        "('" + "a" * 60 + "b').replaceMatches('((a|aa))+c', 'x')",
        "7" + ".select($this * $this)" * 60,
        "2.power(1000000000)",
        "1.repeat($this + 1)",
        "(" * 600 + "1" + ")" * 600,
        "1 + " * 1_000 + "1",
    ],
)
def test_a_hostile_expression_ends_in_bounded_time(expression):
    started = time.thread_time()
    with pytest.raises(ExpressionError):
        evaluate(PATIENT, expression, {"resource": PATIENT})
    assert time.thread_time() - started < SECONDS


def test_a_repetition_without_an_end_stops_at_what_it_makes():
    started = time.thread_time()
    with pytest.raises(TooCostlyError):
        evaluate(PATIENT, "1.repeat($this + 1)", budget=Budget(500_000))
    assert time.thread_time() - started < SECONDS / 2
    items = [{"linkId": "2"}, {"linkId": "2"}]
    form = {"resourceType": "Questionnaire", "item": [{"linkId": "1", "item": items}]}
    assert len(evaluate(form, "repeat(item).linkId")) == 3


def test_a_pattern_takes_linear_time_whatever_it_is():
    started = time.thread_time()
    assert evaluate(PATIENT, "'" + "a" * 3_000 + "'.matches('(a+)+$b')") == [False]
    assert time.thread_time() - started < SECONDS


def test_a_longer_expression_is_refused_unread():
    with pytest.raises(ExpressionError, match="too long"):
        parsed("1 + " * 2_000 + "1")


def test_what_makes_too_much_is_told_apart():
    with pytest.raises(TooCostlyError):
        evaluate(PATIENT, "name" + ".select($this.combine($this))" * 60)


def test_the_library_itself_may_still_be_asked():
    assert fhirpathpy.evaluate({"resourceType": "Patient", "id": "1"}, "Patient.id | 2") == ["1", 2]
