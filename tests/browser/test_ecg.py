"""The ECG page under pointer and keys: calipers, and what a phone shows."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.needs("chromium", "cjk-font")

PAGE = "/ecg/premature"
WIDE = 270
"""Millimetres of the paper."""


def at(reader_at, device="desk", path=PAGE):
    reader = reader_at(device)
    reader.enter()
    return reader, reader.open(path)


def drag(page, paper, start, end):
    """Drag on a paper, in its millimetres."""
    box = page.locator(paper).first.bounding_box()
    unit = box["width"] / WIDE
    page.mouse.move(box["x"] + start[0] * unit, box["y"] + start[1] * unit)
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * unit, box["y"] + end[1] * unit, steps=4)
    page.mouse.up()


def reading(page):
    told = page.locator(".ecg-reading").inner_text()
    time, volts = re.search(r"(\d+) ms", told), re.search(r"([\d.]+) mV", told)
    return int(time[1]), float(volts[1]) if volts else None


def test_calipers_read_time_and_voltage_by_the_pointer(reader_at):
    reader, page = at(reader_at)
    assert page.locator(".ecg-calipers").count() == 0
    page.locator(".ecg-calipers-bar button").click()
    # 10 mm are 400 ms, 8 mm are 0.8 mV.
    drag(page, ".ecg-calipers", (40, 35), (50, 27))
    assert reading(page) == (pytest.approx(400, abs=4), pytest.approx(0.8, abs=0.03))
    assert "150次/分" in page.locator(".ecg-reading").inner_text()
    # An end is taken up again where it lies.
    drag(page, ".ecg-calipers", (50, 27), (65, 27))
    assert reading(page)[0] == pytest.approx(1000, abs=8)
    # Between two rows there is no voltage.
    drag(page, ".ecg-calipers", (65, 27), (65, 60))
    assert reading(page)[1] is None
    page.locator(".ecg-calipers-bar button").click()
    assert page.locator(".ecg-calipers").count() == 0
    assert page.locator(".ecg-reading").inner_text() == ""
    assert reader.console == []


def test_two_taps_set_the_ends(reader_at):
    _, page = at(reader_at)
    page.locator(".ecg-calipers-bar button").click()
    drag(page, ".ecg-calipers", (100, 30), (100, 30))
    drag(page, ".ecg-calipers", (110, 30), (110, 30))
    assert reading(page) == (pytest.approx(400, abs=4), pytest.approx(0, abs=0.02))


def test_keys_move_an_end_by_samples(reader_at):
    reader, page = at(reader_at)
    page.locator(".ecg-calipers-bar button").click()
    page.locator(".ecg-scroll").first.focus()
    page.keyboard.press("ArrowRight")
    assert reading(page) == (1000, 0.0)
    page.keyboard.press("ArrowRight")
    assert reading(page)[0] == 1002
    page.keyboard.press("Shift+ArrowLeft")
    assert reading(page)[0] == 982
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    assert reading(page)[0] == 980
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("ArrowUp")
    assert reading(page)[1] == 0.11
    page.keyboard.press("Escape")
    expect(page.locator(".ecg-calipers-bar button")).to_have_attribute("aria-pressed", "false")
    assert reader.console == []


def test_a_phone_shows_lead_under_lead_the_rhythm_first(reader_at):
    reader, page = at(reader_at, "phone")
    leads = page.locator(".ecg-scroll.ecg-phone")
    assert leads.count() == 12
    assert leads.first.get_attribute("aria-label").startswith("II ")
    assert not page.locator("svg.ecg-paper").first.is_visible()
    leads.first.scroll_into_view_if_needed()
    shown = "one => one.complete && one.naturalWidth > 0"
    image = leads.first.locator("img")
    expect(image).to_be_visible()
    image.evaluate("one => one.decode()")
    assert image.evaluate(shown)
    assert leads.first.evaluate("one => one.scrollWidth > one.clientWidth")
    # What was measured and said comes before the paper.
    assert page.locator("#ecg-measured").bounding_box()["y"] < image.bounding_box()["y"]
    page.locator(".filter .ecg-phone").click()
    assert page.locator("svg.ecg-paper").first.is_visible()
    assert page.locator(".ecg-scroll.ecg-phone").count() == 0
    assert reader.console == []


def test_calipers_work_on_a_lead_of_its_own(reader_at):
    _, page = at(reader_at, "phone")
    page.locator(".ecg-calipers-bar button").tap()
    page.locator(".ecg-scroll.ecg-phone").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert reading(page)[0] == 1020


def test_a_desk_shows_the_standard_layout(reader_at):
    _, page = at(reader_at)
    assert page.locator("svg.ecg-paper").is_visible()
    assert not page.locator(".ecg-phone").first.is_visible()


def test_without_script_the_paper_and_the_comparison_are_there(reader_at):
    reader = reader_at("desk", script=False)
    reader.enter()
    page = reader.open(PAGE)
    assert not page.locator(".ecg-calipers-bar").is_visible()
    page.locator("a", has_text="对比").click()
    page.wait_for_url("**with=before*")
    assert page.locator("svg.ecg-paper").count() == 2
