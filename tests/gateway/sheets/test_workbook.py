"""Workbooks come in as text with places, and go out without a formula."""

import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from gateway.sheets import SheetError, workbook
from gateway.sheets.safety import STARTS, bare, safe
from gateway.sheets.workbook import Sheet


def made(*rows, title="项目 items"):
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def faults_of(body):
    with pytest.raises(SheetError) as error:
        workbook.read(body)
    return [str(one) for one in error.value.faults]


def test_rows_keep_the_number_that_a_spreadsheet_shows():
    table = workbook.read(made(["代码 code", "名称 name"], [], ["K", " 钾 "], [], ["NA"]))["items"]
    assert table.columns == ("code", "name")
    assert [(row.number, row["code"], row["name"]) for row in table.rows] == [
        (3, "K", "钾"),
        (5, "NA", ""),
    ]


def test_numbers_dates_and_answers_are_texts_as_typed():
    values = [30, 30.0, 2.5, True, date(2026, 7, 1), datetime(2026, 7, 1, 8), None]  # noqa: DTZ001
    table = workbook.read(made(list("abcdefg"), values))["items"]
    assert table.rows[0]["g"] == ""
    assert list(table.rows[0].cells.values()) == [
        *("30", "30", "2.5", "yes", "2026-07-01 00:00:00", "2026-07-01 08:00:00")
    ]


def test_a_formula_is_named_by_its_place():
    assert faults_of(made(["code"], ["=1+1"])) == [
        "items, row 2, column A: This is a formula or an error; write its value."
    ]


def bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", bytes(workbook.MOST_BYTES + 1))
    return out.getvalue()


def hollow():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("[Content_Types].xml", "<broken")
    return out.getvalue()


def spoilt():
    body = bytearray(made(["code"], ["K"]))
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        start = packed.getinfo("xl/worksheets/sheet1.xml").header_offset
    body[start + 60 : start + 90] = bytes(30)
    return bytes(body)


@pytest.mark.parametrize(
    "body", [b"", b"code,name", made(["code"])[:400], hollow(), bomb(), spoilt()]
)
def test_what_is_no_workbook_is_refused(body):
    assert faults_of(body) == ["workbook: This is no workbook (xlsx) that can be read."]


def test_too_many_rows_and_sheets_of_one_name_are_refused(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 1)
    assert faults_of(made(["code"], ["A"], ["B"])) == ["items: There are more than 1 rows."]
    book = Workbook()
    book.worksheets[0].title = "项目 items"
    book.create_sheet("旧 items")
    out = io.BytesIO()
    book.save(out)
    assert faults_of(out.getvalue()) == ["items: There are two sheets of this name."]


NASTY = ["=cmd|'/C calc'!A0", "+86", "-1", "@SUM(A1)", "\t=1", "'=1", "''=1", "'quoted'", "钾"]


def test_no_text_is_written_as_a_formula_and_all_come_back():
    body = workbook.write([Sheet("项目 items", ["名称 name", "n"], [[one, 1] for one in NASTY])])
    cells = [row[0] for row in load_workbook(io.BytesIO(body))["项目 items"].iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell.value for cell in cells if cell.value.startswith(STARTS)]
    table = workbook.read(body)["items"]
    assert [row["name"] for row in table.rows] == [one.strip() for one in NASTY]


@given(st.text())
def test_what_is_made_safe_comes_back(text):
    assert bare(safe(text)) == text
    assert not safe(text).startswith(STARTS)


def test_characters_that_a_workbook_cannot_hold_are_replaced():
    body = workbook.write([Sheet("a", ["name"], [["x\x00y"]])])
    assert workbook.read(body)["a"].rows[0]["name"] == "x\ufffdy"


def test_csv_is_safe_and_told_apart_by_excel():
    body = workbook.to_csv(Sheet("a", ["名称", "n"], [["=1", 2], [None, 2.5]]))
    assert body == "\ufeff名称,n\r\n'=1,2\r\n,2.5\r\n".encode()


@pytest.mark.parametrize("text", ["＝1+1", "＋1", "－1", "＠SUM(A1)", "=1", "'=1"])
def test_what_looks_like_a_formula_where_chinese_is_typed(text):
    assert safe(text) == f"'{text}"
