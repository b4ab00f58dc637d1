"""Each page on a phone and a desk, with and without script, in both languages."""

import pytest

from tests.waiting import eventually

pytestmark = pytest.mark.needs("chromium", "cjk-font")

FRAMES = 20
"""Seconds in which a busy machine draws what has changed."""

PAGES = {
    "find": "/find",
    "timeline": "/patients/zhang-a",
    "no reports": "/patients/empty",
    "many reports": "/patients/many",
    "report": "/reports/electrolytes",
    "corrected": "/reports/glucose",
    "long": "/reports/allergens",
    "rare": "/reports/child",
    "cancelled": "/reports/void",
    "ecg": "/ecg/premature",
    "images": "/studies/2.25.64001",
    "critical values": "/critical",
    "read-back": "/critical/potassium",
    "of another campus": "/critical/elsewhere",
    "finding": "/critical/rhythm",
    "closed": "/critical/closed",
    "order": "/patients/zhang-a/order?q=葡萄糖&item=LAB.K",
    "hints": "/patients/zhang-a/order/hints?item=LAB.K&item=PANEL.RFT&item=PANEL.CBC&item=LAB.GLU",
    "statistics": "/statistics",
    "decline": "/patients/zhang-a/decisions/d-glucose?next=/find",
    "compressed": "/studies/2.25.64001?series=2.25.64001.3",
}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What is wider than the page but does not scroll in a box of its own.
CUT = """() => [...document.querySelectorAll("main *, .patient *")].filter((one) => {
  const style = getComputedStyle(one);
  return style.overflowX === "hidden" && one.scrollWidth > one.clientWidth + 1
    && !one.classList.contains("unseen") && !one.closest(".uplot");
}).map((one) => one.className || one.tagName)"""
SMALL = """(least) => [...document.querySelectorAll("a, button, summary, input:not([type=hidden])")]
  .filter((one) => one.checkVisibility() && !one.closest(".skip"))
  .map((one) => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.height > 0 && box.height < least && box.width > 1)
  .map(([box, one]) => `${one.textContent.trim()} ${Math.round(box.height)}`)"""


def fits(page, *widths):
    """Nothing is wider than the page, nor cut, at any of these widths."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 740})
        # What a script draws is made narrower a frame later.
        eventually(lambda: page.evaluate(TOO_WIDE) <= 0, FRAMES)
        assert page.evaluate(CUT) == [], width


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize(("device", "widths"), [("phone", (360, 320)), ("desk", (1366, 683))])
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_page_fits_and_is_silent(reader_at, path, device, widths, script):
    reader = reader_at(device, script=script)
    reader.enter()
    page = reader.open(path)
    fits(page, *widths)
    assert page.locator("h1").count() == 1
    assert page.locator(".coverage").is_visible()
    assert reader.console == []


@pytest.mark.parametrize("path", ["/sign-in", *PAGES.values()], ids=["sign-in", *PAGES])
def test_a_page_fits_in_english(reader_at, path):
    reader = reader_at("phone")
    reader.enter()
    reader.speak("en")
    fits(reader.open(path), 320, 1024)


@pytest.mark.parametrize(("device", "language"), [("phone", "zh"), ("desk", "zh"), ("desk", "en")])
@pytest.mark.parametrize("path", ["/sign-in", *PAGES.values()], ids=["sign-in", *PAGES])
def test_axe_finds_nothing(reader_at, axe, path, device, language):
    reader = reader_at(device)
    if path != "/sign-in":
        reader.enter()
    reader.speak(language)
    page = reader.open(path)
    page.evaluate(f"() => {{ {axe} }}")
    found = page.evaluate("async () => (await axe.run()).violations")
    told = [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"][:2]]
    assert told == []


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_targets_are_large_enough(reader_at, path):
    reader = reader_at("phone")
    reader.enter()
    assert reader.open(path).evaluate(SMALL, 24) == []
