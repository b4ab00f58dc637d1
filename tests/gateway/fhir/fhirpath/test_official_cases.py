"""The official FHIRPath cases; those that fail are listed with the reason, and no others fail."""

import csv
from collections import Counter
from decimal import Decimal, InvalidOperation
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from fhirpathpy.engine.nodes import FP_DateTime, FP_Quantity, FP_Time

from gateway.fhir import xml
from gateway.fhir.codec import decode
from gateway.fhir.fhirpath.engine import evaluate, plain
from gateway.fhir.fhirpath.faults import ExpressionError

FAILING = Path(__file__).with_name("failing.csv")
LEAST = 0.9


def _cases(folder):
    """Every case as (group/name, resource's file, element); the file writes some names twice."""
    seen = Counter()
    cases = ET.parse(folder / "tests-fhir-r4.xml")  # noqa: S314 - of the shared data
    for group in cases.getroot().iter("group"):
        for case in group.iter("test"):
            name = f"{group.get('name')}/{case.get('name')}"
            seen[name] += 1
            yield name if seen[name] == 1 else f"{name}#{seen[name]}", case


def _resource(folder, name, known):
    if not name:
        return {}
    if name not in known:
        path = folder / "inputs" / name
        if not path.exists():
            path = path.with_suffix(".json")
        body = path.read_bytes()
        known[name] = xml.decode(body) if path.suffix == ".xml" else decode(body)
    return known[name]


def _written(value):
    """A value as the cases write it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, FP_DateTime):
        return f"@{value.asStr}"
    if isinstance(value, FP_Time):
        return f"@T{value.asStr}"
    if isinstance(value, FP_Quantity):
        return f"{value.value} {value.unit}"
    return str(value)


def _same(found, output):
    wanted, written = output.text or "", _written(found)
    if output.get("type") in {"date", "dateTime", "time"}:
        return written.lstrip("@T") == wanted.lstrip("@T")
    try:
        return Decimal(written) == Decimal(wanted)
    except InvalidOperation:
        return written == wanted


def _is_right(case, resource):
    expression = case.find("expression")
    try:
        found = [plain(one) for one in evaluate(resource, expression.text, _around(resource))]
    except ExpressionError:
        return expression.get("invalid") is not None
    if expression.get("invalid"):
        return False
    outputs = case.findall("output")
    if case.get("predicate") == "true":
        truth = bool(found) and found != [False]
        return [output.text == "true" for output in outputs] == [truth]
    return len(found) == len(outputs) and all(map(_same, found, outputs))


def _around(resource):
    return {"resource": resource, "rootResource": resource}


@pytest.mark.needs("shared data")
def test_the_official_cases_are_right_but_for_those_that_are_listed(shared):
    folder = shared / "data" / "fhir-r4" / "test-cases" / "fhirpath"
    known, wrong, count = {}, set(), 0
    for name, case in _cases(folder):
        count += 1
        if not _is_right(case, _resource(folder, case.get("inputfile"), known)):
            wrong.add(name)
    with FAILING.open(newline="") as lines:
        listed = {row["case"]: row["reason"] for row in csv.DictReader(lines)}
    assert wrong == set(listed)
    assert all(listed.values())
    assert count > 900
    assert len(wrong) <= (1 - LEAST) * count
