"""What a doctor does: signs in, finds, reads, by finger, by keyboard, without script, on paper."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium", "cjk-font")

FOCUS = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const around = getComputedStyle(one, "::after");
  const box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return {
    tag: one.tagName, words: one.textContent.trim().slice(0, 20),
    ring: style.outlineStyle !== "none" || around.outlineStyle !== "none",
    covered: box.width > 0 && !!top && !one.contains(top) && !top.contains(one),
  };
}"""


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("device", ["phone", "desk"])
def test_from_signing_in_to_a_value(reader_at, device, script):
    reader = reader_at(device, script=script)
    page = reader.sign_in()
    page.fill("#text", "张三")
    page.click(".search .primary")
    page.wait_for_url("**/find/*")
    assert (
        page.locator(".notice").inner_text().strip().endswith("3人同名 张三, 请核对出生日期和尾号")
    )
    page.locator(".hit-link").first.click()
    page.wait_for_url("**/patients/zhang-a")
    page.locator(".entry-link", has_text="电解质").click()
    page.wait_for_url("**/reports/electrolytes")
    critical = page.locator(".row-critical")
    expect(critical.locator(".digits").first).to_have_text("2.6")
    expect(critical.locator(".tag-critical")).to_have_text("危急低")
    assert reader.console == []


def test_the_whole_row_of_a_list_is_the_target_on_a_phone(reader_at):
    reader = reader_at("phone")
    reader.enter()
    page = reader.open("/patients/zhang-a")
    page.locator(".entry").first.tap(position={"x": 300, "y": 60})
    page.wait_for_url("**/reports/electrolytes")


@pytest.mark.parametrize("width", [320, 360, 1366])
def test_the_critical_word_is_whole(reader_at, width):
    reader = reader_at("phone" if width < 640 else "desk", width=width)
    reader.enter()
    page = reader.open("/reports/electrolytes")
    box = page.locator(".row-critical .tag-critical").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["width"] >= 3 * 13  # three characters of 13 px
    assert box["height"] < 2 * 20


@pytest.mark.parametrize(
    "path",
    [
        "/find",
        "/patients/zhang-a",
        "/reports/electrolytes",
        "/critical",
        "/critical/potassium",
        "/patients/zhang-a/order/hints?item=LAB.K&item=PANEL.RFT&item=LAB.GLU",
        "/patients/zhang-a/decisions/d-glucose",
        "/statistics",
    ],
)
@pytest.mark.parametrize("device", ["phone", "desk"])
def test_the_keyboard_alone_reaches_everything_and_shows_where_it_is(reader_at, device, path):
    reader = reader_at(device)
    reader.enter()
    page = reader.open(path)
    page.locator(".skip").focus()
    seen = [page.evaluate(FOCUS)]
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus["tag"] == "BODY":
            break
        seen.append(focus)
    assert len(seen) >= 5
    assert [one for one in seen if not one["ring"]] == []
    assert [one for one in seen if one["covered"]] == []


def test_the_patient_stays_in_sight(reader_at):
    reader = reader_at("phone")
    reader.enter()
    page = reader.open("/reports/allergens")
    page.evaluate("window.scrollTo(0, 20000)")
    box = page.locator(".patient-name").bounding_box()
    assert 0 <= box["y"] < 60


def test_a_curve_is_drawn_and_walked_by_keys(reader_at):
    reader = reader_at("desk")
    reader.enter()
    page = reader.open("/reports/electrolytes")
    expect(page.locator(".plot canvas")).to_have_count(1)
    readout = page.locator(".readout")
    latest = readout.inner_text()
    assert re.sub(r"\s+", " ", latest) == "2026-11-22 06:12 县医 2.6 mmol/L ↓↓ 危急低"
    page.locator(".plot").focus()
    page.keyboard.press("ArrowLeft")
    expect(readout).to_contain_text("3.1 mmol/L")
    page.keyboard.press("Home")
    expect(readout).to_contain_text("5.7 mmol/L")
    page.keyboard.press("ArrowLeft")
    expect(readout).to_contain_text("5.7 mmol/L")
    page.keyboard.press("End")
    expect(readout).to_have_text(latest)
    assert reader.console == []


