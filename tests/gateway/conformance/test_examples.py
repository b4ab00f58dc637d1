"""Every official example by R4's own rules, bindings, extensions and profiles."""

import csv
from pathlib import Path

import pytest

from gateway.conformance import base
from gateway.conformance.report import Report
from gateway.fhir.codec import decode
from gateway.fhir.library import Library

LISTED = Path(__file__).with_name("examples.csv")


@pytest.mark.needs("shared data")
def test_the_official_examples_are_right_but_for_those_that_are_listed(shared):
    paths = sorted((shared / "data" / "fhir-r4" / "examples").glob("*.json"))
    wrong, evaluated = {}, True
    for path in paths:
        report = Report()
        base.look(Library(), report, decode(path.read_bytes()), ())
        rules = {one.text.split(":")[0] for one in report.issues if one.severity == "error"}
        evaluated &= not any(one.code == "not-supported" for one in report.issues)
        if rules:
            wrong[path.name] = " ".join(sorted(rule.removeprefix("Rule ") for rule in rules))
    with LISTED.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert wrong == {row["example"]: row["rules"] for row in rows}
    assert all(row["reason"] for row in rows)
    assert evaluated
    assert len(paths) == 706
