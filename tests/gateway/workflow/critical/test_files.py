"""Tables of critical values as files: read again as they were written, faults named by row."""

import msgspec
import pytest

from gateway.fhir.codec import decode
from gateway.fhir.validation import check
from gateway.sheets import SheetError, workbook
from gateway.sheets.workbook import Sheet
from gateway.workflow.critical.files import read, to_json, to_workbook
from gateway.workflow.critical.model import Body, Setting, limit
from gateway.workflow.critical.registry import starter

SETTINGS = (
    Setting(),
    Setting(category="ecg", ward="EMER", steps=(0.5, 5), told=("a", "b"), disposition="required"),
)


def bare(body):
    """The rows without where they stood, limits as they count."""
    rows = [
        msgspec.structs.replace(
            row,
            number=0,
            low=limit(row.low, "<") and str(limit(row.low, "<")),
            high=limit(row.high, ">") and str(limit(row.high, ">")),
        )
        for row in body.rows
    ]
    return rows, body.settings


@pytest.mark.parametrize("write", [to_workbook, to_json])
def test_a_table_is_read_again_as_it_was_written(write):
    body = Body(starter().rows, SETTINGS)
    assert bare(read(write(body))) == bare(body)


def test_the_json_is_fhir():
    for entry in decode(to_json(Body(starter().rows, SETTINGS)))["entry"]:
        assert [one for one in check(entry["resource"]) if one.severity == "error"] == []


HEADINGS = ("分组 group", "编码 codes", "低限 low", "高限 high", "单位 unit", "年龄 age_to")
GOOD = ("potassium", "2823-3", "<2.8", ">6.2", "mmol/L", "")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("", "2823-3", "<2.8", "", "mmol/L", ""), "group"),
        (("potassium", "", "<2.8", "", "mmol/L", ""), "codes"),
        (("potassium", "2823-3", ">2.8", "", "mmol/L", ""), "low"),
        (("potassium", "2823-3", "", "about 6", "mmol/L", ""), "high"),
        (("potassium", "2823-3", "<6", ">5", "mmol/L", ""), "high"),
        (("potassium", "2823-3", "<2.8", "", "", ""), "unit"),
        (("potassium", "2823-3", "<2.8", "", "mmol/L", "young"), "age_to"),
        (("potassium", "K", "<2.8", "", "mmol/L", ""), "codes"),
    ],
)
def test_a_broken_row_is_named_and_nothing_is_taken(row, column):
    body = workbook.write([Sheet("values", HEADINGS, [GOOD, row])])
    with pytest.raises(SheetError) as error:
        read(body)
    assert [(one.sheet, one.row, one.column) for one in error.value.faults] == [
        ("values", 3, column)
    ]


def test_a_broken_setting_is_named():
    body = workbook.write(
        [Sheet("settings", ("steps", "repeat"), [("10;20", "5"), ("20;10", "0")])]
    )
    with pytest.raises(SheetError) as error:
        read(body)
    assert [(one.sheet, one.row, one.column) for one in error.value.faults] == [
        ("settings", 3, "steps"),
        ("settings", 3, "repeat"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        workbook.write([Sheet("values", HEADINGS, [])]),
        workbook.write([Sheet("other", HEADINGS, [GOOD])]),
        workbook.write([Sheet("values", ("what",), [("x",)])]),
        b'{"resourceType": "Bundle", "type": "collection"}',
        b'{"resourceType": "Patient"}',
        b'{"resourceType": "Bundle", "type": "batch", "entry": [{"fullUrl": "urn:x:1"}]}',
        b"PK\x03\x04 no workbook",
    ],
)
def test_another_file_is_refused(body):
    with pytest.raises(SheetError):
        read(body)
