"""The reports of one person, of all campuses."""

import re


async def test_reports_of_all_campuses_stand_by_day_with_their_source(doctor):
    page = (await doctor.get("/patients/zhang-a")).text
    days = re.findall(r'<tr class="day".*?</tr>', page)
    assert [re.sub(r"<[^>]+>", "", day).strip() for day in days] == [
        "今天 2026-11-22 周日",
        "昨天 2026-11-21 周六",
        "2026-11-19 周四",
        "日期未提供",
    ]
    row = re.search(r"急诊电解质.*?</tr>", page, re.DOTALL)[0]
    assert "县医" in row
    assert "B-7788" in row
    assert "张三" in row


async def test_critical_values_are_named_and_others_counted(doctor):
    page = (await doctor.get("/patients/zhang-a")).text
    row = re.search(r"急诊电解质.*?</tr>", page, re.DOTALL)[0]
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row))
    assert "钾 2.6 ↓↓ mmol/L 危急低" in words
    assert "↑ 3 高" in words
    assert "↓ 1 低" in words


async def test_either_number_of_a_person_leads_to_the_same_reports(doctor):
    first = re.findall(r'href="(/reports/[^"]+)"', (await doctor.get("/patients/zhang-a")).text)
    second = re.findall(r'href="(/reports/[^"]+)"', (await doctor.get("/patients/zhang-b")).text)
    assert first == second
    assert len(first) == 4


async def test_the_records_of_all_campuses_are_named(doctor):
    page = (await doctor.get("/patients/zhang-a")).text
    assert "以上3份记录已确认为同一人" in page
    assert "已合并" in page


async def test_five_thousand_reports_come_fifty_at_a_time(doctor):
    seen, path = 0, "/patients/many"
    for _ in range(3):
        page = (await doctor.get(path)).text
        seen += len(set(re.findall(r"/reports/many-\d+", page)))
        path = "/patients/many" + re.search(r'rel="next" href="([^"]+)"', page)[1]
    assert seen == 150
    assert "回到最新" in page


async def test_the_last_page_says_that_it_is(doctor):
    page = (await doctor.get("/patients/many?page=4950")).text
    assert "已是最早" in page


async def test_no_reports_says_what_was_asked(doctor):
    page = (await doctor.get("/patients/empty")).text
    assert "没有检查检验结果" in page
    assert "查过全部时间" in page


async def test_a_failure_keeps_the_patient_in_sight(doctor, results):
    results.down.add("reports")
    answer = await doctor.get("/patients/zhang-a")
    assert answer.status_code == 503
    assert "张三" in answer.text
    assert "尾号2318" in answer.text
    assert "暂时读不到数据" in answer.text
    assert 'href="/patients/zhang-a">重试' in answer.text


async def test_one_campus_is_a_link_away_and_back(doctor):
    page = (await doctor.get("/patients/zhang-a")).text
    assert re.findall(r'href="(\?campus=\w+)"', page) == ["?campus=A", "?campus=B"]
    narrowed = (await doctor.get("/patients/zhang-a?campus=B")).text
    assert re.findall(r'href="/reports/([^"]+)"', narrowed) == ["electrolytes"]
    assert '<a href="?">全部院区' in narrowed


async def test_an_empty_campus_says_so_and_leads_to_all(doctor):
    page = (await doctor.get("/patients/zhang-a?campus=D")).text
    assert "院区: 红旗。" in page
    assert '<a href="?">看全部院区' in page
