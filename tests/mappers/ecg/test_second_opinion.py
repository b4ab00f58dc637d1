"""Every resource made of an ECG passes the R4B models of fhir.resources and our own check."""

import csv
import re
from pathlib import Path

import msgspec
import pytest
from fhir.resources.R4B import get_fhir_model_class

from adapters.ecg import parse
from gateway.fhir.validation import check
from mappers.base import Key, Source
from mappers.ecg import to_fhir
from tests.test_golden_cases import CASES
from tests.tools import ROOT, SHARED

SOURCE = Source("B", "Asia/Shanghai", authorities={"A": "A", "B": "B"})
FILES = [path for case in CASES if case.parent.name == "ecg" for path in case.glob("input.*")]
CODE = re.compile(r"[a-z-]+")
PLACE = re.compile(r"[A-Za-z]+[A-Za-z0-9-]*(\[\d+\])?")


def mapped(body: bytes):
    return to_fhir(parse(body), SOURCE, Key("Binary", "urn:example", "1"), len(body))


def verify(found):
    said = [draft.resource for draft in found.drafts]
    if said and found.provenance:
        recorded = {"target": [{"reference": "Patient/1"}], "recorded": "2026-11-22T08:30:15Z"}
        said.append({**found.provenance, **recorded})
    for resource in said:
        text = re.sub(rb"\?identifier=[^\"]+", b"/1", msgspec.json.encode(resource))
        plain = msgspec.json.decode(text)
        assert check(plain) == []
        get_fhir_model_class(plain["resourceType"]).model_validate(plain)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_golden_case_is_valid_fhir_and_tells_places_only(path):
    found = mapped(path.read_bytes())
    verify(found)
    for note in found.notes:
        assert CODE.fullmatch(note.code)
        assert PLACE.fullmatch(note.place)


@pytest.mark.needs("shared data")
def test_sample_files_make_valid_fhir():
    with Path(ROOT / "tests" / "outcomes" / "ecg.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["outcome"] == "stored"]
    for row in rows:
        found = mapped((SHARED / "data" / "ecg" / row["file"]).read_bytes())
        assert found.account.balanced()
        assert sorted({note.code for note in found.notes}) == row["notes"].split()
        verify(found)
