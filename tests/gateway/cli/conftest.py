import asyncio
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.store.opening import open_store


class Result:
    def __init__(self, result):
        self.code = result.exit_code
        self.out = result.stdout
        self.bytes = result.stdout_bytes
        self.error = result.stderr
        self.lines = self.out.splitlines()

    def cells(self, row):
        """The cells of a line of a table; they hold no two spaces."""
        return [cell.strip() for cell in self.lines[row].split("  ") if cell.strip()]


@pytest.fixture
def hutong(tmp_path, monkeypatch) -> Callable[..., Result]:
    """Runs the command on a data folder of the test's own; expects it to go well."""
    monkeypatch.setenv("HUTONG_DATA_DIR", str(tmp_path))
    for name in ("HUTONG_TIMEZONE", "HUTONG_OPEN_CAMPUS"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments, code=0, silent=False):
        result = Result(CliRunner().invoke(app, [str(one) for one in arguments]))
        assert result.code == code, (result.out, result.error)
        if code and not silent:
            assert result.error.count("\n") == 1
            assert result.error.startswith("hutong")
        else:
            assert not result.error
        return result

    return run


@pytest.fixture
def within(tmp_path):
    """Runs a coroutine function on the store of the test's data folder, between commands."""

    async def inner(work):
        store = open_store(tmp_path)
        try:
            return await work(store)
        finally:
            await store.close()

    return lambda work: asyncio.run(inner(work))
