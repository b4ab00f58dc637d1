"""The dashboard: four rates by name, their parts, tables with bars, files."""

import io
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from gateway.recognition.statistics.facts import Period


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def us(*when):
    return int(datetime(*when, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()) * 1_000_000


async def test_each_rate_has_its_name_its_parts_and_its_definition(doctor):
    page = (await doctor.get("/statistics")).text
    found = re.findall(r'<li class="panel rate-block.*?</li>', page, re.DOTALL)
    blocks = [words(one) for one in found]
    assert [one.split()[0] for one in blocks] == [
        "提醒后互认率", "调阅互认率", "官方互认率", "结果互认率",
    ]  # fmt: skip
    assert "18.2 % = 312/1714" in blocks[0]
    assert "39.0 % = 312/800" in blocks[1]
    assert "14.0 % = 280/2000" in blocks[2]
    assert "100.0 % = 312/312" in blocks[3]
    assert all("÷" in one for one in blocks)


async def test_nothing_to_divide_is_no_nought_per_cent(doctor, rates):
    rates.counted = {}
    page = words((await doctor.get("/statistics?side=source")).text)
    assert page.count("未计算") >= 4
    assert "0.0 %" not in page.partition("危急值 2026")[0]
    assert "这段时间没有提醒和应答。" in page


async def test_the_groups_have_bars_and_the_one_with_most_reminders_stands_first(doctor):
    page = (await doctor.get("/statistics")).text
    table = re.search(r'<table class="figures">.*?</table>', page, re.DOTALL)[0]
    rows = re.findall(r"<tr.*?</tr>", table.partition("<tbody>")[2], re.DOTALL)
    assert words(rows[0]).split()[:4] == ["县人民医院", "25.0", "%", "300/1200"]
    assert '<rect class="rate-part" width="25.0" height="8"/>' in rows[0]
    assert "未计算" in rows[2]
    assert "合计" in rows[3]
    assert "3456.00" in rows[3]


async def test_another_rate_is_a_link_away(doctor):
    page = (await doctor.get("/statistics")).text
    link = re.search(r'href="(\?[^"]*rate=perView)#table"', page)[1].replace("&amp;", "&")
    table = (await doctor.get(f"/statistics{link}")).text
    assert "37.5 %" in table
    assert '<rect class="rate-part" width="37.5"' in table


async def test_the_period_is_this_month_unless_days_are_given_both_included(doctor, rates):
    await doctor.get("/statistics")
    await doctor.get("/statistics?from=2026-10-01&to=2026-10-31&by=item&side=source")
    assert rates.asked[0].period == Period(us(2026, 11, 1), us(2026, 11, 23))
    assert rates.asked[1].period == Period(us(2026, 10, 1), us(2026, 11, 1))
    assert (rates.asked[1].by, rates.asked[1].side) == (("item",), "source")


@pytest.mark.parametrize(
    "given", ["from=yesterday", "from=2026-11-20&to=2026-11-01", "from=1990-01-01&to=2026-01-01"]
)
async def test_a_period_that_is_none_is_said(doctor, given):
    answer = await doctor.get(f"/statistics?{given}")
    assert answer.status_code == 422
    assert "<title>错误：" in answer.text
    assert 'href="#from"' in answer.text


async def test_critical_values_have_counts_rates_and_times(doctor):
    page = words((await doctor.get("/statistics")).text).partition("处理院区")[2]
    assert "合计 3 1 1 (33.3 %) 1 (33.3 %) 1 (33.3 %) 10.6分钟 20.5分钟" in page
    assert "红旗 0 0 0 (未计算) 0 (未计算) 0 (未计算) 未计算 未计算" in page


async def test_the_same_figures_are_files_and_no_cell_of_them_is_computed(doctor):
    csv = await doctor.get("/statistics/csv?from=2026-11-01&to=2026-11-22&by=campus")
    assert csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="recognition-2026-11-01-2026-11-22.csv"' in csv.headers["content-disposition"]
    assert csv.content.startswith("\ufeff".encode())
    assert "县人民医院" in csv.text
    assert ",=HYPERLINK" not in csv.text
    book = openpyxl.load_workbook(io.BytesIO((await doctor.get("/statistics/xlsx")).content))
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row]
    assert "县人民医院" in cells
    assert not [one for one in cells if one.startswith("=")]


async def test_the_page_speaks_english(doctor):
    doctor.cookies.set("hutong_language", "en")
    page = words((await doctor.get("/statistics")).text)
    assert "Recognised per reminder" in page
    assert "1-Nov-2026 - 22-Nov-2026" in page
