"""Before an order: which results may stand for it; taken, declined, taken back."""

import re

import pytest

from gateway.recognition.reasons import offered

FORM = "/patients/zhang-a/order"
HINTS = f"{FORM}/hints?item=PANEL.CBC&item=LAB.GLU&item=PANEL.RFT&item=LAB.K&item=ECG.12"


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def blocks(page):
    return re.findall(r"<article.*?</article>", page, re.DOTALL)


async def test_items_are_found_by_name_and_kept_while_others_are_looked_for(doctor):
    page = (await doctor.get(f"{FORM}?q=葡萄糖&item=LAB.K")).text
    assert 'value="LAB.GLU">' in page
    assert 'value="LAB.K" checked>' in page
    assert page.count("checked") == 1


async def test_a_stored_draft_of_the_campus_may_be_chosen(doctor, recognitions):
    page = words((await doctor.get(FORM)).text)
    assert "本院区未提交的申请 胸部CT平扫 2026-11-22 06:30" in page
    answer = await doctor.post(FORM, data={"draft": "draft-1"})
    assert recognitions.recorded[0].drafts == ("draft-1",)
    shown = words((await doctor.get(answer.headers["location"])).text)
    assert "图像可互认, 结论需重新出具" in shown


async def test_a_check_counts_once_and_leads_to_an_address_that_may_be_read_again(
    doctor, recognitions
):
    answer = await doctor.post(FORM, data={"item": ["LAB.K", "LAB.GLU"], "class": "AMB"})
    assert answer.status_code == 303
    where = answer.headers["location"]
    assert where == f"{FORM}/hints?item=LAB.K&item=LAB.GLU&class=AMB"
    for _ in range(2):
        assert (await doctor.get(where)).status_code == 200
    assert len(recognitions.recorded) == 1


async def test_nothing_chosen_is_an_error_that_keeps_the_form(doctor):
    answer = await doctor.post(FORM, data={"class": "IMP"})
    assert answer.status_code == 422
    assert "请先选择要开的项目" in answer.text
    assert '<option value="IMP" selected>' in answer.text


async def test_an_open_critical_value_comes_first_and_nothing_is_chosen_for_anybody(doctor):
    page = (await doctor.get(HINTS)).text
    shown = [re.search(r"<h2[^>]*>(.*?)</h2>", one)[1] for one in blocks(page)]
    assert shown[0] == "钾"
    assert "危急值未处理" in words(blocks(page)[0])
    assert 'class="button"' not in blocks(page)[0]
    assert "checked" not in page


async def test_a_panel_names_what_must_still_be_ordered(doctor):
    page = (await doctor.get(HINTS)).text
    block = next(words(one) for one in blocks(page) if ">肾功能<" in one)
    assert "仍需开单 尿酸, 胱抑素C" in block
    assert "互认这部分, 只开其余" in block
    assert "互认, 不再开单" not in block


async def test_the_grounds_are_rules_in_words_and_older_results_stand_beside(doctor):
    page = (await doctor.get(HINTS)).text
    block = next(words(one) for one in blocks(page) if ">肾功能<" in one)
    assert "身份 通过 确定关联的患者" in block
    assert "互认范围 不明 自称标志，未核实: 全国HR" in block
    assert "时效 未通过 采样时间: 2026-10-02 08:10; 互认时限: 7 d" in block
    assert "肌酐 131 μmol/L" in block


async def test_an_item_has_its_english_name_on_an_english_page(doctor):
    doctor.cookies.set("hutong_language", "en")
    page = (await doctor.get(HINTS)).text
    assert [re.search(r"<h2[^>]*>(.*?)</h2>", one)[1] for one in blocks(page)][:2] == [
        "Potassium",
        "Glucose",
    ]


async def test_what_may_not_be_recognised_is_only_looked_at(doctor):
    page = (await doctor.get(HINTS)).text
    expired = next(one for one in blocks(page) if "已超出互认时限" in one)
    assert 'value="recognised"' not in expired
    assert 'value="viewed"' in expired
    none = next(one for one in blocks(page) if "未见既往结果" in one)
    assert "<form" not in none


async def test_taking_a_result_is_recorded_and_may_be_taken_back(doctor, recognitions):
    where = "/patients/zhang-a/decisions/d-glucose"
    answer = await doctor.post(where, data={"outcome": "recognised", "next": HINTS})
    assert answer.status_code == 303
    assert answer.headers["location"] == HINTS
    block = next(one for one in blocks((await doctor.get(HINTS)).text) if "葡萄糖" in one)
    assert "已互认 王秀英 2026-11-22 06:45" in words(block)
    assert 'value="revoked"' in block
    assert 'value="recognised"' not in block
    await doctor.post(where, data={"outcome": "revoked", "next": HINTS})
    assert [said.outcome for _, said in recognitions.said] == ["recognised", "revoked"]


async def test_looking_is_recorded_and_leads_to_the_result(doctor, recognitions):
    where = "/patients/zhang-a/decisions/d-glucose"
    answer = await doctor.post(where, data={"outcome": "viewed", "next": HINTS})
    assert answer.headers["location"] == "/reports/glucose"
    assert recognitions.said[0][1].outcome == "viewed"


