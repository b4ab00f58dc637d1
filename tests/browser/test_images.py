"""The image page under keys, wheel, mouse and finger; each shows a picture that came."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.gateway.web.sample_studies import STUDY
from tests.waiting import eventually

pytestmark = pytest.mark.needs("chromium", "cjk-font")

PAGE = f"/studies/{STUDY}"


SHOWN = """([number, source]) => {
  const image = document.querySelector(".image-picture");
  return document.querySelector(".image-at").textContent === `${number}/64`
    && image.src.includes(`.1.${number}/image`) && image.src.includes(source)
    && image.complete && image.naturalWidth > 0;
}"""


def shows(page, number, source=""):
    """Wait until that image is drawn, asking from outside: the page's policy forbids eval."""
    eventually(lambda: page.evaluate(SHOWN, [number, source]))


def again(page, act, took):
    """Do what a hand would do again where the page was not ready for it yet."""
    for _ in range(20):
        act()
        ends = time.monotonic() + 1
        while time.monotonic() < ends:
            if took():
                return
            page.wait_for_timeout(20)
    assert took(), page.locator("#viewer").inner_html()


def at(reader_at, device="desk", path=f"{PAGE}?image=32"):
    reader = reader_at(device)
    reader.enter()
    return reader, reader.open(path)


def test_keys_scroll_and_choose_windows(reader_at):
    reader, page = at(reader_at)
    page.locator("#viewer").focus()
    for key, number in (("ArrowDown", 33), ("ArrowUp", 32), ("End", 64), ("Home", 1)):
        page.keyboard.press(key)
        shows(page, number)
    page.keyboard.press("2")
    shows(page, 1, "w=1500&c=-600")
    expect(page.locator("#viewer-live")).to_contain_text("W1500 L-600 肺")
    page.keyboard.press("i")
    expect(page.locator(".image-picture")).to_have_attribute("style", re.compile("invert"))
    page.keyboard.press("Space")
    expect(page.locator(".image-picture")).not_to_have_attribute("style", re.compile("invert"))
    page.keyboard.press("PageDown")
    page.wait_for_url(f"**series={STUDY}.2*")
    assert reader.console == []


def test_the_wheel_scrolls_and_a_drag_is_the_window(reader_at):
    reader, page = at(reader_at)
    page.locator("#viewer").hover()
    page.mouse.wheel(0, 100)
    shows(page, 33)
    page.mouse.down()
    page.mouse.move(700, 500, steps=3)
    page.mouse.up()
    shows(page, 33, "&w=")
    expect(page.locator(".image-window")).not_to_contain_text("原窗")
    assert reader.console == []


def test_a_finger_scrolls_and_the_window_waits_for_its_button(reader_at):
    reader, page = at(reader_at, "phone")
    touch = page.context.new_cdp_session(page)

    def swipe():
        box = page.locator("#viewer").bounding_box()
        x, y = box["x"] + 180, box["y"] + 100
        for kind, places in (
            ("touchStart", [y]), ("touchMove", [y + 20]), ("touchMove", [y + 50]), ("touchEnd", []),
        ):  # fmt: skip
            points = [{"x": x, "y": one} for one in places]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    again(page, swipe, lambda: page.locator(".image-at").inner_text() != "32/64")
    expect(page.locator(".image-window")).to_have_text("W350 L50 原窗 100%")
    page.locator("button[data-mode=window]").click()
    expect(page.locator("button[data-mode=window]")).to_have_attribute("aria-pressed", "true")
    page.evaluate("scrollTo(0, 0)")
    at_rest = page.locator(".image-at").inner_text()
    again(page, swipe, lambda: "原窗" not in page.locator(".image-window").inner_text())
    assert page.locator(".image-at").inner_text() == at_rest
    assert reader.console == []


def test_links_change_the_image_in_place(reader_at):
    _, page = at(reader_at)
    page.locator("[data-step='1']").click()
    shows(page, 33)
    page.locator(".image-links a", has_text="骨").click()
    shows(page, 33, "w=2500&c=480")
    assert page.url.endswith("?image=32")


def test_without_script_links_lead_on(reader_at):
    reader = reader_at("phone", script=False)
    reader.enter()
    page = reader.open(PAGE)
    page.locator("[rel=next]").click()
    page.wait_for_url("**image=2*")
    expect(page.locator(".image-at")).to_have_text("2/64")
    expect(page.locator("#viewer-bar")).to_be_hidden()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("device", ["phone", "desk"])
@pytest.mark.parametrize(
    "path", [f"{PAGE}?image=32", f"{PAGE}?series={STUDY}.2", "/studies/2.25.65", "/studies/2.25.67"]
)
def test_image_words_and_tools_are_in_sight_at_once(reader_at, path, device, language):
    reader = reader_at(device)
    reader.enter()
    reader.speak(language)
    page = reader.open(path)
    tools = page.locator(".image-tools").bounding_box()
    tabs = 56 if device == "phone" else 0
    assert tools["y"] + tools["height"] <= page.viewport_size["height"] - tabs
    places = (".image-top-right", ".image-bottom-left", ".image-bottom-right")
    view = page.locator("#viewer").bounding_box()
    for place in places:
        box = page.locator(place).bounding_box()
        assert view["y"] <= box["y"], place
        assert box["y"] + box["height"] <= min(view["y"] + view["height"], tools["y"]), place


