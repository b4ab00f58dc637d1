"""Evidence by command."""

import pytest

from gateway.recognition.quality.files import COLUMNS
from gateway.sheets import workbook
from gateway.sheets.workbook import Sheet
from tests.gateway.recognition.quality.evidence import ROUND, body


@pytest.fixture
def campuses(hutong):
    for code in "AB":
        hutong("campus", "add", code, "--name", code)


@pytest.mark.usefixtures("campuses")
def test_rounds_are_imported_and_listed(hutong, tmp_path):
    file = tmp_path / "rounds.xlsx"
    row = [str(ROUND.get(column, "")).replace("True", "yes") for column in COLUMNS]
    file.write_bytes(workbook.write([Sheet("evidence", COLUMNS, [row])]))
    assert hutong("quality", "import", file).out == "Rows taken: 1.\n"
    assert hutong("quality", "list").cells(1) == [
        *("B", "LAB.K", "全国HR", "eqa", "2026-1", "2026-01-01", "2026-06-30", "yes", "waiting")
    ]


@pytest.mark.usefixtures("campuses")
def test_faults_are_told_by_place(hutong, tmp_path):
    file = tmp_path / "rounds.json"
    file.write_bytes(body({}, {"round": "2", "item": "X"}, {"round": "3", "campus": "Z"}))
    said = hutong("quality", "import", file, code=1)
    assert said.lines == [
        "evidence, row 2, column item: There is no such item in the catalogue.",
        "evidence, row 3, column campus: There is no such campus.",
    ]
    assert "2 faults" in said.error
    assert len(hutong("quality", "list").lines) == 1
