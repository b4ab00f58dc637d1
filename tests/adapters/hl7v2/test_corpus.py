"""Every HL7 v2 file of the shared data is read and written back."""

import csv

import pytest

from adapters.hl7v2 import (
    EVN,
    MRG,
    MSH,
    NTE,
    OBR,
    OBX,
    ORC,
    PID,
    PV1,
    SPM,
    TQ1,
    encode,
    parse,
    split,
)

RECORDS = {kind.__name__: kind for kind in (EVN, MRG, MSH, NTE, OBR, OBX, ORC, PID, PV1, SPM, TQ1)}


@pytest.fixture(scope="module")
def bodies(shared):
    folder = shared / "data" / "hl7v2"
    with (folder / "INDEX.tsv").open() as index:
        names = [row["file"] for row in csv.DictReader(index, delimiter="\t")]
    files = {name: (folder / name).read_bytes() for name in names if name.endswith(".hl7")}
    return {name: body for name, body in files.items() if b"MSH" in body}


@pytest.mark.needs("shared data")
def test_every_file_comes_back_byte_for_byte(bodies):
    assert len(bodies) > 700
    changed = [
        name for name, body in bodies.items() for part in split(body) if encode(parse(part)) != part
    ]
    assert not changed


@pytest.mark.needs("shared data")
def test_every_record_of_every_file_is_read(bodies):
    counts = dict.fromkeys(RECORDS, 0)
    for body in bodies.values():
        for part in split(body):
            for segment in parse(part).segments:
                if segment.name in RECORDS:
                    segment.read(RECORDS[segment.name])
                    counts[segment.name] += 1
    assert min(counts.values()) > 0, counts
