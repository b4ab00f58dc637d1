"""GET /recognition/statistics: what recognition came to, in three formats."""

import csv
import io
import os
import time

import openpyxl
import pytest

from gateway.api.statistics import XLSX
from gateway.store import sqlite
from gateway.store.postgres import store as postgres
from gateway.store.records import Batch
from tests.databases import change

ADDRESS = "http://gateway.test/recognition/statistics"
FORMULA = '=HYPERLINK("http://evil")'
NOW = time.time_ns() // 1000
PATIENCE = 600


@pytest.fixture
async def asked(gateway):
    a = await gateway.campus("A", "recognition")
    await gateway.campus("B", "recognition")
    await remind(gateway, 3, doctor=FORMULA)
    return a


async def remind(gateway, count, doctor="", start=0):
    statements = []
    for number in range(start, start + count):
        who = doctor or f"医生{number}"
        row = (f"d{number}", f"r{number}", NOW, 1, "", "p", "LAB.K", "may-recognise", "")
        row += ("Observation/o", 1, 2, "day", "-科室", who, None, 1, 1550, b"")
        statements.append(("decision_add", row))
    said = ("d0", "recognised", NOW, NOW, "王", 1, "", "", "t0")
    statements.append(("ledger_add", said))
    await gateway.door.store.submit(Batch(ticket=os.urandom(16), statements=statements))


async def test_json_is_the_default_and_has_the_names_of_the_design(asked):
    for accept in ("*/*", "application/json", "application/fhir+json"):
        answer = await asked.get(ADDRESS, headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("application/json")
    found = answer.json()
    counts = ("reminded", "viewed", "recognised", "notRecognised", "quoted", "unanswered")
    assert [found[name] for name in counts] == [3, 0, 1, 0, 0, 0]
    assert (found["revoked"], found["saved"]) == (0, 15.5)
    assert found["rates"] == {
        "official": None,
        "perReminder": 0.3333,
        "perView": None,
        "perResult": 1.0,
    }
    assert found["groups"] == []


async def test_a_plus_sign_in_a_time_may_come_as_it_stands(asked):
    for offset in ("+08:00", "%2B08:00"):
        address = f"{ADDRESS}?from=2026-01-01T08:00:00{offset}&to=2026-02-01T08:00:00{offset}"
        answer = await asked.get(address)
        assert answer.status_code == 200, answer.text
        assert answer.json()["from"].startswith("2026-01-01T00:00:00")
    assert (await asked.get(f"{ADDRESS}?from=2026-01-01+08:00")).status_code == 400


async def test_groups_bear_the_codes_and_words_of_what_they_are_sorted_by(asked):
    answer = await asked.get(ADDRESS, params={"by": "source,item"})
    (group,) = answer.json()["groups"]
    assert (group["source"], group["sourceName"], group["item"]) == ("B", "B", "LAB.K")
    assert group["reminded"] == 3


@pytest.mark.parametrize(
    ("params", "place"),
    [
        ({"by": "blood"}, "by"),
        ({"side": "left"}, "side"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-13"}, "to"),
        ({"from": "2026-02", "to": "2026-01"}, "from"),
        ({"from": "1990", "to": "2026"}, "from"),
        ({"form": "weekly"}, "form"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_understood_is_named(asked, params, place):
    answer = await asked.get(ADDRESS, params=params)
    assert answer.status_code == 400
    assert answer.json()["error"]["place"] == place


async def test_another_format_is_refused(asked):
    assert (await asked.get(ADDRESS, headers={"Accept": "text/html"})).status_code == 406
    assert (await asked.get(ADDRESS, params={"_format": "pdf"})).status_code == 406


async def test_a_token_without_the_scope_is_refused(gateway):
    b = await gateway.campus("A", "system/*.rs")
    assert (await b.get(ADDRESS)).status_code == 403
    assert (await gateway.client().get(ADDRESS)).status_code == 401


async def test_case_20_no_cell_of_a_csv_is_a_formula(asked):
    answer = await asked.get(
        ADDRESS, params={"by": "doctor,department"}, headers={"Accept": "text/csv"}
    )
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeff".encode())
    head, first, total = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:3] == ["医生 doctor", "科室 department", "提醒数 reminded"]
    assert first[:3] == ["'" + FORMULA, "'-科室", "3"]
    assert total[:3] == ["合计", "", "3"]
    assert "未计算" in total


async def test_case_20_no_cell_of_a_workbook_is_a_formula(asked):
    answer = await asked.get(ADDRESS, params={"by": "doctor"}, headers={"Accept": XLSX})
    assert answer.headers["content-type"] == XLSX
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("'" + FORMULA, "s")
    assert sheet["B2"].value == 3


async def test_case_20_a_hundred_thousand_rows_are_streamed(
    gateway, tmp_path, database, monkeypatch
):
    # However long it takes here: what is looked at is that nothing is held back.
    monkeypatch.setattr(postgres, "SCAN_SECONDS", PATIENCE)
    monkeypatch.setattr(sqlite, "SCAN_SECONDS", PATIENCE)
    a = await gateway.campus("A", "recognition")
    await gateway.campus("B", "recognition")
    for start in range(0, 100_000, 10_000):
        await remind(gateway, 10_000, start=start)
    if database:
        # As the worker does with a table that has doubled: what was planned for the first of them
        # would seek each among all of them.
        change(tmp_path / "data", ("ANALYZE", ()))
    answer = await a.get(ADDRESS, params={"by": "doctor", "_format": "csv"})
    assert "content-length" not in answer.headers
    assert answer.content.count(b"\r\n") == 100_002


async def test_the_monthly_form_comes_in_every_format(asked):
    found = (await asked.get(ADDRESS, params={"form": "monthly"})).json()
    (line,) = found["form"]
    assert (line["campus"], line["recognised"], line["saved"]) == ("A", 1, 15.5)
    answer = await asked.get(ADDRESS, params={"form": "monthly", "_format": "csv"})
    assert "医疗机构代码 campus" in answer.content.decode("utf-8-sig")
    assert (await asked.get(ADDRESS, params={"form": "monthly", "_format": "xlsx"})).is_success


async def test_who_asked_is_in_the_audit(asked, gateway):
    await asked.get(ADDRESS, params={"by": "item"})
    await gateway.door.recorder.close()
    rows = gateway.door.store.fetch("audit_after", (0, 1000))
    assert any(b"recognition/statistics" in row[4] for row in rows)
