"""Every sample file of the formats read, against what others decoded from it."""

import csv
import hashlib
import json
from array import array
from collections import Counter

import pytest

from adapters.ecg import fingerprint, nanovolts, parse
from adapters.errors import EnvelopeError, UnsupportedError
from tests.tools import ROOT, SHARED

TABLE = ROOT / "tests" / "outcomes" / "ecg.tsv"
FILES = SHARED / "data" / "ecg"

with TABLE.open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t"))
STORED = [row for row in ROWS if row["outcome"] == "stored"]
REFUSED = [row for row in ROWS if row["outcome"] == "refused"]

pytestmark = pytest.mark.needs("shared data")


def recording(row):
    return parse((FILES / row["file"]).read_bytes())


def named(row):
    return row["file"]


@pytest.mark.parametrize("row", STORED, ids=named)
def test_every_sample_equals_its_truth(row):
    truth = json.loads((FILES / f"{row['file']}.truth.json").read_text(encoding="utf-8"))
    (series,) = recording(row).series
    assert {lead.name for lead in series.leads} == set(truth["leads"])
    assert float(series.rate) == truth["fs_hz"]
    for lead in series.leads:
        microvolts = [one / 1000 for one in nanovolts(lead)]
        assert len(microvolts) == truth["n_samples"]
        half = abs(float(lead.scale)) / 2
        first = truth["first50_uV"][lead.name]
        assert all(abs(a - b) <= half for a, b in zip(microvolts, first, strict=False))
        assert abs(min(microvolts) - truth["min_uV"][lead.name]) <= half
        assert abs(max(microvolts) - truth["max_uV"][lead.name]) <= half
        whole = hashlib.sha256(array("q", nanovolts(lead)).tobytes()).hexdigest()
        assert whole[:16] == truth["sha256_int_nV_le_i8"][lead.name]


@pytest.mark.parametrize("row", STORED, ids=named)
def test_every_part_of_a_file_is_counted_as_the_table_says(row):
    found = recording(row)
    assert found.faults == ()
    assert len(found.series[0].leads) == int(row["leads"])
    assert len(found.series[0].leads[0].samples) == int(row["samples"])
    assert found.series[0].rate == row["rate"]
    assert len(found.measurements) == int(row["measurements"])
    assert len(found.statements) == int(row["statements"])
    pairs = (pair.split(":") for pair in row["skips"].split())
    assert Counter(one.code for one in found.skips) == {code: int(count) for code, count in pairs}
    leads = sum(len(one.leads) for one in found.series)
    used = leads + len(found.measurements) + len(found.statements)
    assert sum(found.received.values()) == used + len(found.skips)


@pytest.mark.parametrize("row", REFUSED, ids=named)
def test_other_formats_are_refused_as_the_table_says(row):
    with pytest.raises(EnvelopeError) as refused:
        recording(row)
    assert isinstance(refused.value, UnsupportedError) == (row["code"] == "not-supported")


def test_one_recording_has_one_fingerprint_in_every_format():
    hashes = {row["file"]: fingerprint(recording(row).series) for row in STORED}
    for row in STORED:
        if row["same-as"]:
            assert hashes[row["file"]] == hashes[row["same-as"]]
    assert hashes["aecg/fda_subject1_0.xml"] == hashes["aecg/fda_subject2_0.xml"]
    assert len(set(hashes.values())) == len(hashes) - 4


def test_mindray_writes_its_corrected_interval_beside_a_zero():
    row = next(row for row in STORED if "mindray" in row["file"])
    found = {one.kind: (one.value, one.code) for one in recording(row).measurements}
    assert found["qtc"] == ("413", "MINDRAY_ECG_TIME_PD_QTcH")


def test_an_absent_interval_is_left_out():
    row = next(row for row in STORED if "pydicom" in row["file"])
    found = recording(row)
    assert "pp" not in {one.kind for one in found.measurements}
    assert [one.text for one in found.statements] == ["RITMO SINUSALE", "ECG NORMALE"]
