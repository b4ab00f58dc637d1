"""Evidence as people send it: taken whole or not at all, every fault by row and column."""

import pytest

from gateway.errors import InvalidResourceError
from gateway.recognition.quality.files import COLUMNS, read
from gateway.sheets import SheetError, workbook
from gateway.sheets.workbook import Sheet
from tests.gateway.recognition.quality.evidence import KNOWN, ROUND, body

CHINESE = {
    "campus": "B",
    "scheme": "室间质评",
    "organisation": "省临检中心",
    "scope": "本省",
    "item": "LAB.K",
    "round": "2026-1",
    "starts": "2026-01-01",
    "ends": "2026-06-30",
    "passed": "合格",
}


def page(*rows, title="质控证据 evidence"):
    headings = [f"中文 {column}" for column in COLUMNS]
    cells = [[row.get(column, "") for column in COLUMNS] for row in rows]
    return workbook.write([Sheet(title, headings, cells)])


def faults(given):
    with pytest.raises(SheetError) as error:
        read(given, KNOWN, 5)
    return [(one.sheet, one.row, one.column) for one in error.value.faults]


def test_rows_are_taken_in_the_words_of_people_and_of_programs():
    ((name, values),) = read(page(CHINESE), KNOWN, 5)
    assert name == "evidence_put"
    assert values == (
        *(2, "", "eqa", "省临检中心", "province", "", "LAB.K", "", "2026-1", "2026-01-01"),
        *("2026-06-30", 1, "", 5),
    )
    ((_, values),) = read(body({"passed": False, "place": "昆明HR", "scope": "city"}), KNOWN, 5)
    assert values[4:6] == ("city", "昆明")
    assert values[11] == 0


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        *[({name: ""}, name) for name in ROUND],
        ({"campus": "Z"}, "campus"),
        ({"item": "LAB.X"}, "item"),
        ({"scheme": "luck"}, "scheme"),
        ({"scope": "moon"}, "scope"),
        ({"starts": "1.1.2026"}, "starts"),
        ({"ends": "9999-12-31"}, "ends"),
        ({"ends": "2025-12-31"}, "ends"),
        ({"passed": "perhaps"}, "passed"),
    ],
)
@pytest.mark.parametrize("form", ["xlsx", "json"])
def test_a_broken_cell_is_named(form, cells, column):
    if form == "xlsx":
        assert faults(page(CHINESE | {"round": "0"}, CHINESE | cells)) == [("evidence", 3, column)]
    else:
        assert faults(body({"round": "0"}, cells)) == [("evidence", 2, column)]


def test_two_rows_on_one_round_are_a_contradiction():
    assert faults(page(CHINESE, CHINESE | {"passed": "no"})) == [("evidence", 3, "round")]


def test_columns_and_sheets_that_are_not_known_are_named():
    assert faults(body({"colour": "red"})) == [("evidence", 1, "colour")]
    assert faults(page(CHINESE, title="marks")) == [("marks", 0, "")]
    assert faults(page()) == [("evidence", 0, "")]


@pytest.mark.parametrize("given", [b"{}", b'{"evidence": []}', b'{"evidence": [1]}'])
def test_json_without_evidence_is_refused(given):
    assert faults(given) == [("evidence", 0, "")]


def test_what_is_neither_is_refused():
    with pytest.raises(InvalidResourceError):
        read(b"campus,item\n", KNOWN, 5)
