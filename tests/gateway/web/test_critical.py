"""Critical values: the list, and the form that answers one by read-back."""

import re
from datetime import timedelta

import pytest


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def field(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


async def sent(doctor, task, **given):
    """Open the form and send it: what it holds, with what was typed."""
    page = (await doctor.get(f"/critical/{task}")).text
    hidden = {name: field(page, name) for name in ("key", "seen")}
    return await doctor.post(f"/critical/{task}", data={**hidden, **given})


async def test_the_earliest_deadline_stands_first_with_the_whole_patient(doctor):
    page = (await doctor.get("/critical")).text
    rows = [words(row) for row in re.findall(r'<tr class="alarm".*?</tr>', page, re.DOTALL)]
    assert len(rows) == 5
    assert rows[0].strip().startswith("超时4分")
    assert "钾 2.6 ↓↓ mmol/L 危急低" in rows[0]
    assert "张三 男 68岁 1958-03-07 尾号2318" in rows[0]
    assert "已上报 病区值班 06:42" in rows[0]
    assert rows[1].strip().startswith("还有1分")


async def test_what_another_campus_treats_is_shown_and_not_ours_to_close(doctor):
    page = (await doctor.get("/critical")).text
    row = next(row for row in page.split('<tr class="alarm"') if "/critical/elsewhere" in row)
    assert "处理院区 县医" in words(row)
    form = words((await doctor.get("/critical/elsewhere")).text)
    assert "只有该院区的人员可以确认并关闭" in form
    assert "回读并确认" not in form


async def test_nothing_open_says_until_when_and_whom_that_covers(doctor, criticals):
    criticals.alarms.clear()
    page = words((await doctor.get("/critical")).text)
    assert "没有未处理的危急值" in page
    assert "截至 2026-11-22 06:45, 含4/5家院区, 西岭自 2026-11-20 22:14 无数据" in page


async def test_the_bar_counts_what_the_campus_must_answer(doctor):
    page = (await doctor.get("/find")).text
    assert '<span class="tab-count">3</span>' in page
    told = await doctor.get("/critical/waiting")
    assert told.json() == {"waiting": ["potassium", "twice", "rhythm"]}
    assert told.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/patients/zhang-a", "/reports/electrolytes"])
async def test_open_values_stand_on_top_of_the_pages_of_their_patient(doctor, path):
    page = (await doctor.get(path)).text
    lines = re.search(r'<ul class="dangers".*?</ul>', page, re.DOTALL)[0]
    assert "钾 2.6 ↓↓ mmol/L 危急低" in words(lines)
    assert 'href="/critical/potassium">处理' in lines
    assert lines.count("<li") == 2
    assert page.index('class="dangers"') < page.index("<h1")


async def test_the_form_asks_for_the_number_with_item_and_unit_above_it(doctor):
    page = (await doctor.get("/critical/potassium")).text
    assert page.index("钾") < page.index('id="value"')
    assert re.search(r'<input id="value"[^>]*inputmode="decimal"[^>]* autofocus>', page)
    assert "选填" in words(page)
    assert "张三" in page


async def test_a_right_read_back_closes_and_shows_who_and_when(doctor, criticals):
    answer = await sent(doctor, "potassium", value="2.6", comment="口服补钾")
    assert answer.status_code == 303
    page = words((await doctor.get(answer.headers["location"])).text)
    assert "回读 2.6" in page
    assert "确认人 王秀英" in page
    assert "处理意见 口服补钾" in page
    assert "还有2项危急值" in page
    assert len(criticals.said) == 1


async def test_a_wrong_read_back_names_both_numbers_and_loses_nothing(doctor, criticals):
    answer = await sent(doctor, "potassium", value="6.2", comment="口服补钾")
    assert answer.status_code == 422
    assert "<title>错误：" in answer.text
    assert "回读 6.2 与结果 2.6 mmol/L 不符" in answer.text
    assert 'value="6.2"' in answer.text
    assert "口服补钾</textarea>" in answer.text
    assert criticals.said == []


async def test_no_read_back_is_an_error_at_its_field(doctor):
    answer = await sent(doctor, "potassium", value=" ")
    assert answer.status_code == 422
    assert 'href="#value">请输入回读结果' in answer.text
    assert 'aria-describedby="value-error"' in answer.text


async def test_a_second_press_is_the_same_act(doctor, criticals):
    page = (await doctor.get("/critical/potassium")).text
    given = {"key": field(page, "key"), "seen": field(page, "seen"), "value": "2.6"}
    answers = [await doctor.post("/critical/potassium", data=given) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert len(criticals.said) == 1


async def test_whoever_comes_second_learns_who_was_first_and_keeps_the_text(doctor):
    page = (await doctor.get("/critical/potassium")).text
    await sent(doctor, "potassium", value="2.6", comment="口服补钾")
    late = {"key": "another", "seen": field(page, "seen"), "value": "2.6", "comment": "静脉补钾"}
    answer = await doctor.post("/critical/potassium", data=late)
    assert answer.status_code == 412
    said = words(answer.text)
    assert "已有人先确认, 您的回读没有记录" in said
    assert "确认人 王秀英" in said
    assert "确认时间 2026-11-22 06:45" in said
    assert "您填写的: 2.6, 静脉补钾" in said


async def test_a_value_that_came_meanwhile_asks_for_itself(doctor):
    given = {"key": "k", "seen": "Observation/k-now/_history/0 unacknowledged", "value": "2.6"}
    answer = await doctor.post("/critical/potassium", data=given)
    assert answer.status_code == 412
    assert "填写期间来了新的结果 2.6 mmol/L" in answer.text


async def test_where_there_is_no_number_the_button_bears_patient_and_finding(doctor):
    page = (await doctor.get("/critical/rhythm")).text
    assert 'id="value"' not in page
    assert "确认知悉: 陈桂花 室性心动过速" in page
    answer = await sent(doctor, "rhythm", value=field(page, "value"))
    assert answer.status_code == 303


async def test_the_newest_of_several_values_is_the_one_to_answer(doctor):
    page = words((await doctor.get("/critical/twice")).text)
    assert "钠 &lt;112 mmol/L 危急低" in page.replace("↓↓ ", "")
    assert "此前 钾 6.2" in page
    assert "标本或有溶血, 请核对" in page
    # The Task names the rule of its first value alone.
    assert "按危急值表" in page


async def test_a_critical_part_is_named_with_its_value_and_the_time_of_the_whole(doctor):
    row = next(
        words(row)
        for row in (await doctor.get("/critical")).text.split('<tr class="alarm"')
        if "/critical/pulse" in row
    )
    assert "心率 31 /min ↓↓ 危急低" in row
    assert "2026-11-22 06:20" in row


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (-9, "还有9分"),
        (-0.5, "还有30秒"),
        (0.2, "超时12秒"),
        (75, "超时1小时15分"),
        (4000, "超时2天"),
    ],
)
async def test_the_clock_is_as_fine_as_the_time_is_short(doctor, clock, minutes, said):
    # The first deadline is at 06:41, four minutes before the sample's moment.
    clock.now += timedelta(minutes=minutes - 4)
    page = words((await doctor.get("/critical/potassium")).text)
    assert f"危急值 {said}" in page


async def test_another_campus_cannot_close_but_records_the_call(doctor):
    seen = "Observation/glu-low/_history/1 unacknowledged"
    tried = {"value": "1.9", "key": "k", "seen": seen}
    assert (await doctor.post("/critical/elsewhere", data=tried)).status_code == 403
    nobody = await doctor.post("/critical/elsewhere/call", data={"whom": " ", "key": "k"})
    assert nobody.status_code == 422
    for _ in range(2):
        done = await doctor.post("/critical/elsewhere/call", data={"whom": "李医生", "key": "k"})
        assert done.status_code == 303
    page = words((await doctor.get("/critical/elsewhere")).text)
    assert page.count("已电话通知 李医生, 王秀英") == 1


async def test_a_task_of_nobody_is_not_there(doctor):
    assert (await doctor.get("/critical/none")).status_code == 404
