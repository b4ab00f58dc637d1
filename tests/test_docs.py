"""What a user can set, type, call or be told stands in docs/; its links lead somewhere."""

import importlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from types import ModuleType

import pytest

from gateway.errors import GatewayError
from gateway.settings import Settings
from tests.tools import ROOT

REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def _module(name: str) -> ModuleType:
    """A module of the project, or a skip where it is not there yet."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            pytest.skip(f"there is no {error.name}")
        raise


def _missing(page: str, words: Iterable[str]) -> list[str]:
    """Those of the words that the page does not show as code."""
    text = (REFERENCE / page).read_text()
    return [word for word in words if not re.search(rf"`{re.escape(word)}[` ?]", text)]


def _commands(command: object, path: str) -> Iterator[str]:
    """The full names of a command's leaves."""
    children = getattr(command, "commands", None)
    if not children:
        yield path
        return
    for name, child in children.items():
        if not child.hidden:
            yield from _commands(child, f"{path} {name}")


def _errors(base: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield base
    for child in base.__subclasses__():
        yield from _errors(child)


def test_each_setting_is_documented():
    assert not _missing(
        "settings.md", [f"HUTONG_{field.name.upper()}" for field in fields(Settings)]
    )


def test_no_setting_is_documented_that_does_not_exist():
    text = (REFERENCE / "settings.md").read_text()
    known = {field.name for field in fields(Settings)} | {"shared"}
    assert {name.lower() for name in re.findall(r"`HUTONG_(\w+)`", text)} <= known


def test_each_command_is_documented():
    typer = importlib.import_module("typer.main")
    app = _module("gateway.cli.main").app
    names = list(_commands(typer.get_command(app), "hutong"))
    assert names
    assert not _missing("commands.md", names)


@pytest.mark.parametrize("name", ["gateway.api.routes", "gateway.web.routes"])
def test_each_route_is_documented(name):
    routes = _module(name).ROUTES
    paths = {part for route in routes for part in _parts(route) if part.startswith("/")}
    assert paths
    assert not _missing("http.md", sorted(paths))


def _parts(route: object) -> Iterator[str]:
    """The texts of one row of a route table: a tuple, a record, or a route of Starlette."""
    if isinstance(route, tuple):
        yield from (part for part in route if isinstance(part, str))
    else:
        yield str(getattr(route, "path", ""))


def test_each_quarantine_reason_is_documented():
    assert not _missing("quarantine.md", _module("gateway.ingest.reasons").REASONS)


@pytest.mark.parametrize("error", [*_errors(GatewayError)], ids=lambda error: error.__name__)
def test_each_error_is_documented_with_status_and_code(error):
    rows = (REFERENCE / "errors.md").read_text().splitlines()
    assert any(row.startswith(f"| {error.status} | `{error.issue_code}` |") for row in rows)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_each_link_leads_to_a_file(page):
    links = re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", page.read_text())
    assert not [link for link in links if not (page.parent / link).exists()]


def test_each_page_is_reached_from_the_index():
    index = (ROOT / "docs" / "README.md").read_text()
    assert not [
        page.name
        for page in PAGES
        if page.is_relative_to(ROOT / "docs")
        and page != ROOT / "docs" / "README.md"
        and f"({page.relative_to(ROOT / 'docs')})" not in index
    ]
