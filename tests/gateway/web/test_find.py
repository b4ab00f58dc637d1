"""Finding a patient: what was asked stays out of the address."""

from datetime import timedelta
from urllib.parse import unquote

import pytest

from tests.gateway.web.sample import PERSON, TOKEN


async def ask(browser, text):
    return await browser.post("/find", data={"text": text})


async def find(browser, text):
    return await browser.get((await ask(browser, text)).headers["location"])


async def test_the_address_of_an_answer_does_not_tell_what_was_asked(doctor):
    answer = await ask(doctor, "张三 00183345")
    location = unquote(answer.headers["location"])
    assert answer.status_code == 303
    assert "张三" not in location
    assert "00183345" not in location


async def test_people_are_told_apart_by_birth_date_tail_and_number(doctor):
    page = (await find(doctor, "张三")).text
    assert "3人同名 张三, 请核对出生日期和尾号" in page
    for fact in (
        "1958-03-07",
        "尾号2318",
        "00183345",
        "B-7788",
        "1961-07-19",
        "尾号0017",
        "1987年",
    ):
        assert fact in page


async def test_the_citizen_number_is_never_shown_whole(doctor):
    page = (await find(doctor, "990101195803072318")).text
    assert "尾号2318" in page
    assert page.count("990101195803072318") == 1  # what the reader typed


async def test_one_exact_hit_still_shows_its_row(doctor):
    page = (await find(doctor, "00183345")).text
    assert 'href="/patients/zhang-a"' in page
    assert "同名" not in page


async def test_nobody_found_says_what_was_asked_and_where(doctor):
    page = (await find(doctor, "钱七")).text
    assert "没有找到符合“钱七”的患者" in page
    assert "东镇, 县医, 西岭, 红旗, 南河" in page


@pytest.mark.parametrize("text", ["", "   "])
async def test_an_empty_question_is_an_error_at_the_field(doctor, text):
    answer = await ask(doctor, text)
    assert answer.status_code == 422
    assert "请输入姓名或号码" in answer.text


async def test_an_answer_is_gone_after_half_an_hour(doctor, clock):
    location = (await ask(doctor, "张三")).headers["location"]
    clock.now += timedelta(minutes=29)
    assert (await doctor.get(location)).status_code == 200
    clock.now += timedelta(minutes=2)
    answer = await doctor.get(location)
    assert answer.status_code == 410
    assert "这次查找已过期" in answer.text


async def test_the_address_opens_for_its_own_session_alone(doctor, visitor):
    location = (await ask(doctor, "张三")).headers["location"]
    async with visitor() as other:
        await other.post("/sign-in", data={"token": TOKEN, "person": PERSON})
        assert (await other.get(location)).status_code == 410


async def test_markup_in_a_name_is_shown_as_text(doctor):
    page = (await find(doctor, "李四")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


async def test_a_private_character_is_warned_of(doctor):
    assert "含造字或缺字, 请核对" in (await find(doctor, "赵")).text


async def test_the_start_page_is_where_work_begins(doctor):
    assert (await doctor.get("/")).headers["location"] == "/find"
