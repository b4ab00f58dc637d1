"""Clients by command: whose signature is trusted."""

import pytest

from tests.signing import Signer

ISSUER = "https://his.example.org"


@pytest.fixture
def keys(hutong, tmp_path):
    hutong("campus", "add", "A", "--name", "甲")
    file = tmp_path / "jwks.json"
    file.write_text(Signer(ISSUER).jwks)
    return file


def test_a_client_is_added_listed_and_revoked(hutong, keys):
    hutong("cds-client", "add", "--campus", "A", "--issuer", ISSUER, "--jwks", keys)
    listed = hutong("cds-client", "list")
    assert listed.cells(1)[:4] == ["1", "A", ISSUER, "key-1"]
    hutong("cds-client", "revoke", ISSUER)
    assert listed.cells(1)[-1] == "-"
    assert hutong("cds-client", "list").cells(1)[-1] != "-"
    hutong("cds-client", "revoke", "1", code=1)


@pytest.mark.usefixtures("keys")
def test_a_client_may_name_an_address_and_say_whose_ids_it_uses(hutong):
    address = "https://his.example.org/jwks.json"
    arguments = ("--campus", "A", "--issuer", ISSUER, "--jwks", address, "--ids", "hutong")
    hutong("cds-client", "add", *arguments)
    assert hutong("cds-client", "list").cells(1)[3:5] == [address, "hutong"]


def test_an_issuer_is_registered_once_until_it_is_revoked(hutong, keys):
    arguments = ("cds-client", "add", "--campus", "A", "--issuer", ISSUER, "--jwks", keys)
    hutong(*arguments)
    assert "registered" in hutong(*arguments, code=1).error
    hutong("cds-client", "revoke", ISSUER)
    hutong(*arguments)
    assert len(hutong("cds-client", "list").lines) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"--campus": "X"},
        {"--issuer": "his"},
        {"--jwks": "no-such-file.json"},
        {"--jwks": "http://his.example.org/jwks"},
        {"--ids": "theirs"},
    ],
    ids=str,
)
def test_what_cannot_be_trusted_is_refused(hutong, keys, wrong):
    given = {"--campus": "A", "--issuer": ISSUER, "--jwks": str(keys), **wrong}
    hutong("cds-client", "add", *(part for pair in given.items() for part in pair), code=1)
    assert len(hutong("cds-client", "list").lines) == 1


@pytest.mark.usefixtures("keys")
def test_a_file_without_public_keys_is_refused(hutong, tmp_path):
    empty = tmp_path / "empty.json"
    empty.write_text('{"keys": []}')
    hutong("cds-client", "add", "--campus", "A", "--issuer", ISSUER, "--jwks", empty, code=1)
