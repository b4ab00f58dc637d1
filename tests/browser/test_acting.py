"""What a doctor answers: a critical value in two taps, a hint before an order, over a bad line."""

import pytest
from playwright.sync_api import expect
from starlette.applications import Starlette

from gateway.web.acts import Acts
from gateway.web.routes import routes
from tests.browser.conftest import serving
from tests.gateway.web.sample import NOW, SampleResults
from tests.gateway.web.sample_criticals import SampleCriticals
from tests.gateway.web.sample_rates import SampleRates
from tests.gateway.web.sample_recognitions import SampleRecognitions

pytestmark = pytest.mark.needs("chromium", "cjk-font")

HINTS = "/patients/zhang-a/order/hints?item=LAB.K&item=LAB.GLU"


@pytest.fixture
def criticals():
    return SampleCriticals()


@pytest.fixture
def recognitions():
    return SampleRecognitions()


@pytest.fixture
def ward(reader_at, pages, criticals, recognitions):
    """Makes readers of a ward of their own, whose answers nobody else sees."""
    _, sessions = pages
    acts = Acts(criticals, recognitions, SampleRates())
    app = Starlette(routes=routes(SampleResults(), sessions, acts, lambda: NOW))
    with serving(app) as base:

        def make(device, **more):
            reader = reader_at(device, **more)
            reader.base = base
            reader.enter()
            return reader

        yield make


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_critical_value_is_answered_in_two_taps_on_a_phone(ward, criticals, script):
    reader = ward("phone", script=script)
    page = reader.open("/patients/zhang-a")
    page.locator(".danger", has_text="钾").locator("a").tap()
    expect(page.locator("#value")).to_be_focused()
    page.keyboard.type("2.6")
    page.locator("main .primary").tap()
    expect(page.locator("#answers")).to_contain_text("回读")
    assert [one.value for one in criticals.said] == ["2.6"]
    assert reader.console == []


def test_a_wrong_read_back_keeps_the_number_and_takes_the_focus_to_the_error(ward):
    reader = ward("phone")
    page = reader.open("/critical/potassium")
    expect(page.locator("#value")).to_be_focused()
    page.keyboard.type("6.2")
    page.fill("#comment", "补钾")
    page.locator("main .primary").tap()
    expect(page.locator(".errors")).to_be_focused()
    expect(page.locator(".errors")).to_contain_text("回读 6.2 与结果 2.6 mmol/L 不符")
    expect(page.locator("#value")).to_have_value("6.2")
    expect(page.locator("#comment")).to_have_value("补钾")


def test_over_a_lost_line_nothing_is_lost_and_the_second_press_is_the_same_act(ward, criticals):
    reader = ward("phone")
    page = reader.open("/critical/potassium")
    page.fill("#value", "2.6")
    key = page.locator("[name=key]").get_attribute("value")
    reader.context.set_offline(True)
    page.locator("main .primary").tap()
    expect(page.locator(".unsent")).to_contain_text("未送出")
    expect(page.locator("#value")).to_have_value("2.6")
    reader.context.set_offline(False)
    # A second press within a second of the first is none.
    page.wait_for_timeout(1100)
    page.locator("main .primary").tap()
    expect(page.locator("#answers")).to_be_visible()
    assert [one.key for one in criticals.said] == [key]


def test_a_new_critical_value_is_told_on_a_page_that_stands_open(ward, criticals):
    late = criticals.alarms.pop("rhythm")
    reader = ward("desk")
    page = reader.open("/patients/zhang-a")
    top = page.locator("h1").bounding_box()["y"]
    expect(page.locator(".news")).to_be_hidden()
    criticals.alarms["rhythm"] = late
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    news = page.get_by_role("alert").filter(has_text="有新的危急值")
    expect(news).to_be_visible()
    # Nothing moves under the finger.
    assert page.locator("h1").bounding_box()["y"] == top
    news.get_by_role("link").click()
    page.wait_for_url("**/critical/rhythm")
    expect(page.locator("main .primary")).to_have_text("确认知悉: 陈桂花 室性心动过速")
    assert reader.console == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_items_are_chosen_checked_and_answered(ward, recognitions, script):
    reader = ward("desk", script=script)
    page = reader.open("/patients/zhang-a")
    page.get_by_role("link", name="开单前检查可互认").click()
    page.fill("#q", "葡萄糖")
    page.keyboard.press("Enter")
    page.get_by_label("葡萄糖", exact=True).check()
    page.fill("#q", "钾")
    page.keyboard.press("Enter")
    expect(page.get_by_label("葡萄糖", exact=True)).to_be_checked()
    page.get_by_label("钾", exact=True).check()
    page.select_option("#class", "AMB")
    page.get_by_role("button", name="检查可互认").click()
    page.wait_for_url("**/order/hints?**")
    assert [sorted(one.items) for one in recognitions.recorded] == [["LAB.GLU", "LAB.K"]]
    expect(page.locator(".advice h2")).to_have_text(["钾", "葡萄糖"])
    page.get_by_role("button", name="互认, 不再开单 葡萄糖").click()
    expect(page.locator(".advice-answered")).to_contain_text("已互认 王秀英")
    page.get_by_role("link", name="不互认 钾").click()
    page.get_by_label("结果在疾病发展演变过程中变化较快").check()
    page.get_by_label("口头说明").check()
    page.get_by_role("button", name="确认不互认").click()
    expect(page.locator(".advice-answered").first).to_contain_text("未互认 王秀英")
    said = [(id_, one.outcome, one.reason) for id_, one in recognitions.said]
    assert said == [
        ("d-glucose", "recognised", ""),
        ("d-potassium", "not-recognised", "02"),
    ]
    assert reader.console == []


def test_the_grounds_open_by_keyboard(ward):
    page = ward("desk").open(HINTS)
    summary = page.locator(".advice summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".advice .verdicts").first).to_be_visible()


@pytest.mark.parametrize("path", ["/critical", "/critical/potassium", HINTS, "/statistics"])
def test_on_paper_stand_coverage_and_who_printed(ward, path):
    page = ward("desk").open(path)
    page.emulate_media(media="print")
    shown = page.locator("body").inner_text()
    assert "含4/5家院区" in shown
    expect(page.locator(".bar")).to_be_hidden()
    for form in page.locator("main form").all():
        expect(form).to_be_hidden()
