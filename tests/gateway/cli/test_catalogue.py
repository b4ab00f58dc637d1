"""The catalogue by command: exported, changed by a person, approved and imported again."""

from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from gateway.recognition.catalogue.registry import Catalogues

FOREVER = 4_000_000_000_000_000


@pytest.fixture
def campuses(hutong):
    hutong("campus", "add", "A", "--name", "县医院")


async def _versions(store):
    return [
        (one.version, one.effective_from, one.effective_to, one.approver)
        for one in Catalogues(store, lambda: FOREVER).versions()
    ]


async def _book(store):
    return Catalogues(store, lambda: FOREVER).now()


def test_before_any_import_the_proposals_are_listed(hutong):
    lines = hutong("catalogue", "list").lines
    assert lines[1].split()[:4] == ["1", "2000-01-01", "-", "in"]
    assert "to be approved" in lines[1]


@pytest.mark.usefixtures("campuses")
@pytest.mark.parametrize("name", ["catalogue.xlsx", "catalogue.json"])
def test_proposals_are_exported_and_approved_unchanged(hutong, within, tmp_path, name):
    file = tmp_path / name
    hutong("catalogue", "export", file)
    said = hutong(
        *("catalogue", "import", file, "--approver", "李主任", "--effective-from", "2026-08-01")
    )
    assert said.lines == [
        "Version 2: 240 items from 2026-08-01, approved by 李主任.",
        "Version 1 ends on 2026-08-01.",
    ]
    assert within(_versions) == [
        (1, "2000-01-01", "2026-08-01", ""),
        (2, "2026-08-01", "", "李主任"),
    ]
    book = within(_book)
    assert book.catalogue.defaults is False
    assert book.item("LAB.K").windows[""] == 86_400


@pytest.mark.usefixtures("campuses")
def test_a_person_changes_the_workbook_by_hand(hutong, within, tmp_path):
    file = tmp_path / "catalogue.xlsx"
    hutong("catalogue", "export", file)
    book = load_workbook(file)
    book["价格 prices"].append(["LAB.K", "A", 12.5])
    book["院区编码 codes"].append(["LAB.K", "A", None, 501])
    book.save(file)
    hutong("catalogue", "import", file, "--approver", "李主任")
    item = within(_book).item("LAB.K")
    assert item.prices == {"A": 1250}
    assert [(code.system, code.code) for code in item.codes] == [("urn:hutong:A:item", "501")]


@pytest.mark.usefixtures("campuses")
def test_faults_are_told_by_place_and_nothing_is_stored(hutong, within, tmp_path):
    file = tmp_path / "catalogue.xlsx"
    hutong("catalogue", "export", file)
    book = load_workbook(file)
    book["价格 prices"].append(["LAB.K", "Z", 12.5])
    book["项目 items"]["B4"] = None
    book.save(file)
    said = hutong("catalogue", "import", file, "--approver", "李主任", code=1)
    assert said.lines == [
        "items, row 4, column name: This must not be empty.",
        "prices, row 2, column campus: There is no such campus.",
    ]
    assert "Nothing was imported: 2 faults." in said.error
    assert within(_versions) == [(1, "2000-01-01", "", "")]


def test_a_version_replaces_one_of_the_same_day_and_stays_known(hutong, within, tmp_path):
    file = tmp_path / "catalogue.json"
    hutong("catalogue", "export", file)
    start = ("--effective-from", "2026-08-01")
    hutong("catalogue", "import", file, "--approver", "甲", *start)
    hutong("catalogue", "import", file, "--approver", "乙", *start)
    assert within(_versions)[1:] == [
        (2, "2026-08-01", "2026-08-01", "甲"),
        (3, "2026-08-01", "", "乙"),
    ]
    states = [line.split()[3] for line in hutong("catalogue", "list").lines[1:]]
    assert states[1] == "replaced"
    hutong("catalogue", "export", tmp_path / "old.xlsx", "--version", 2)


def test_dates_that_leave_a_day_unclear_are_refused(hutong, within, tmp_path):
    file = tmp_path / "catalogue.xlsx"
    hutong("catalogue", "export", file)
    hutong("catalogue", "import", file, "--approver", "甲", "--effective-from", "2027-01-01")
    said = hutong(
        *("catalogue", "import", file, "--approver", "甲", "--effective-from", "2026-01-01"), code=1
    )
    assert "Version 2 is to hold from 2027-01-01" in said.error
    book = load_workbook(file)
    book["目录 catalogue"]["B2"] = date(2027, 6, 1)
    book.save(file)
    said = hutong(
        *("catalogue", "import", file, "--approver", "甲", "--effective-from", "2027-02-01"), code=1
    )
    assert "Version 2 holds beyond 2027-06-01" in said.error
    assert len(within(_versions)) == 2


def test_without_an_approver_nothing_is_imported(hutong, tmp_path):
    file = tmp_path / "catalogue.xlsx"
    hutong("catalogue", "export", file)
    assert "approver" in hutong("catalogue", "import", file, code=1).error


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import", "{file}", "--effective-from", "soon"), "--effective-from is a date"),
        (("export", "catalogue.pdf"), ".xlsx, .json"),
        (("export", "catalogue.xlsx", "--version", "9"), "no version 9"),
    ],
)
def test_mistakes_are_told(hutong, tmp_path, arguments, words):
    file = tmp_path / "x.xlsx"
    file.write_bytes(b"")
    given = [one.format(file=file) for one in arguments]
    assert words in hutong("catalogue", *given, code=1).error


def test_a_catalogue_without_a_day_of_its_own_counts_from_today(hutong, within, tmp_path):
    file = tmp_path / "catalogue.xlsx"
    hutong("catalogue", "export", file)
    hutong("catalogue", "import", file, "--approver", "甲")
    start = date.fromisoformat(within(_versions)[1][1])
    assert abs(start - date.today()) <= timedelta(days=1)  # noqa: DTZ011


def test_a_day_written_into_the_workbook_counts(hutong, within, tmp_path):
    file = tmp_path / "catalogue.xlsx"
    hutong("catalogue", "export", file)
    book = load_workbook(file)
    book["目录 catalogue"]["A2"] = date(2026, 9, 1)
    book["目录 catalogue"]["C2"] = "李主任"
    book.save(file)
    hutong("catalogue", "import", file)
    assert within(_versions)[1] == (2, "2026-09-01", "", "李主任")
