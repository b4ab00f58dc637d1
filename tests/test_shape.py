"""The shape of the code, where the tools cannot see it: sizes, names, vocabularies, places."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from gateway.fhir.definitions import RESOURCE_TYPES
from tests.tools import ROOT

PACKAGES = ("adapters", "fixtures", "gateway", "mappers")
MODULES = sorted(path for package in PACKAGES for path in ROOT.glob(f"{package}/**/*.py"))
SOURCES = {".css", ".html", ".js", ".py", ".sh"}
MAX_LINES = 400
# A file of such a name has no subject, so everything fits in.
NAMELESS = {"common", "core", "helper", "helpers", "manager", "misc", "util", "utils"}
SEGMENTS = re.compile(r"\b(MSH|PID|PV1|MRG|ORC|OBR|OBX|NTE|SPM|TQ1|EVN)\b")
SQL = re.compile(
    r"\s*(SELECT\s|INSERT\s+(OR \w+ )?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\b"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|INDEX)\b|PRAGMA\s)"
)
# Python speaks of asyncio.Task, typing.List and groups of exceptions.
TYPES = set(RESOURCE_TYPES) - {"Task", "List", "Group"}
# A name of several words is FHIR's alone, wherever it stands in a text.
COMPOUND = re.compile(
    r"\b(" + "|".join(name for name in RESOURCE_TYPES if re.search(r"[a-z][A-Z]", name)) + r")\b"
)
HOSTS = re.compile(r"pypi\.org|pythonhosted|npmjs|npmmirror|tuna\.tsinghua|mirrors\.\w+\.")
HOMES = re.compile(r"(?<![\w.])/(root|home/\w+|Users/\w+)/")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def _tracked() -> tuple[Path, ...]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 - the git on the path is the one that cloned this
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(path for name in listing.split("\0") if name and (path := ROOT / name).is_file())


def _text(path: Path) -> str:
    """The text of a file, nothing for a picture."""
    return path.read_text(errors="ignore")


def _words(path: Path) -> Iterator[tuple[int, str]]:
    """Identifiers and strings of a module with their lines, docstrings left out."""
    tree = ast.parse(_text(path))
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in remarks:
                yield node.lineno, text
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word):
                yield node.lineno, word
            case ast.ClassDef(name=word) | ast.FunctionDef(name=word) | ast.alias(name=word):
                yield node.lineno, word


def _within(*folders: str) -> list[Path]:
    return [path for path in MODULES if _name(path).startswith(folders)]


def test_the_modules_are_found():
    assert ROOT / "gateway" / "errors.py" in MODULES


@pytest.mark.needs("git")
def test_no_file_is_too_long():
    sources = [
        path for path in _tracked() if path.suffix in SOURCES or path.parent.name == "scripts"
    ]
    lengths = {_name(path): _text(path).count("\n") for path in {*sources, *MODULES}}
    assert not {name: length for name, length in lengths.items() if length > MAX_LINES}


def test_no_name_says_nothing():
    parts = {part for path in MODULES for part in path.relative_to(ROOT).with_suffix("").parts}
    assert not parts & NAMELESS


def test_adapters_do_not_speak_fhir():
    said = [
        f"{_name(path)}:{line} {word}"
        for path in _within("adapters/")
        for line, word in _words(path)
        if word in TYPES or "fhir" in word.lower() or COMPOUND.search(word)
    ]
    assert not said


def test_mappers_do_not_touch_bytes():
    touched = [
        f"{_name(path)}:{node.lineno}"
        for path in _within("mappers/")
        for node in ast.walk(ast.parse(_text(path)))
        if (isinstance(node, ast.Name) and node.id in {"bytes", "bytearray", "memoryview"})
        or (isinstance(node, ast.Constant) and isinstance(node.value, bytes))
    ]
    assert not touched


def test_the_gateway_does_not_speak_of_segments():
    said = [
        f"{_name(path)}:{line} {word}"
        for path in _within("gateway/")
        for line, word in _words(path)
        if SEGMENTS.search(word)
    ]
    assert not said


def test_only_the_store_writes_sql():
    written = [
        f"{_name(path)}:{line}"
        for path in MODULES
        if not _name(path).startswith("gateway/store/")
        for line, word in _words(path)
        if SQL.match(word)
    ]
    assert not written


@pytest.mark.parametrize(
    "text", ["SELECT 1", "\n  INSERT OR IGNORE INTO a", "DELETE FROM a", "PRAGMA x"]
)
def test_sql_is_known_when_seen(text):
    assert SQL.match(text)


@pytest.mark.needs("git")
def test_no_file_names_an_index_host_or_a_folder_of_one_machine():
    here = Path(__file__)
    named = [
        f"{_name(path)}: {found.group()}"
        for path in _tracked()
        if path != here
        for found in (HOSTS.search(_text(path)), HOMES.search(_text(path)))
        if found
    ]
    named += [_name(path) for path in _tracked() if f"{ROOT}/" in _text(path)]
    assert not named


def test_lock_files_carry_hashes_and_no_address():
    for name in ("requirements.txt", "requirements-test.txt", "package-lock.json", ".npmrc"):
        assert "://" not in _text(ROOT / name)
    for name in ("requirements.txt", "requirements-test.txt"):
        pins = re.split(r"\n(?=\S)", _text(ROOT / name).strip())
        assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)


def test_every_dependency_is_locked():
    project = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    for lock, wanted in (
        ("requirements.txt", project["dependencies"] + extras["setup"]),
        ("requirements-test.txt", project["dependencies"] + extras["setup"] + extras["test"]),
    ):
        locked = set(re.findall(r"^([\w-]+)==", _text(ROOT / lock), re.MULTILINE))
        names = {re.split(r"[\[<>=~]", want)[0].replace(".", "-") for want in wanted}
        assert not names - locked


@pytest.mark.needs("git")
def test_scripts_are_short_executable_sh():
    scripts = [path for path in _tracked() if path.parent in {ROOT / "scripts", ROOT / ".ci"}]
    assert scripts
    for path in scripts:
        if path.suffix != ".py":
            assert _text(path).startswith("#!/bin/sh\n"), _name(path)
            assert path.stat().st_mode & 0o111, _name(path)
            assert _text(path).count("\n") <= 60, _name(path)
