"""What holds for every page: headers, frame, FHIR twin, no inline code, no name around it."""

import logging
import re

import pytest

from gateway.web.site import HEADERS

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
PAGES = [
    "/find",
    "/patients/zhang-a",
    "/patients/empty",
    "/reports/electrolytes",
    "/reports/void",
    "/ecg/premature",
    "/critical",
    "/critical/potassium",
    "/critical/elsewhere",
    "/critical/closed",
    "/patients/zhang-a/order?q=葡萄糖",
    "/patients/zhang-a/order/hints?item=LAB.K&item=PANEL.RFT",
    "/patients/zhang-a/decisions/d-glucose",
    "/statistics",
]
TWINS = {
    "/find": "/fhir/Patient",
    "/patients/zhang-a": "/fhir/DiagnosticReport?patient=zhang-a&amp;_sort=-date",
    "/reports/glucose": "/fhir/DiagnosticReport/glucose",
    "/critical/potassium": "/fhir/Task/potassium",
}


@pytest.mark.parametrize("path", [*PAGES, "/reports/nope", "/sign-in", "/"])
async def test_every_answer_carries_the_policy_and_is_not_kept(doctor, path):
    answer = await doctor.get(path)
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_policy_has_no_exception():
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("path", [*PAGES, "/reports/nope", "/sign-in"])
async def test_no_page_has_inline_code(doctor, path):
    page = (await doctor.get(path)).text
    assert not re.search(r'<[^>]+\s(style|on\w+)="', page)
    assert not re.search(r"<style", page)
    for script in re.findall(r"<script[^>]*>", page):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize(("path", "twin"), TWINS.items())
async def test_each_page_names_its_fhir_twin(doctor, path, twin):
    page = (await doctor.get(path)).text
    assert f'<link rel="alternate" type="application/fhir+json" href="{twin}">' in page
    assert f"<code>GET {twin}</code>" in page


@pytest.mark.parametrize("path", PAGES)
async def test_the_title_goes_to_the_history_of_a_browser_so_it_names_nobody(doctor, path):
    title = re.search(r"<title>(.*?)</title>", (await doctor.get(path)).text)[1]
    assert "张三" not in title
    assert title.endswith("- 互通")


@pytest.mark.parametrize("path", PAGES)
async def test_coverage_names_the_silent_campus_on_every_page(doctor, path):
    page = (await doctor.get(path)).text
    assert "含4/5家院区, 西岭自 2026-11-20 22:14 无数据" in page


@pytest.mark.parametrize("path", [*PAGES, "/reports/nope"])
async def test_no_table_cell_is_empty_but_for_links(doctor, path):
    page = (await doctor.get(path)).text
    cells = re.findall(r'<td[^>]*class="([^"]*)"[^>]*>(.*?)</td>', page, re.DOTALL)
    empty = {kind for kind, cell in cells if not re.sub(r"<[^>]+>|\s", "", cell)}
    # The words of a flag and the link to a curve are there or not: nothing is missing.
    assert empty <= {"words", "curve"}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_nothing_of_a_page_is_left_untranslated(doctor, path, language):
    doctor.cookies.set("hutong_language", language)
    page = (await doctor.get(path)).text
    assert page.startswith(
        f'<!doctype html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">'
    )
    if language == "en":
        for word in ("参考区间", "患者", "检验", "危急低", "上次", "更多"):
            assert f">{word}<" not in page


async def test_an_unexpected_error_is_logged_by_place_alone(doctor, results, caplog):
    async def broken(*_):
        raise KeyError("张三")

    results.reports = broken
    with caplog.at_level(logging.ERROR):
        answer = await doctor.get("/patients/zhang-a")
    assert answer.status_code == 500
    reference = re.search(r"<code>(\w+)</code>", answer.text)[1]
    assert reference in caplog.text
    assert "KeyError" in caplog.text
    assert "张三" not in caplog.text


async def test_a_page_says_when_nobody_can_be_known(doctor, results):
    async def broken(*_):
        raise KeyError("campuses")

    results.campuses = broken
    answer = await doctor.get("/find")
    assert answer.status_code == 500
    assert "页面出错" in answer.text
