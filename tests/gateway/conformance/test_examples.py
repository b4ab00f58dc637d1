"""Every official example through all that `$validate` looks at."""

import csv
from pathlib import Path

import pytest

from gateway.conformance.examine import examined
from gateway.fhir.codec import decode

LISTED = Path(__file__).with_name("examples.csv")


async def _nowhere(_type, _url):
    """R4's own definitions are all that there is."""


@pytest.mark.needs("shared data")
async def test_the_official_examples_are_right_but_for_those_that_are_listed(shared):
    paths = sorted((shared / "data" / "fhir-r4" / "examples").glob("*.json"))
    wrong, others = {}, set()
    for path in paths:
        issues = await examined(_nowhere, decode(path.read_bytes()))
        rules = {one.text.split(":")[0] for one in issues if one.severity == "error"}
        others |= {one.code for one in issues if one.code in {"not-supported", "too-costly"}}
        others |= {path.name for one in issues if "second opinion" in one.text}
        if rules:
            wrong[path.name] = " ".join(sorted(rule.removeprefix("Rule ") for rule in rules))
    with LISTED.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert wrong == {row["example"]: row["rules"] for row in rows}
    assert all(row["reason"] for row in rows)
    assert not others
    assert len(paths) == 706
