"""Templates, styles and scripts as they lie: what old browsers and the policy demand of them."""

import gzip
import re
from pathlib import Path

import pytest

from gateway.web import site

WEB = Path(site.__file__).parent
TEMPLATES = sorted(WEB.glob("templates/**/*.html"))
STYLES = sorted(WEB.glob("assets/**/*.css"))
SCRIPTS = sorted(WEB.glob("assets/**/*.js"))
# Not in Chromium 109, which Windows 7 is left with.
TOO_NEW = r"color-mix\(|light-dark\(|text-wrap|field-sizing|subgrid|popover|^\s*&"
LIMIT = 20_000


def test_the_files_are_found():
    assert len(TEMPLATES) > 10
    assert len(STYLES) > 5
    assert len(SCRIPTS) > 2


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_lets_no_markup_through_and_has_no_inline_code(path):
    text = path.read_text()
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape" not in text
    assert not re.search(r"\s(style|on[a-z]+)=", text)


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_is_read_by_old_browsers(path):
    assert not re.search(TOO_NEW, path.read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_makes_no_markup_and_keeps_nothing(path):
    text = path.read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
    assert not re.search(r"localStorage|sessionStorage|indexedDB", text)


def test_the_style_sheet_is_small():
    together = "".join(path.read_text() for path in STYLES)
    assert len(gzip.compress(together.encode())) < LIMIT


def test_the_address_of_a_file_changes_with_its_content(monkeypatch, tmp_path):
    monkeypatch.setattr(site, "DIST", tmp_path)
    addresses = set()
    for content in ("a", "b"):
        site.asset.cache_clear()
        (tmp_path / "main.css").write_text(content)
        addresses.add(site.asset("main.css"))
    site.asset.cache_clear()
    assert len(addresses) == 2
    assert all(re.fullmatch(r"/static/main\.css\?v=[0-9a-f]{12}", one) for one in addresses)
