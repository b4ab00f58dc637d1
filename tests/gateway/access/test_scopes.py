"""SMART scopes of version 2 and the gateway's own."""

import pytest

from gateway.access.scopes import DEFAULT, ScopeError, Scopes


def test_a_scope_allows_its_letters_on_its_type_only():
    scopes = Scopes.parse("system/Patient.rs")
    assert scopes.may("Patient", "r")
    assert scopes.may("Patient", "s")
    assert not scopes.may("Patient", "u")
    assert not scopes.may("Observation", "r")


def test_a_star_allows_every_type():
    scopes = Scopes.parse("system/*.r user/Observation.c")
    assert scopes.may("Patient", "r")
    assert scopes.may("Observation", "r")
    assert scopes.may("Observation", "c")
    assert not scopes.may("Patient", "c")


def test_scopes_of_one_type_add_up():
    scopes = Scopes.parse("system/Patient.r user/Patient.u")
    assert all(scopes.may("Patient", letter) for letter in "ru")


def test_the_default_reads_writes_and_sends_but_breaks_no_glass():
    scopes = Scopes.parse(DEFAULT)
    assert all(scopes.may("Observation", letter) for letter in "cruds")
    assert all(scopes.has(name) for name in ("ingest", "dicom", "recognition"))
    assert not scopes.has("break-glass")
    assert not scopes.has("admin")


def test_an_administrator_may_all_but_break_the_glass():
    scopes = Scopes.parse("admin")
    assert all(scopes.may("Person", letter) for letter in "cruds")
    assert scopes.has("ingest")
    assert not scopes.has("break-glass")
    assert Scopes.parse("admin break-glass").has("break-glass")


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "system/Patient",
        "system/Patient.",
        "system/Patient.sr",
        "system/Patient.read",
        "system/Pation.r",
        "system/Patient.r?name=x",
        "patient/*.r",
        "Admin",
    ],
)
def test_what_is_no_scope_is_refused_by_name(text):
    with pytest.raises(ScopeError, match=r"\bscope\b|resource type"):
        Scopes.parse(text)


def test_no_scope_allows_nothing():
    assert not Scopes.parse("").may("Patient", "r")


def test_the_text_names_each_scope_once():
    assert Scopes.parse("ingest  admin ingest").text == "admin ingest"
