"""What every test gets: a zone that is neither UTC nor China's, the shared data, free ports."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gateway.store.migrate import migrate
from tests import databases, tools

POSTGRESQL = pytest.mark.needs("postgresql")

# How long an example takes says something of the machine, and nothing of the code.
settings.register_profile(
    "any machine", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any machine")

# A zone of an odd offset brings wrong time handling to light.
os.environ["TZ"] = "Asia/Kathmandu"
time.tzset()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared data; the test is skipped by name where it is absent."""
    tools.need("shared data")
    return tools.SHARED


@pytest.fixture
def free_port() -> Callable[[], int]:
    return tools.free_port


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A temporary folder whose path is short enough for a unix socket in it."""
    path = Path(tempfile.mkdtemp(prefix="hutong"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the schema in it, to be copied: making it takes a second."""
    folder = tmp_path_factory.mktemp("schema")
    migrate(folder)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[databases.Server]:
    """A PostgreSQL that forgets all when the machine stops: quick, and enough for most tests."""
    with databases.serving(**databases.QUICK) as server:
        yield server


BOTH = ["sqlite", pytest.param("postgresql", marks=POSTGRESQL)]


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each of the two databases in turn: "", or the address of an empty one."""
    with _emptied(request) as url:
        yield url


@pytest.fixture(scope="module", params=BOTH)
def shared_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The same for all tests of a module."""
    with _emptied(request) as url:
        yield url


@contextmanager
def _emptied(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
        return
    server: databases.Server = request.getfixturevalue("postgres")
    url = server.take()
    yield url
    server.give_back(url)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        tools.need(*mark.args)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each test that did not run because something is absent here."""
    absent = [
        (report.nodeid, words)
        for outcome in ("skipped", "failed", "error")
        for report in terminalreporter.stats.get(outcome, ())
        if (words := tools.absence(report.longreprtext))
    ]
    if absent:
        terminalreporter.section("not run: something is absent here")
        for nodeid, words in sorted(set(absent)):
            terminalreporter.line(f"{nodeid}: {words}")
