"""Every resource that the mappers make passes the R4B models of fhir.resources.

The models are the second opinion: equal to R4 for the types made here.
"""

from pathlib import Path

import msgspec
import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapters.hl7v2 import parse, split
from mappers.base import Mapped, Source
from mappers.hl7v2 import to_fhir
from tests import tools
from tests.mappers.hl7v2.test_outcomes import ROWS

FIXTURES = Path(__file__).parents[3] / "fixtures" / "hl7v2"
CASES = sorted(path.parent for path in FIXTURES.glob("*/input.hl7"))
SOURCE = Source("B", "Asia/Shanghai", authorities={"A": "A", "B": "B"})


def resources(mapped: Mapped) -> list[dict]:
    """Return what was made, as JSON; a Provenance gets what ingest adds."""
    found = [draft.resource for draft in mapped.drafts]
    found += [link.own.resource for link in mapped.orders if link.own]
    if mapped.provenance:
        target = [{"reference": "Patient/1"}]
        recorded = "2026-11-22T08:30:15+08:00"
        found.append({**mapped.provenance, "target": target, "recorded": recorded})
    return msgspec.json.decode(msgspec.json.encode(found))


def check(mapped: Mapped) -> None:
    for resource in resources(mapped):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_case_is_valid_fhir(case):
    check(to_fhir(parse((case / "input.hl7").read_bytes()), SOURCE))


@pytest.mark.needs("shared data")
def test_sample_messages_make_valid_fhir():
    for row in ROWS:
        body = (tools.SHARED / "data" / "hl7v2" / row["file"]).read_bytes()
        check(to_fhir(parse(split(body)[int(row["message"]) - 1]), SOURCE))
