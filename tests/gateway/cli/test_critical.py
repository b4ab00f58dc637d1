"""`hutong critical`: tables go out as they came in; a broken one changes nothing."""

from gateway.sheets import workbook
from gateway.sheets.workbook import Sheet

HEADINGS = ("group", "codes", "low", "unit")
SETTINGS = ("steps", "acknowledge")


def test_the_starter_table_is_in_force_and_to_be_approved(hutong):
    listed = hutong("critical", "list")
    assert listed.cells(1)[:3] == ["county", "0", "41"]
    assert "nobody: to be approved" in listed.out


def test_a_table_goes_out_and_in_again(hutong, tmp_path):
    hutong("campus", "add", "A", "--name", "甲")
    for name in ("table.xlsx", "table.json"):
        file = tmp_path / name
        assert hutong("critical", "export", file).out == "county: 41 rows, 0 settings.\n"
        told = hutong("critical", "import", file, "--campus", "A", "--approver", "李主任")
        assert told.out.startswith("A: 41 rows")
        assert told.out.endswith("approved by 李主任.\n")
    listed = hutong("critical", "list")
    assert [listed.cells(row)[0] for row in (1, 2)] == ["county", "A"]
    assert hutong("critical", "export", file, "--campus", "A").out == "A: 41 rows, 0 settings.\n"


def test_settings_alone_keep_the_rows(hutong, tmp_path):
    file = tmp_path / "settings.xlsx"
    file.write_bytes(workbook.write([Sheet("settings", SETTINGS, [("1;2", "1")])]))
    assert hutong("critical", "import", file).out.startswith("county: 41 rows, 1 settings")


def test_a_broken_table_is_told_by_row_and_changes_nothing(hutong, tmp_path):
    file = tmp_path / "table.xlsx"
    rows = [("potassium", "2823-3", "<2.8", "mmol/L"), ("potassium", "2823-3", "2.8?", "mmol/L")]
    file.write_bytes(workbook.write([Sheet("values", HEADINGS, rows)]))
    told = hutong("critical", "import", file, code=1)
    assert told.out.startswith("values, row 3, column low: ")
    assert "Nothing was imported: 1 fault." in told.error
    assert hutong("critical", "list").cells(1)[2] == "41"


def test_what_is_not_there_is_told(hutong, tmp_path):
    file = tmp_path / "table.json"
    hutong("critical", "export", file)
    hutong("campus", "add", "A", "--name", "甲")
    assert (
        "no table of its own" in hutong("critical", "export", file, "--campus", "A", code=1).error
    )
    assert "no campus Z" in hutong("critical", "import", file, "--campus", "Z", code=1).error
    wrong = hutong("critical", "import", file, "--effective-from", "soon", code=1)
    assert "--effective-from is a date" in wrong.error
    assert ".xlsx" in hutong("critical", "export", tmp_path / "table.doc", code=1).error


def test_a_table_of_tomorrow_does_not_hold_today(hutong, tmp_path):
    file = tmp_path / "table.json"
    hutong("critical", "export", file)
    hutong("critical", "import", file, "--effective-from", "2099-01-01")
    hutong(
        "critical", "import", file, "--effective-from", "2020-01-01", "--effective-to", "2021-01-01"
    )
    assert hutong("critical", "list").cells(1)[1] == "0"