def test_the_curve_has_ink_of_each_campus(reader_at):
    reader = reader_at("desk")
    reader.enter()
    page = reader.open("/reports/electrolytes")
    colours = page.evaluate(
        """() => {
          const canvas = document.querySelector(".plot canvas");
          const { width, height } = canvas;
          const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          const found = new Set();
          for (let n = 0; n < pixels.length; n += 4) {
            found.add([pixels[n], pixels[n + 1], pixels[n + 2]].join());
          }
          return [...found];
        }"""
    )
    for colour in ("27,42,107", "217,87,0", "0,143,116", "176,0,32", "227,241,232"):
        assert colour in colours


def test_without_script_the_table_is_the_curve(reader_at):
    reader = reader_at("desk", script=False)
    reader.enter()
    page = reader.open("/reports/electrolytes")
    assert not page.locator(".plot").is_visible()
    assert page.locator(".twin tbody tr").count() == 9


def test_another_curve_is_a_link_away(reader_at):
    reader = reader_at("desk")
    reader.enter()
    page = reader.open("/reports/electrolytes")
    page.locator(".result", has_text="肌酐").locator(".curve a").click()
    page.wait_for_url("**/reports/electrolytes?item=crea-now#trend")
    expect(page.locator("#trend-title")).to_have_text(re.compile("^肌酐"))


def test_a_second_press_within_a_second_is_no_second_act(reader_at):
    reader = reader_at("desk")
    reader.enter()
    page = reader.open("/find")
    page.fill("#text", "张三")
    # Both in one turn: however slow the machine, no second passes between them.
    prevented = page.locator(".search .primary").evaluate(
        """(one) => {
          const prevented = [];
          addEventListener("submit", (event) => {
            prevented.push(event.defaultPrevented);
            event.preventDefault();
          });
          one.click();
          one.click();
          return prevented;
        }"""
    )
    assert prevented == [False, True]


def test_an_error_takes_the_focus(reader_at):
    reader = reader_at("desk")
    page = reader.open("/sign-in")
    page.fill("#person", "王")
    page.click("main .primary")
    expect(page.locator(".errors")).to_be_focused()
    expect(page.locator("#person")).to_have_value("王")


def test_nothing_is_kept_in_the_browser(reader_at):
    reader = reader_at("desk")
    reader.sign_in()
    page = reader.open("/reports/electrolytes")
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert page.evaluate("document.cookie") == ""


def test_on_paper_each_sheet_has_patient_and_coverage(reader_at):
    reader = reader_at("desk")
    reader.enter()
    for path in ("/reports/allergens", "/patients/zhang-a"):
        page = reader.open(path)
        page.emulate_media(media="print")
        head = page.locator("thead .printed")
        expect(head).to_be_visible()
        assert "含4/5家院区" in head.inner_text()
        assert page.locator("thead").first.evaluate("one => getComputedStyle(one).display") == (
            "table-header-group"
        )
        expect(page.locator(".bar")).to_be_hidden()
        page.emulate_media(media="screen")


def test_the_language_is_changed_in_place(reader_at):
    reader = reader_at("desk")
    reader.enter()
    page = reader.open("/reports/glucose")
    page.locator(".bar-account button", has_text="English").click()
    page.wait_for_selector("html[lang=en]")
    assert page.url.endswith("/reports/glucose")
    expect(page.locator(".tag-corrected").first).to_have_text(re.compile("corrected$"))


def test_signing_out_leads_back_to_the_form(reader_at):
    reader = reader_at("phone")
    reader.enter()
    page = reader.open("/find")
    page.locator(".tab-more summary").tap()
    page.locator(".sheet button", has_text="退出").tap()
    page.wait_for_url("**/sign-in")
    reader.open("/find")
    assert page.url.endswith("/sign-in?next=%2Ffind")


@pytest.mark.parametrize(
    ("path", "row"),
    [
        ("/patients/zhang-a", ".entry"),
        ("/reports/electrolytes", ".result"),
        ("/critical", ".alarm"),
    ],
)
def test_a_row_is_as_wide_as_a_phone(reader_at, path, row):
    reader = reader_at("phone")
    reader.enter()
    page = reader.open(path)
    widths = {round(one.bounding_box()["width"]) for one in page.locator(row).all()}
    assert widths == {360}
