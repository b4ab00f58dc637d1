"""NDJSON from files, by command, where no gateway runs."""

import gzip

import pytest


@pytest.fixture
def county(hutong):
    hutong("campus", "add", "B", "--name", "城关")


@pytest.mark.usefixtures("county")
def test_files_become_resources_and_what_is_refused_is_said_by_line(hutong, tmp_path):
    good, bad = tmp_path / "good.ndjson.gz", tmp_path / "bad.ndjson"
    good.write_bytes(gzip.compress(b'{"resourceType":"Patient","id":"p1"}\n' * 2))
    bad.write_text('{"resourceType":"Patient","id":"p2","gender":"x"}\n{}\n')
    told = hutong("import", good, bad, "--campus", "B", code=1, silent=True).out.splitlines()
    assert told[:2] == [
        "good.ndjson.gz: 1 created, 0 updated, 1 unchanged, 0 refused",
        "bad.ndjson: 0 created, 0 updated, 0 unchanged, 2 refused",
    ]
    assert [one.partition(":")[0] for one in told[2:]] == ["bad.ndjson line 1", "bad.ndjson line 2"]
    again = hutong("import", good, "--campus", "B", "--type", "Patient").out
    assert again == "good.ndjson.gz: 0 created, 0 updated, 2 unchanged, 0 refused\n"
    assert hutong("jobs", "list").cells(1)[1:3] == ["import", "B"]


@pytest.mark.usefixtures("county")
def test_an_unknown_campus_or_type_is_refused(hutong, tmp_path):
    file = tmp_path / "a.ndjson"
    file.write_text("{}")
    assert "no campus X" in hutong("import", file, "--campus", "X", code=1).error
    assert "--type" in hutong("import", file, "--campus", "B", "--type", "X", code=1).error
