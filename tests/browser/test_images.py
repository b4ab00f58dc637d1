"""The image page under keys, wheel, mouse and finger; each shows a picture that came."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.gateway.web.sample_studies import STUDY

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
    ends = time.monotonic() + 10
    while not page.evaluate(SHOWN, [number, source]):
        assert time.monotonic() < ends, page.locator("#viewer").inner_html()
        page.wait_for_timeout(20)


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
    assert "W1500 L-600 肺" in page.locator("#viewer-live").inner_text()
    page.keyboard.press("i")
    assert "invert" in page.locator(".image-picture").get_attribute("style")
    page.keyboard.press("Space")
    assert "invert" not in page.locator(".image-picture").get_attribute("style")
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
    assert page.locator(".image-window").inner_text().startswith("W")
    assert reader.console == []


def test_a_finger_scrolls_and_the_window_waits_for_its_button(reader_at):
    reader, page = at(reader_at, "phone")
    box = page.locator("#viewer").bounding_box()
    touch = page.context.new_cdp_session(page)

    def swipe():
        x, y = box["x"] + 180, box["y"] + 100
        for kind, places in (
            ("touchStart", [y]), ("touchMove", [y + 20]), ("touchMove", [y + 50]), ("touchEnd", []),
        ):  # fmt: skip
            points = [{"x": x, "y": one} for one in places]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    swipe()
    expect(page.locator(".image-at")).not_to_have_text("32/64")
    assert page.locator(".image-window").inner_text() == "原窗"
    page.locator("[data-mode=window]").tap()
    page.evaluate("scrollTo(0, 0)")
    swipe()
    expect(page.locator(".image-window")).to_have_text(re.compile("^W"))
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
    assert page.locator(".image-at").inner_text() == "2/64"
    assert not page.locator("#viewer-bar").is_visible()


@pytest.mark.parametrize("device", ["phone", "desk"])
def test_what_stands_on_the_image_is_in_sight_at_once(reader_at, device):
    _, page = at(reader_at, device)
    height = page.viewport_size["height"] - (56 if device == "phone" else 0)
    for place in (".image-top-right", ".image-bottom-left", ".image-bottom-right"):
        box = page.locator(place).bounding_box()
        assert box["y"] + box["height"] <= height, place


def test_an_image_that_is_gone_is_said(reader_at):
    _, page = at(reader_at)
    page.route("**/*.50/image*", lambda route: route.fulfill(status=404))
    page.locator(".image-slider").fill("50")
    page.wait_for_selector(".image-said:not([hidden])")
    assert "未收到" in page.locator(".image-said").inner_text()
