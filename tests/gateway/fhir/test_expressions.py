"""The ways that expressions are compiled to lead where FHIRPath says that they do.

Every official expression over resources with a value at each of its places, against fhirpathpy;
`as` on what repeats is a filter, as R4's own parameters mean it, so each item is asked by itself.
"""

import json
import re

import pytest

from gateway.fhir.composites import walk
from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.fhir.expressions import routes
from gateway.fhir.searchparams import search_params
from tests.gateway.interactions import every

fhirpathpy = pytest.importorskip("fhirpathpy", reason="fhirpathpy is not installed")
models = pytest.importorskip("fhirpathpy.models", reason="fhirpathpy is not installed").models
SOME = 5
"""Every type is looked at in one of so many turns."""


def plain(value):
    return json.dumps(value, sort_keys=True, default=float)


def by_routes(resource, expression):
    """What our compiled ways select, members and indexes as their steps say."""
    found = []
    for way in routes(expression):
        for value in _walk([resource], way.steps):
            if way.resolves and not value.get("reference", "").startswith(f"{way.resolves}/"):
                continue
            found.append(value)
    return found


def _walk(here, steps):
    for step in steps:
        items = [each for one in here for each in _members(one, step)]
        here = [one for one in items if not step.member or one.get(step.member) == step.value]
    return here


def _members(one, step):
    if step.key not in one:
        return []
    many = one[step.key] if step.many else [one[step.key]]
    return many if step.index is None else many[step.index : step.index + 1]


def by_fhirpath(resource, expression):
    found = []
    for part in expression.split("|"):
        # `resolve()` needs a server; `is` after it is told from the address.
        text, _, target = part.strip().partition(".where(resolve() is ")
        cast = re.fullmatch(r"\(?([\w.]+)(?: as |\.as\()(\w+)\)(.*)", text)
        if cast:
            text = f"{cast[1]}.where($this is {cast[2]}){cast[3]}"
        values = fhirpathpy.evaluate(resource, text, model=models["r4"])
        if target:
            kind = target.rstrip(")")
            values = [one for one in values if one.get("reference", "").startswith(f"{kind}/")]
        found += values
    return found


@pytest.mark.parametrize("turn", range(SOME))
def test_a_compiled_expression_selects_what_fhirpath_does(turn):
    wrong, asked = {}, 0
    for type_ in RESOURCE_TYPES[turn::SOME]:
        params = [
            one
            for one in search_params(type_).values()
            if one.expression
            and one.kind not in {"composite", "special"}
            and "exists()" not in one.expression
            and not one.code.startswith("_")
        ]
        for param in params:
            resources = [one for code, one in every.resources([param]) if code]
            for resource in [{"resourceType": type_, **one} for one in resources[:4]]:
                asked += 1
                ours = sorted(map(plain, by_routes(resource, param.expression)))
                theirs = sorted(map(plain, by_fhirpath(resource, param.expression)))
                if ours != theirs:
                    wrong[f"{type_}.{param.code}"] = (ours, theirs, param.expression)
    assert wrong == {}
    assert asked > 300


def test_a_way_is_walked_as_it_is_compiled():
    (way,) = routes("Patient.name.family")
    assert walk({"name": [{"family": "a"}, {}, {"family": "b"}]}, way.steps) == ["a", "b"]
