"""The files of the bundle as a browser gets them."""

import pytest

from gateway.web import routes as module


@pytest.fixture
async def browser(monkeypatch, tmp_path, visitor):
    (tmp_path / "main.css").write_text("body{}")
    monkeypatch.setattr(module, "DIST", tmp_path)
    async with visitor() as client:
        yield client


async def test_a_file_with_a_version_is_kept_for_ever(browser):
    answer = await browser.get("/static/main.css?v=abc")
    assert answer.text == "body{}"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_file_without_one_is_asked_for_again(browser):
    answer = await browser.get("/static/main.css")
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/nope.css", "/static/../site.py", "/static/"])
async def test_nothing_else_is_served(browser, path):
    assert (await browser.get(path)).status_code == 404
