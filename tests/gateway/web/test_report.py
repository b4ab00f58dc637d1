# ruff: noqa: E501 - a row of the page is a line
"""A lab report: every value as stored, with unit, interval, flag, previous value, curve."""

import json
import re

import pytest


def row_of(page, name):
    """The words of one row of the table."""
    rows = re.findall(r'<tr class="result.*?</tr>', page, re.DOTALL)
    (found,) = [
        row for row in rows if re.search(rf'class="item">{name}\b|class="item">{name}<', row)
    ]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found)).strip()


@pytest.fixture
async def page(doctor):
    return (await doctor.get("/reports/electrolytes")).text


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("钾", "钾 ◆ 危急值未处理 本省HR 有未处理的危急值 2.6 ↓↓ 危急低 mmol/L 参考区间 3.5~5.3 上次 3.1 ↓ 11-21 县医 曲线 钾"),
        ("钠", "钠 ◌ 仅供参考 已超出互认时限 132.0 ↓ 低 mmol/L 参考区间 137~147 上次 138 11-18 东镇 该院区间 136~146 曲线 钠"),
        ("氯", "氯 101 mmol/L 参考区间 99~110 上次 -"),
        ("钙", "钙 2.52 mmol/L 参考区间 2.11~2.52 上次 -"),
        ("无机磷", "无机磷 1.71 ↑ 高 系统比对 mmol/L 参考区间 0.85~1.51 上次 -"),
        ("肌酐", "肌酐 ✓ 可互认至11-22 09:45 本省HR 131 ↑ 高 μmol/L 参考区间 57~97 上次 118 ↑ 11-21 县医 曲线 肌酐"),
        ("尿素", "尿素 9.50 ↑ 高 mmol/L 参考区间 未提供 上次 -"),
        ("超敏肌钙蛋白I", "超敏肌钙蛋白I <0.50 ng/L 参考区间 0~34.2 上次 12.4 11-21 县医 曲线 超敏肌钙蛋白I"),
        ("乙肝表面抗原", "乙肝表面抗原 已复查, 建议动态观察 阳性(+) ◆ 阳性 - 参考区间 未提供 上次 阴性 2025-10-18 东镇"),
        ("乳酸", "乳酸 × 已取消 标本溶血 - 参考区间 未提供 上次 -"),
    ],
)  # fmt: skip
async def test_a_row_says_all_of_a_result(page, item, words):
    assert row_of(page, item) == words.replace("<", "&lt;")


async def test_what_a_report_must_name_is_named_or_said_to_be_missing(page):
    head = re.search(r'<dl class="terms">.*?</dl>', page, re.DOTALL)[0]
    assert re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", head)).strip() == (
        "采样时间 2026-11-22 06:12 接收时间 2026-11-22 06:20 报告时间 2026-11-22 06:31 "
        "标本 血清 申请 王秀英 东镇 检验 李建国 审核 未提供"
    )


async def test_the_curve_of_the_most_urgent_item_is_shown(page):
    assert '<section class="panel trend" id="trend"' in page
    curve = json.loads(re.search(r'id="curve-data">(.*?)</script>', page)[1])
    assert [point["text"] for point in curve["points"]] == [
        "5.7 mmol/L", "6.2 mmol/L", "3.9 mmol/L", "标本溶血", "4.0 mmol/L", "4.10 mmol/L",
        "3.40 mmol/L", "3.1 mmol/L", "2.6 mmol/L",
    ]  # fmt: skip
    assert curve["campuses"] == ["东镇", "县医", "西岭"]


async def test_another_item_is_chosen_by_its_address(doctor):
    page = (await doctor.get("/reports/electrolytes?item=crea-now")).text
    trend = re.search(r'<section class="panel trend".*?</section>', page, re.DOTALL)[0]
    assert "肌酐" in trend
    assert "118" in trend
    assert "1.04" not in trend  # in another unit: not comparable


async def test_an_unknown_item_falls_back(doctor):
    page = (await doctor.get("/reports/electrolytes?item=nope")).text
    assert '<h2 id="trend-title">钾' in page


async def test_only_abnormal_results_are_a_link_away(doctor, page):
    assert 'href="?only=abnormal"' in page
    filtered = (await doctor.get("/reports/electrolytes?only=abnormal")).text
    assert filtered.count('<tr class="result') == 6
    assert "列出全部10项" in filtered


async def test_a_corrected_value_shows_what_it_replaced(doctor):
    page = (await doctor.get("/reports/glucose")).text
    words = row_of(page, "葡萄糖")
    assert words.startswith("葡萄糖 Δ 已更正 7.80 ↑ 原为 17.80 2026-11-21 10:22 更正 高")
    assert "<del>17.80</del>" in page
    assert "第2版" in page
    assert "结论" in page
    assert "赵敏" in page


async def test_three_hundred_results_come_in_anchored_groups(doctor):
    page = (await doctor.get("/reports/allergens")).text
    assert page.count('<tr class="result') == 300
    anchors = re.findall(r'href="#(from-\d+)"', page)
    assert anchors == [f"from-{n}" for n in (1, 51, 101, 151, 201, 251)]
    assert all(f'id="{anchor}"' in page for anchor in anchors)


async def test_the_age_is_that_at_collection(doctor):
    assert "2岁6个月" in (await doctor.get("/reports/child")).text


async def test_a_report_without_results_says_so(doctor):
    page = (await doctor.get("/reports/void")).text
    assert "这份报告没有结果项" in page
    assert "已取消" in page


async def test_the_report_stands_when_earlier_results_cannot_be_read(doctor, results):
    results.down.add("history")
    answer = await doctor.get("/reports/electrolytes")
    assert answer.status_code == 200
    assert "历次结果暂时读不到" in answer.text
    assert "危急低" in answer.text


async def test_a_report_that_is_not_there_is_said_not_to_be(doctor):
    answer = await doctor.get("/reports/nope")
    assert answer.status_code == 404
    assert "它不存在, 或者您无权查看。" in answer.text