def test_the_tools_stay_below_on_a_phone_and_cover_no_end(reader_at):
    _, page = at(reader_at, "phone")
    before = page.locator(".image-tools").bounding_box()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert page.locator(".image-tools").bounding_box() == before
    foot = page.locator(".foot code").bounding_box()
    assert foot["y"] + foot["height"] <= before["y"]
    for button in page.locator(".image-tools button").all():
        box = button.bounding_box()
        assert box["height"] >= 48
        assert button.inner_text()
        assert button.evaluate("one => one.scrollWidth <= one.clientWidth")


def drag(page, start, end, button="left"):
    """Drag from one place to another, both relative to the middle of the image."""
    box = page.locator("#viewer").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + start[0], y + start[1])
    page.mouse.down(button=button)
    page.mouse.move(x + end[0], y + end[1], steps=4)
    page.mouse.up(button=button)


def window_of(page):
    width, center = re.match(
        r"W(-?\d+) L(-?\d+)", page.locator(".image-window").inner_text()
    ).groups()
    return int(width), int(center)


def test_a_drag_of_the_window_begins_with_the_stored_one(reader_at):
    _, page = at(reader_at)
    assert window_of(page) == (350, 50)
    drag(page, (0, 0), (4, 0))
    width, center = window_of(page)
    assert (width, center) == (pytest.approx(350 + 4 * 350 / 256, abs=1), 50)
    drag(page, (0, 0), (0, 10))
    assert window_of(page)[0] == width
    assert 60 < window_of(page)[1] < 70


def transform(page):
    style = page.locator(".image-picture").get_attribute("style")
    x, y = map(float, re.search(r"translate\((.*?)px, (.*?)px\)", style).groups())
    return x, y, float(re.search(r"scale\((.*?),", style).group(1))


def test_zoom_and_pan_by_buttons_keys_and_mouse(reader_at):
    reader, page = at(reader_at)
    page.locator("[data-act=larger]").click()
    assert transform(page) == (0, 0, 1.25)
    expect(page.locator(".image-window")).to_have_text(re.compile("125%$"))
    page.locator("[data-act=smaller]").click()
    assert transform(page)[2] == 1
    page.locator("#viewer").focus()
    page.keyboard.press("+")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    assert transform(page) == (-20, 20, 1.25)
    page.keyboard.press("=")
    assert transform(page) == (0, 0, 1)
    drag(page, (0, 0), (30, -10), "middle")
    assert transform(page) == (30, -10, 1)
    drag(page, (0, 0), (0, -50), "right")
    assert transform(page)[2] > 1.2
    page.locator("[data-act=reset]").click()
    assert transform(page) == (0, 0, 1)
    # A tap in place of a drag: the point comes to the middle.
    page.locator("[data-mode=pan]").click()
    drag(page, (40, 20), (40, 20))
    assert transform(page) == (-40, -20, 1)
    drag(page, (0, 0), (5000, 5000))
    assert transform(page)[0] <= page.locator("#viewer").bounding_box()["width"] / 2
    assert reader.console == []


