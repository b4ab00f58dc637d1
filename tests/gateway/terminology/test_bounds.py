"""Terminology that asks for much: an answer or CostlyError, in bounded time either way."""

import time
from contextlib import contextmanager

import pytest

from gateway.errors import CostlyError
from gateway.fhir.library import Library
from gateway.terminology import judge
from gateway.terminology.expand import Wish, expanded
from gateway.terminology.judge import Coding
from gateway.terminology.translate import Match, translated

LARGE = "urn:test:large"
SECONDS = 12
MOMENT = "2026-11-22T00:00:00Z"
CONCEPTS = [
    {"code": f"C{one}", "property": [{"code": "parent", "valueCode": f"C{one // 2}"}]}
    for one in range(1, 9_000)
]
WRONG = [Coding(LARGE, f"x{one}") for one in range(9_000)]
MISNAMED = [Coding(LARGE, one["code"], "Nothing") for one in CONCEPTS]


@pytest.fixture
def library():
    found = Library()
    system = {"resourceType": "CodeSystem", "url": LARGE, "content": "complete"}
    found.add("CodeSystem", LARGE, system | {"caseSensitive": False, "concept": CONCEPTS})
    return found


def value_set(*include, exclude=()):
    compose = {"include": list(include), "exclude": list(exclude)}
    return {"resourceType": "ValueSet", "status": "active", "compose": compose}


def filtered(number, op, value):
    rows = [{"property": "code", "op": op, "value": f"{value}{one}"} for one in range(number)]
    return [{"system": LARGE, "filter": [one]} for one in rows]


@contextmanager
def in_time():
    started = time.process_time()
    yield
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("op", ["regex", "is-a", "="])
def test_thousands_of_filters_over_a_large_system_end(library, op):
    with in_time(), pytest.raises(CostlyError):
        expanded(library, value_set(*filtered(3_000, op, "D")), Wish(), MOMENT)


def test_lists_of_lists_end(library):
    library.add("ValueSet", "urn:test:all", value_set({"system": LARGE}))
    for made in (
        value_set(*[{"valueSet": ["urn:test:all"]}] * 3_000),
        value_set(*[{"valueSet": ["urn:test:all"] * 3_000}]),
        value_set({"system": LARGE}, exclude=[{"system": f"{LARGE}x"}] * 3_000),
    ):
        library.left = Library().left
        with in_time(), pytest.raises(CostlyError):
            expanded(library, made, Wish(), MOMENT)


@pytest.mark.parametrize("codings", [WRONG, MISNAMED])
@pytest.mark.parametrize(
    "made",
    [
        value_set(*filtered(3_000, "is-not-a", "C1")),
        value_set(*filtered(3_000, "regex", "C1")),
        value_set({"system": LARGE, "concept": [{"code": one["code"]} for one in CONCEPTS]}),
        value_set({"system": LARGE}),
        {
            "resourceType": "ValueSet",
            "expansion": {"contains": [{"system": LARGE, "code": one["code"]} for one in CONCEPTS]},
        },
    ],
)
def test_many_codings_against_much_end(library, made, codings):
    with in_time():
        try:
            judge.in_value_set(library, made, codings)
        except CostlyError as error:
            assert "too long" in str(error)  # noqa: PT017 - either way is right, in time


def test_a_long_filter_ends(library):
    long = Wish(filter="c\u00e9 x " * 100_000)
    with in_time():
        found = expanded(library, value_set({"system": LARGE}), long, MOMENT)
    assert found["expansion"]["total"] == 0


def test_what_is_usual_is_far_from_the_bound(library):
    expanded(library, value_set(*filtered(100, "is-a", "C")), Wish(filter="c"), MOMENT)
    assert judge.in_value_set(library, value_set({"system": LARGE}), [Coding(LARGE, "c77")]).result
    assert library.left > Library().left // 2


def test_many_codings_in_many_groups_end(library):
    group = {"source": LARGE, "target": "urn:t", "unmapped": {"mode": "provided"}}
    maps = [{"resourceType": "ConceptMap", "group": [group] * 3_000}]
    with in_time(), pytest.raises(CostlyError):
        translated(library, maps, WRONG)
    library.left = Library().left
    assert translated(library, maps, WRONG[:1]) == [Match("equal", "urn:t", "x0")]