async def test_an_answer_that_comes_too_late_says_what_changed(doctor, recognitions):
    recognitions.stale["d-glucose"] = "amended"
    where = "/patients/zhang-a/decisions/d-glucose"
    answer = await doctor.post(where, data={"outcome": "recognised", "next": HINTS})
    assert answer.status_code == 409
    assert "您的回答没有记录, 这项结果已有变化: 结果已更正" in answer.text
    assert len(blocks(answer.text)) == 5
    doctor.cookies.set("hutong_language", "en")
    english = await doctor.post(where, data={"outcome": "recognised", "next": HINTS})
    assert "The result was amended" in english.text


async def test_a_decision_that_is_not_there_any_more_is_checked_again(doctor):
    where = "/patients/zhang-a/decisions/gone"
    answer = await doctor.post(where, data={"outcome": "recognised", "next": HINTS})
    assert answer.status_code == 409
    assert "情况已有变化, 请重新检查" in answer.text


DECLINE = "/patients/zhang-a/decisions/d-glucose"


async def test_the_reasons_are_those_of_the_dictionary_and_none_is_chosen(doctor):
    page = (await doctor.get(DECLINE)).text
    codes = re.findall(r'name="reason" value="([^"]+)"', page)
    assert codes == [one.code for one in offered("lab")]
    assert "checked" not in page
    row = next(one for one in page.split("<li>") if 'value="99"' in one)
    assert "不计入不互认" in row
    assert page.count("不计入不互认") == 1


async def test_declining_needs_a_reason_and_text_where_the_reason_says_so(doctor, recognitions):
    nothing = await doctor.post(f"{DECLINE}/decline", data={"text": "想再看一次"})
    assert nothing.status_code == 422
    assert "请选择不互认的原因" in nothing.text
    assert "想再看一次</textarea>" in nothing.text
    other = await doctor.post(f"{DECLINE}/decline", data={"reason": "08", "explained": "shown"})
    assert other.status_code == 422
    assert 'href="#text">请补充说明' in other.text
    assert 'value="08" checked' in other.text
    assert 'value="shown" checked' in other.text
    assert recognitions.said == []


async def test_a_declined_result_is_recorded_with_reason_and_explanation(doctor, recognitions):
    page = (await doctor.get(f"{DECLINE}?next=/find")).text
    key = re.search(r'name="key" value="([^"]+)"', page)[1]
    given = {"reason": "01", "explained": "spoken", "key": key, "next": HINTS}
    answer = await doctor.post(f"{DECLINE}/decline", data=given)
    assert answer.status_code == 303
    id_, said = recognitions.said[0]
    assert (id_, said.outcome, said.reason, said.explained, said.key) == (
        "d-glucose", "not-recognised", "01", "spoken", key,
    )  # fmt: skip
    page = words((await doctor.get(HINTS)).text)
    assert "未互认 王秀英 2026-11-22 06:45 因病情变化" in page


async def test_whom_nobody_can_identify_is_said_not_to_be_checked(doctor, recognitions):
    recognitions.identified = False
    page = words((await doctor.get(HINTS)).text)
    assert "未检查: 不能确定该患者在本院区是谁" in page
    assert "没有" not in page.partition("未检查")[2].partition("改选项目")[0]


async def test_another_site_can_be_no_place_to_return_to(doctor):
    given = {"outcome": "recognised", "next": "https://evil.test/"}
    answer = await doctor.post(DECLINE, data=given)
    assert answer.headers["location"] == "/patients/zhang-a"


# How results stand on the pages that show them.


async def test_the_timeline_tells_how_each_result_stands_in_one_question(doctor, recognitions):
    page = (await doctor.get("/patients/zhang-a")).text
    rows = {
        key: words(re.search(rf"{key}.*?</tr>", page, re.DOTALL)[0])
        for key in ("急诊电解质", "血糖", "血常规", "尿常规")
    }
    assert "✓ 可互认至12-06" in rows["急诊电解质"]
    assert "全国HR 声称未核实" in rows["急诊电解质"]
    assert "✓ 可互认至11-22 09:45" in rows["血糖"]
    assert "仅供参考 已超出互认时限" in rows["血常规"]
    assert "互认" not in rows["尿常规"]
    assert "没有互认标签的结果不在互认目录内" in page
    assert recognitions.asked == 1


async def test_a_report_tells_it_for_each_of_its_results(doctor, recognitions):
    page = (await doctor.get("/reports/electrolytes")).text
    rows = re.findall(r'<tr class="result.*?</tr>', page, re.DOTALL)
    said = {re.search(r'class="item">([^ <]+)', row)[1]: words(row) for row in rows}
    assert "危急值未处理" in said["钾"]
    assert "已超出互认时限" in said["钠"]
    assert "可互认至11-22 09:45" in said["肌酐"]
    assert "互认" not in said["氯"]
    assert recognitions.asked == 1


@pytest.mark.parametrize("path", ["/patients/zhang-a", "/reports/electrolytes"])
async def test_where_nobody_was_identified_the_details_say_so(doctor, recognitions, path):
    recognitions.identified = False
    assert "未判断互认: 该患者在本院区没有唯一确定的记录" in (await doctor.get(path)).text
