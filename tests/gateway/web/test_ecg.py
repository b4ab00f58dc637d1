"""One ECG."""

import re
from dataclasses import replace

import pytest

from gateway.web.display.earlier_ecg import rows
from gateway.web.display.ecg import Measured, ecg, measured
from gateway.web.display.person import person
from gateway.web.display.reader import Reader
from gateway.web.speech import CHINESE
from tests.gateway.web.sample import ECGS, HEART, HONGQI, NOW

READER = Reader(CHINESE, NOW, "A", {"D": HONGQI})
WHOSE = person((HEART,), READER)
WHOLE = ECGS["premature"]
NUMBER = next(measured(WHOLE.measurements, CHINESE)).value


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_the_paper_stands_beside_what_was_measured_and_said(doctor):
    page = (await doctor.get("/ecg/premature")).text
    assert page.count("<svg xmlns") == 1
    assert len(re.findall(r"data-lead=", page)) == 13
    said = words(page)
    # This one's, the earlier one's, the unit.
    assert re.search(r"心率 \d+ \d+ 次/分", said)
    assert re.search(r"PR间期 156 \d+ ms", said)
    assert re.search(r"QRS电轴 52 \d+ °", said)
    assert "偶发室性早搏" in said
    assert "医师诊断 未提供" in said


async def test_what_a_device_says_is_marked_as_not_confirmed(doctor):
    said = words((await doctor.get("/ecg/premature")).text)
    assert "设备测量, 未经医师确认" in said
    assert "未经医师确认" in said
    assert "初步" in said
    assert "非诊断用显示" in said


async def test_the_paper_says_its_speed_gain_filter_and_whose_it_is(doctor):
    page = (await doctor.get("/ecg/premature")).text
    drawing = page[page.index("<svg xmlns") :]
    for text in (
        "25 mm/s",
        "10 mm/mV",
        "滤波 0.05~150 Hz",
        "陷波 50 Hz",
        "采样 500 Hz",
        "陈桂花",
        "未确认",
    ):
        assert text in drawing


async def test_a_lead_a_row_is_a_link_away(doctor):
    page = (await doctor.get("/ecg/premature")).text
    assert 'href="?layout=12x1"' in page
    other = (await doctor.get("/ecg/premature?layout=12x1")).text
    assert len(re.findall(r"data-lead=", other)) == 12
    assert len(re.findall(r"data-lead=", (await doctor.get("/ecg/premature?layout=x")).text)) == 13


async def test_an_ecg_that_is_not_there_is_404(doctor):
    assert (await doctor.get("/ecg/nope")).status_code == 404


async def test_the_timeline_leads_to_the_ecg_and_tells_what_the_device_said(doctor):
    page = (await doctor.get("/patients/heart")).text
    assert 'href="/ecg/premature"' in page
    assert "窦性心律" in page
    assert "无异常标记" not in page


async def test_the_page_speaks_english(doctor):
    await doctor.post("/language", data={"language": "en"})
    said = words((await doctor.get("/ecg/premature")).text)
    assert "Heart rate" in said
    assert "Not confirmed by a physician" in said


async def test_the_last_ecg_stands_beside_number_by_number(doctor):
    said = words((await doctor.get("/ecg/premature")).text)
    assert "项目 本次 2026-10-13 红旗 单位" in said
    assert re.search(r"PR间期 156 \d+ ms", said)
    # The one that has none before it says of which it is newer or older.
    older = words((await doctor.get("/ecg/before")).text)
    assert "本次" not in older
    assert re.search(r"其他心电图 2026-11-22 06:45 红旗 .*?较新 对比", older)


async def test_a_comparison_shows_both_papers_and_ends(doctor):
    page = (await doctor.get("/ecg/premature")).text
    assert 'href="?layout=&amp;with=before#ecg-before"' in page
    both = (await doctor.get("/ecg/premature?with=before")).text
    assert both.count("<svg xmlns") == 2
    assert "对比: 2026-10-13 06:45 红旗" in words(both)
    assert "结束对比" in words(both)
    # Whatever is not an ECG of this person is not compared with.
    other = (await doctor.get("/ecg/premature?with=electrolytes")).text
    assert other.count("<svg xmlns") == 1


async def test_an_ecg_without_another_says_so(doctor, results):
    results.ecgs = nothing
    assert "各院都没有这个患者的其他心电图" in words((await doctor.get("/ecg/premature")).text)


async def nothing(_actor, _patient):
    return ()


async def test_each_lead_has_paper_of_its_own_the_rhythm_first(doctor, stranger):
    page = (await doctor.get("/ecg/premature")).text
    leads = re.findall(r'<img class="ecg-paper" src="([^"]+)" alt="([^"]+)"', page)
    assert [name for _, name in leads][:4] == ["II", "I", "III", "aVR"]
    assert len(leads) == 12
    found = await doctor.get(leads[0][0])
    assert found.headers["content-type"].startswith("image/svg+xml")
    assert re.findall(r'data-lead="(.*?)"', found.text) == ["II"]
    for told in ("陈桂花", "25 mm/s", "未确认", "非诊断用显示"):
        assert told in found.text
    # On a phone only the left is seen at once.
    assert 'text-anchor="end"' not in found.text
    assert (await stranger.get(leads[0][0])).status_code == 303
    for none in ("sheets/0/leads/12", "sheets/1/leads/0", "sheets/0/leads/x", "sheets/0/leads/٣"):
        assert (await doctor.get(f"/ecg/premature/{none}")).status_code == 404


def test_numbers_are_compared_by_name_and_unit():
    def number(name, digits, unit):
        return Measured(name, replace(NUMBER, text=digits, unit=unit))

    now = (number("QT", "400", "ms"), number("PR", "160", "ms"))
    before = (number("QT", "390", "ms"), number("PR", "0.16", "s"))
    assert [one.before and one.before.text for one in rows(now, before)] == ["390", None]


def drawn(**told):
    return ecg(replace(WHOLE, **told), WHOSE, READER, "3x4")


def waveform(start, *names):
    (whole,) = WHOLE.waveforms
    some = [one for one in whole["component"] if one["code"]["text"] in names]
    time = {"effectiveDateTime": start, "component": some}
    return {key: one for key, one in whole.items() if key != "effectivePeriod"} | time


def test_columns_recorded_one_after_another_share_a_paper():
    first = waveform("2026-11-22T08:00:00+08:00", "I", "II", "III")
    later = waveform("2026-11-22T08:00:02.500+08:00", "V1")
    assert len(drawn(waveforms=(first, later)).papers) == 1


@pytest.mark.parametrize("start", ["2026-11-22T09:00:00+08:00", ""])
def test_a_recording_of_another_time_has_its_own_paper(start):
    first = waveform("2026-11-22T08:00:00+08:00", "I")
    assert len(drawn(waveforms=(first, waveform(start, "V1"))).papers) == 2


def test_the_same_lead_twice_has_two_papers():
    first = waveform("2026-11-22T08:00:00+08:00", "I")
    assert len(drawn(waveforms=(first, first)).papers) == 2


def test_leads_that_contradict_each_other_are_warned_of():
    tag = {"system": "urn:hutong:cs:tag", "code": "limb-leads-disagree"}
    report = {**WHOLE.report, "meta": {"tag": [tag]}}
    assert drawn(report=report).warnings
    assert not drawn().warnings


def test_an_ecg_without_waveform_shows_its_words():
    found = drawn(waveforms=())
    assert found.papers == ()
    assert found.statements[0] == "窦性心律"
