"""Debian's Chromium, the pages of the sample on a free port, and readers with their devices."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from starlette.applications import Starlette

from gateway.web.acts import Acts
from gateway.web.routes import routes
from gateway.web.site import DIST
from tests.gateway.web.sample import NOW, PERSON, TOKEN, SampleResults, SampleSessions
from tests.gateway.web.sample_criticals import SampleCriticals
from tests.gateway.web.sample_rates import SampleRates
from tests.gateway.web.sample_recognitions import SampleRecognitions
from tests.tools import ROOT, free_port
from tests.waiting import PATIENCE, eventually

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1366, "height": 768}}
DEVICES = {"phone": PHONE, "desk": DESK}
MILLISECONDS = PATIENCE * 1000
expect.set_options(timeout=MILLISECONDS)


@dataclass
class Reader:
    """Someone at a browser: the page they see, and all that its console said."""

    context: BrowserContext
    page: Page
    base: str
    session: str
    console: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a page and wait until it stands."""
        self.page.goto(self.base + path, wait_until="load")
        return self.page

    def enter(self) -> None:
        """Be signed in already."""
        self._cookie("hutong_session", self.session)

    def sign_in(self) -> Page:
        """Sign in as a doctor of campus A."""
        self.open("/sign-in")
        self.page.fill("#person", PERSON)
        self.page.fill("#token", TOKEN)
        self.page.click("main .primary")
        self.page.wait_for_url("**/find")
        return self.page

    def speak(self, language: str) -> None:
        """Choose a language."""
        self._cookie("hutong_language", language)

    def _cookie(self, name: str, value: str) -> None:
        self.context.add_cookies([{"name": name, "value": value, "url": self.base}])


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve an application on a free port; its address."""
    port = free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(PATIENCE)


@pytest.fixture(scope="session")
def pages() -> tuple[str, SampleSessions]:
    """The address of the pages over the sample, and who is signed in."""
    assert (DIST / "main.css").is_file(), "the page bundle is made by scripts/setup"
    sessions = SampleSessions()
    acts = Acts(SampleCriticals(), SampleRecognitions(), SampleRates())
    app = Starlette(routes=routes(SampleResults(), sessions, acts, lambda: NOW))
    with serving(app) as base:
        yield base, sessions


@pytest.fixture(scope="module")
def browser() -> Browser:
    """Chromium, for one module: its driver holds an event loop while it runs."""
    with sync_playwright() as driver:
        opened = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS, timeout=2 * MILLISECONDS
        )
        yield opened
        opened.close()


@pytest.fixture
def reader_at(browser, pages):
    """Makes readers at a device, with or without script."""
    contexts = []
    base, sessions = pages

    def make(device: str, *, script: bool = True, width: int = 0) -> Reader:
        settings = dict(DEVICES[device])
        if width:
            settings["viewport"] = {"width": width, "height": 740}
        context = browser.new_context(
            **settings, java_script_enabled=script, reduced_motion="reduce", locale="de-DE"
        )
        context.set_default_timeout(MILLISECONDS)
        contexts.append(context)
        reader = Reader(context, context.new_page(), base, sessions.enter(PERSON))
        reader.page.on("console", lambda message: reader.console.append(message.text))
        reader.page.on("pageerror", lambda error: reader.console.append(str(error)))
        return reader

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The text of axe-core: it is evaluated, since the pages' policy refuses foreign scripts."""
    return Path(AXE).read_text()
