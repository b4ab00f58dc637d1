"""fhir.resources judges the same resources; second_opinion.csv tells why where it differs.

Its models are of R4B, which equals R4 for the clinical types.
"""

import csv
import json
from pathlib import Path

import pytest

from gateway.fhir.codec import decode
from gateway.fhir.validation import check
from tests.gateway.fhir.broken import BROKEN

EXPLAINED = {
    row["case"]: (row["ours"], row["theirs"])
    for row in csv.DictReader(
        Path(__file__).with_name("second_opinion.csv").read_text().splitlines()
    )
}


def _verdicts(body):
    # Imported here, since its models take long to load and only this test needs them.
    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415

    resource = decode(body)
    errors = [issue for issue in check(resource) if issue.severity == "error"]
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate_json(body)
    except (ValueError, KeyError, TypeError):  # a type that it has not, or its refusal
        return ("refused" if errors else "fine", "refused")
    return ("refused" if errors else "fine", "fine")


def _cases(shared):
    for path in sorted((shared / "data" / "fhir-r4" / "examples").glob("*.json")):
        yield path.name, path.read_bytes()
    for name, (resource, _, _) in BROKEN.items():
        yield name, json.dumps(resource).encode()


@pytest.mark.needs("shared data")
def test_every_differing_verdict_is_explained(shared):
    differing = {
        name: found for name, body in _cases(shared) if (found := _verdicts(body))[0] != found[1]
    }
    assert differing == EXPLAINED
