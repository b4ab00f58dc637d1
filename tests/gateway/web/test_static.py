"""The files of the bundle as a browser gets them."""

import httpx
import pytest
from starlette.applications import Starlette

from gateway.web import routes as module
from gateway.web.routes import routes


@pytest.fixture
async def browser(monkeypatch, tmp_path, results, sessions, clock):
    (tmp_path / "main.css").write_text("body{}")
    monkeypatch.setattr(module, "DIST", tmp_path)
    app = Starlette(routes=routes(results, sessions, clock))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://pages.test"
    ) as client:
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
