"""The public test files: each becomes valid resources, with the name and notes of the table."""

import csv

import msgspec
import pytest

from adapters.dicom import parse_instance
from gateway.fhir.validation import check
from mappers.base import Source
from mappers.dicom import to_fhir
from tests.tools import ROOT, SHARED

with (ROOT / "tests" / "outcomes" / "dicom.tsv").open(encoding="utf-8") as table:
    STORED = [row for row in csv.DictReader(table, delimiter="\t") if row["stow"] == "200"]


@pytest.mark.needs("shared data")
@pytest.mark.parametrize("row", STORED, ids=lambda row: row["file"])
def test_each_file_becomes_what_the_table_says(row):
    found = parse_instance((SHARED / "data" / "dicom" / row["file"]).read_bytes())
    clock = "2026-11-22T00:00:00.000000Z"
    mapped = to_fhir([found], Source("B", "Asia/Shanghai"), "http://b/dicom-web", clock)
    patient = mapped.drafts[0].resource
    assert patient.get("name", [{}])[0].get("text", "") == row["name"]
    codes = {note.code for note in mapped.notes} - {"assumed-zone"}
    assert codes == set(row["notes"].split())
    for draft in mapped.drafts:
        assert not check(msgspec.json.decode(msgspec.json.encode(draft.resource)))
