"""The schemas accept nothing that the exact look refuses, and nearly all that it accepts."""

import copy
import random

import pytest

from gateway.fhir import walk
from gateway.fhir.codec import decode
from gateway.fhir.nesting import taken_apart
from gateway.fhir.schemas import accepts
from gateway.fhir.validation import check

VALUES = [
    None,
    "",
    " ",
    "x",
    "a b",
    "2026-02-30",
    "2026-11-22T08:30:00+08:00",
    0,
    -1,
    1.0,
    1.5,
    2**31,
    True,
    [],
    {},
    {"id": "x"},
    ["x"],
    [None],
    [{}],
    {"text": "x"},
    {"reference": "Patient/1"},
    {"extension": [{"url": "urn:x", "valueCode": "y"}]},
    {"url": "urn:x", "valueCode": "x", "valueString": "y"},
]
KEYS = ["id", "status", "extension", "_status", "valueString", "valueCode", "_valueCode", "url"]


def _holders(value):
    if isinstance(value, dict | list):
        yield value
        for each in value.values() if isinstance(value, dict) else value:
            yield from _holders(each)


def _mutated(resource, dice):
    changed = copy.deepcopy(resource)
    holder = dice.choice([each for each in _holders(changed) if each])
    place = dice.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    what = dice.randrange(5)
    if what == 0:
        del holder[place]
    elif what == 1 and isinstance(holder, dict):
        holder[dice.choice(KEYS)] = dice.choice(VALUES)
    elif what == 2 and isinstance(holder, dict):
        holder[f"_{place}"] = dice.choice(VALUES)
    elif what == 3:
        holder[place] = [holder[place]]
    else:
        holder[place] = dice.choice(VALUES)
    return changed


@pytest.mark.needs("shared data")
def test_a_schema_accepts_only_what_the_exact_look_accepts(shared):
    dice = random.Random(20261122)  # noqa: S311 - the same changes every time
    paths = sorted((shared / "data" / "fhir-r4" / "examples").glob("*.json"))
    refused = 0
    for path in dice.sample([path for path in paths if path.stat().st_size < 20_000], 150):
        resource = decode(path.read_bytes())
        name = resource["resourceType"]
        for _ in range(15):
            changed = _mutated(resource, dice)
            if changed.get("resourceType") != name:
                continue
            shell = taken_apart(changed, name, 0).shell
            issues = walk.issues_in(shell, name)
            refused += bool(issues)
            assert not issues or any(issue.severity == "error" for issue in check(changed))
            assert not (accepts(name)(shell) and issues), (path.name, issues)
    assert refused > 500


@pytest.mark.needs("shared data")
def test_the_schemas_spare_nearly_all_examples_the_exact_look(shared):
    spared = 0
    for path in (shared / "data" / "fhir-r4" / "examples").glob("*.json"):
        resource = decode(path.read_bytes())
        spared += accepts(resource["resourceType"])(taken_apart(resource, "", 0).shell)
    assert spared >= 0.97 * 706
