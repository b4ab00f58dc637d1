"""Tokens by command: printed once, stored as a hash."""

import base64
from hashlib import sha256

import pytest

from gateway.access.audit import read_event
from gateway.access.directory import Directory
from gateway.errors import UnauthenticatedError


@pytest.fixture
def campus(hutong):
    hutong("campus", "add", "B", "--name", "城关")
    return "B"


async def _issued(store):
    return store.fetch("tokens"), read_event(store.fetch("audit_after", (1, 1))[0][4])


def _caller(token):
    async def work(store):
        return Directory(store).actor(token)

    return work


def test_issue_prints_only_the_token_and_stores_only_its_hash(hutong, campus, within):
    issued = hutong("token", "issue", "--campus", campus, "--name", "his")
    (token,) = issued.lines
    assert len(base64.urlsafe_b64decode(f"{token}=")) == 32
    ((_, _, name, hashed, scopes, _, _),), said = within(_issued)
    assert (name, hashed) == ("his", sha256(token.encode()).digest())
    assert scopes == "dicom ingest recognition system/*.cruds"
    assert said.entities == ("campus/B",)
    assert token not in said.reason


def test_two_tokens_differ(hutong, campus):
    one, other = (hutong("token", "issue", "--campus", campus).out for _ in range(2))
    assert one != other


def test_scopes_are_those_named(hutong, campus, within):
    arguments = ("--scope", "system/Patient.rs", "--scope", "ingest break-glass")
    token = hutong("token", "issue", "--campus", campus, *arguments).out.strip()
    assert within(_caller(token)).scopes.text == "break-glass ingest system/Patient.rs"


@pytest.mark.parametrize("scope", ["everything", "patient/*.r", " "])
def test_a_scope_that_is_none_is_refused(hutong, campus, scope):
    assert hutong("token", "issue", "--campus", campus, "--scope", scope, code=1).error
    assert len(hutong("token", "list").lines) == 1


def test_a_campus_must_be_there_and_active(hutong, campus):
    assert "no campus X" in hutong("token", "issue", "--campus", "X", code=1).error
    hutong("campus", "deactivate", campus)
    assert "not active" in hutong("token", "issue", "--campus", campus, code=1).error


def test_a_revoked_token_is_listed_and_refused(hutong, campus, within):
    token = hutong("token", "issue", "--campus", campus, "--name", "his").out.strip()
    assert hutong("token", "list").cells(1)[:3] == ["1", "B", "his"]
    assert token not in hutong("token", "list").out
    hutong("token", "revoke", "1")
    assert hutong("token", "list").cells(1)[-1] != "-"
    with pytest.raises(UnauthenticatedError):
        within(_caller(token))


def test_a_token_is_revoked_by_its_name_if_that_is_its_own(hutong, campus):
    for name in ("his", "his", "ris"):
        hutong("token", "issue", "--campus", campus, "--name", name)
    assert "Several" in hutong("token", "revoke", "his", code=1).error
    hutong("token", "revoke", "ris")
    hutong("token", "revoke", "1")
    hutong("token", "revoke", "his")
    assert "no valid token" in hutong("token", "revoke", "1", code=1).error
    assert "no valid token" in hutong("token", "revoke", "x", code=1).error
