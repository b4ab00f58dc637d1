"""The public test files: what the scan finds in each, pydicom being the second opinion."""

import csv
import json
import warnings

import msgspec
import pytest

from adapters.dicom import ObjectError, parse_instance
from adapters.dicom.model import model
from tests.tools import ROOT, SHARED

FILES = SHARED / "data" / "dicom"
with (ROOT / "tests" / "outcomes" / "dicom.tsv").open(encoding="utf-8") as table:
    ROWS = list(csv.DictReader(table, delimiter="\t"))
STORED = [row for row in ROWS if row["stow"] == "200"]


def ids(row):
    return row["file"]


@pytest.mark.needs("shared data")
def test_every_file_has_a_row():
    assert {row["file"] for row in ROWS} == {path.name for path in FILES.glob("*.dcm")}


@pytest.mark.needs("shared data")
@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_the_scan_finds_what_the_table_says(row):
    data = (FILES / row["file"]).read_bytes()
    try:
        found = parse_instance(data)
    except ObjectError as error:
        refusal = f"{error.status:04X}", error.reason
        assert (row["code"], row["reason"]) == refusal
        return
    assert row["stow"] == "200"
    assert found.study_instance_uid == row["study"]
    assert found.series_instance_uid == row["series"]
    assert (found.sop_class_uid, found.sop_instance_uid) == (row["sop-class"], row["sop-instance"])
    assert (found.patient_id or "-", found.accession_number) == (row["patient"], row["accession"])
    # What a number or a missing patient means is noted later, by the mapper.
    expected = set(row["notes"].split()) - {"no-patient-number", "bad-number"}
    assert {one.code for one in found.findings} == expected


UNLIKE = {
    "bad_sequence.dcm": "a sequence of unknown representation is told as it is",
    "bad_vr.dcm": "pydicom refuses 1A as a number",
    "cs_CT_JIS_pixelrep_mismatch.dcm": "private elements of unknown representation",
    "cs_chrGB2312_IR58.dcm": "pydicom leaves the escapes in the name",
    "us_multiframe_jpeg30.dcm": "pydicom keeps the padding of private XML",
}


@pytest.mark.needs("shared data")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", STORED, ids=ids)
def test_the_json_model_is_pydicoms(row):
    pydicom = pytest.importorskip("pydicom")
    path = FILES / row["file"]
    data = path.read_bytes()
    ours = json.loads(msgspec.json.encode(model(lambda at, n: data[at : at + n], len(data), str)))
    if row["file"] in UNLIKE:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = pydicom.dcmread(path, force=True)
        theirs = read.to_json_dict(1024, lambda _: "there")
    for tag, attribute in theirs.items():
        private = int(tag[3], 16) % 2  # pydicom has lists of what vendors put there
        if tag == "00080005" or tag.endswith("0000") or tag > "7FE00010" or private:
            continue
        mine = dict(ours[tag])
        if attribute["vr"] != "SQ" and "BulkDataURI" not in {*mine, *attribute}:
            assert plain(mine) == plain(attribute), tag


def plain(attribute):
    values = attribute.get("Value", [])
    if attribute["vr"] in {"DS", "IS"}:
        values = [None if one is None else float(one) for one in values]
    return str(attribute["vr"]), [one or None for one in values]