def test_two_fingers_zoom_where_they_are(reader_at):
    _, page = at(reader_at, "phone")
    shows(page, 32)
    box = page.locator("#viewer").bounding_box()
    touch = page.context.new_cdp_session(page)
    x, y = box["x"] + 200, box["y"] + 150

    def fingers(kind, *apart):
        points = [{"x": x + side * one, "y": y, "id": side} for one in apart for side in (-1, 1)]
        points = [{**one, "id": number} for number, one in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", 30)
    fingers("touchMove", 45)
    fingers("touchMove", 60)
    fingers("touchEnd")
    expect(page.locator(".image-window")).to_have_text(re.compile("200%$"))
    right, down, _ = transform(page)
    middle = x - box["x"] - box["width"] / 2, y - box["y"] - box["height"] / 2
    assert (right, down) == pytest.approx((-middle[0], -middle[1]), abs=1.5)
    expect(page.locator(".image-at")).to_have_text("32/64")


def lengths(page):
    return [
        float(one.split()[0]) for one in page.locator(".image-lengths text").all_text_contents()
    ]


def test_a_length_counts_rows_and_columns_each_by_its_spacing(reader_at):
    reader, page = at(reader_at)
    box = page.locator("#viewer").bounding_box()
    pixel = min(box["width"], box["height"] - 2) / 256
    page.locator("[data-mode=measure]").click()
    drag(page, (0, 0), (40 * pixel, 0))
    assert lengths(page) == pytest.approx([40 * 0.8], abs=0.4)
    expect(page.locator("#viewer-live")).to_contain_text("mm")
    drag(page, (-20, 0), (-20, 40 * pixel))
    assert lengths(page)[1] == pytest.approx(40 * 0.5, abs=0.4)
    # Zoom and turn leave a length as it is.
    before = lengths(page)
    page.locator("[data-act=larger]").click()
    page.locator("#viewer").focus()
    for key in ("r", "h"):
        page.keyboard.press(key)
    assert lengths(page) == before
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    shows(page, 33)
    assert lengths(page) == []
    page.keyboard.press("ArrowUp")
    shows(page, 32)
    assert lengths(page) == before
    page.locator("[data-act=reset]").click()
    assert lengths(page) == []
    assert reader.console == []


def test_two_taps_measure_as_a_drag_does(reader_at):
    _, page = at(reader_at)
    page.locator("[data-mode=measure]").click()
    drag(page, (-50, 0), (-50, 0))
    assert lengths(page) == []
    drag(page, (50, 0), (50, 0))
    (one,) = lengths(page)
    page.locator("[data-act=reset]").click()
    drag(page, (-50, 0), (50, 0))
    assert lengths(page) == [one]


def test_keys_measure(reader_at):
    _, page = at(reader_at)
    page.locator("#viewer").focus()
    for key in ("m", "n"):
        page.keyboard.press(key)
    assert lengths(page) == [51.2]
    page.keyboard.press("ArrowRight")
    assert lengths(page) == [52.0]
    page.keyboard.press("Shift+ArrowRight")
    assert lengths(page) == [60.0]
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    assert lengths(page) == [59.2]
    expect(page.locator("#viewer-live")).to_contain_text("59.2 mm")
    page.keyboard.press("Delete")
    assert lengths(page) == []


def test_without_spacing_measuring_is_refused_in_words(reader_at):
    reader, page = at(reader_at, path="/studies/2.25.65")
    button = page.locator("[data-mode=measure]")
    assert button.get_attribute("aria-disabled") == "true"
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".image-note")).to_have_text("无像素间距, 不能测距")
    expect(page.locator("#viewer-live")).to_contain_text("无像素间距")
    assert button.get_attribute("aria-pressed") == "false"
    drag(page, (0, 0), (50, 0))
    assert lengths(page) == []
    expect(page.locator(".image-bottom-left")).to_contain_text("有损压缩 12.5:1")
    assert reader.console == []


def test_one_image_has_nothing_to_scroll_or_play(reader_at):
    _, page = at(reader_at, path="/studies/2.25.65")
    assert page.locator(".image-slider, [data-act=play], [data-mode=scroll]").count() == 0
    page.locator("#viewer").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".image-at")).to_have_text("1/1")


def test_play_goes_on_and_stops(reader_at):
    _, page = at(reader_at)
    page.locator("[data-act=play]").click()
    expect(page.locator(".image-at")).not_to_have_text("32/64")
    page.locator("[data-act=play]").click()
    expect(page.locator("[data-act=play]")).to_have_attribute("aria-pressed", "false")


def test_a_slice_that_was_not_received_is_said_in_its_place(reader_at):
    _, page = at(reader_at, path=f"{PAGE}?series={STUDY}.2&image=2")
    page.locator("#viewer").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".image-said")).to_have_text(re.compile("编号3的图像未收到"))
    expect(page.locator(".image-picture")).to_be_hidden()
    expect(page.locator(".image-said button")).to_be_hidden()
    expect(page.locator(".image-at")).to_have_text("3/7")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".image-said")).to_be_hidden()
    page.goto(page.url.replace("image=2", "image=3"))
    expect(page.locator(".image-said")).to_have_text(re.compile("编号3的图像未收到"))


def test_an_image_that_is_gone_is_said_and_asked_for_again(reader_at):
    _, page = at(reader_at)
    page.route("**/*.50/image*", lambda route: route.fulfill(status=404))
    page.locator(".image-slider").fill("50")
    page.wait_for_selector(".image-said:not([hidden])")
    expect(page.locator(".image-said")).to_contain_text("未收到")
    page.unroute("**/*.50/image*")
    page.locator(".image-said button").click()
    shows(page, 50)
    assert page.locator(".image-said").is_hidden()


@pytest.mark.parametrize("path", [PAGE, "/ecg/premature"])
def test_patient_and_coverage_stand_at_the_head_of_a_sheet(reader_at, path):
    _, page = at(reader_at, path=path)
    head = page.locator(".sheet-head")
    expect(head).to_be_hidden()
    page.emulate_media(media="print")
    expect(head).to_be_visible()
    # What repeats on every sheet is a group of this kind that may not break.
    style = "one => [getComputedStyle(one).display, getComputedStyle(one).breakInside]"
    assert head.evaluate(style) == ["table-header-group", "avoid"]
    for told in ("岁", "尾号", "含4/5家", "打印于"):
        assert told in head.inner_text().replace("无证件号", "尾号")
    expect(page.locator(".bar")).to_be_hidden()
