"""The commands that set who belongs to the consortium."""

import json

import pytest

from gateway.access.audit import read_event
from gateway.cli.campus_rules import default_mark
from gateway.interactions.keys import organization_id


def test_a_campus_is_listed_with_all_that_was_set(hutong):
    hutong(
        *("campus", "add", "B", "--name", "城关镇卫生院", "--zone", "Asia/Urumqi"),
        *("--charset", "GBK", "--ae-title", "CT1", "--ae-title", "DR 1", "--sender", "CG"),
        *("--sender", "城关", "--peer", "10.20.0.0/24", "--peer", "lis.b.example", "--mark", "关"),
        *("--rate", "50/s"),
    )
    listed = hutong("campus", "list")
    assert listed.cells(1) == [
        *("B", "关", "城关镇卫生院", "Asia/Urumqi", "gb18030", "CG 城关"),
        *("10.20.0.0/24 lis.b.example", "CT1 DR 1", "50/s", "active"),
    ]


def test_what_is_not_given_has_a_default(hutong, monkeypatch):
    monkeypatch.setenv("HUTONG_TIMEZONE", "Asia/Tokyo")
    hutong("campus", "add", "B", "--name", "城关镇卫生院")
    assert hutong("campus", "list").cells(1) == [
        *("B", "城关", "城关镇卫生院", "Asia/Tokyo", "-", "-", "-", "-", "-", "active")
    ]


async def _organization(store):
    return store.current("Organization", organization_id("B"))


def test_a_campus_is_an_organization_of_the_consortium(hutong, within):
    hutong("campus", "add", "B", "--name", "城关镇卫生院")
    stored = within(_organization)
    assert stored.campus == 0
    resource = json.loads(stored.json())
    assert resource["identifier"] == [{"system": "urn:hutong:cs:campus", "value": "B"}]
    assert (resource["name"], resource["alias"], resource["active"]) == (
        "城关镇卫生院",
        ["城关"],
        True,
    )


def test_the_organization_follows_the_campus(hutong, within):
    hutong("campus", "add", "B", "--name", "城关镇卫生院")
    hutong("campus", "set", "B", "--peer", "10.0.0.0/8")
    assert (within(_organization)).version == 1
    hutong("campus", "set", "B", "--name", "城关医院")
    hutong("campus", "deactivate", "B")
    stored = within(_organization)
    resource = json.loads(stored.json())
    assert (stored.version, resource["name"], resource["active"]) == (3, "城关医院", False)


async def _events(store):
    return [read_event(row[4]) for row in store.fetch("audit_after", (0, 10))]


def test_every_change_is_audited(hutong, within):
    hutong("campus", "add", "B", "--name", "城关镇卫生院")
    hutong("campus", "set", "B", "--peer", "10.0.0.0/8")
    hutong("campus", "deactivate", "B")
    events = within(_events)
    assert [event.reason for event in events] == [
        *("campus add B", "campus set B", "campus deactivate B")
    ]
    assert all("@" in event.person and event.name == "command" for event in events)
    assert [event.action for event in events] == ["C", "U", "U"]


def test_set_changes_what_it_names_and_nothing_else(hutong):
    hutong("campus", "add", "B", "--name", "城关", "--sender", "CG", "--peer", "10.0.0.1")
    hutong("campus", "set", "B", "--sender", "CGQ", "--mark", "关")
    row = hutong("campus", "list").cells(1)
    assert row == [
        "B",
        "关",
        "城关",
        "Asia/Shanghai",
        "-",
        "CGQ",
        "10.0.0.1/32",
        "-",
        "-",
        "active",
    ]
    hutong("campus", "set", "B", "--sender", "")
    assert hutong("campus", "list").cells(1)[5] == "-"


def test_a_campus_can_come_back(hutong):
    hutong("campus", "add", "B", "--name", "城关")
    hutong("campus", "deactivate", "B")
    assert hutong("campus", "list").cells(1)[-1] == "inactive"
    hutong("campus", "set", "B", "--active")
    assert hutong("campus", "list").cells(1)[-1] == "active"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("B:1", "--name", "X"), "CODE is"),
        (("", "--name", "X"), "CODE is"),
        (("C" * 33, "--name", "X"), "CODE is"),
        (("open", "--name", "X"), "stands for something else"),
        (("CS", "--name", "X"), "stands for something else"),
        (("a", "--name", "X"), "already"),
        (("B", "--name", " "), "--name"),
        (("B", "--name", "X\nY"), "--name"),
        (("B", "--name", "X", "--zone", "Asia/Nowhere"), "--zone"),
        (("B", "--name", "X", "--zone", "../etc"), "--zone"),
        (("B", "--name", "X", "--charset", "klingon"), "--charset"),
        (("B", "--name", "X", "--ae-title", "A\\B"), "--ae-title"),
        (("B", "--name", "X", "--ae-title", "A" * 17), "--ae-title"),
        (("B", "--name", "X", "--peer", "10.0.0.1/8"), "--peer"),
        (("B", "--name", "X", "--peer", "10.0.0"), "--peer"),
        (("B", "--name", "X", "--mark", "城关镇医院"), "--mark"),
        (("B", "--name", "X", "--mark", "县"), "--mark"),
        (("B", "--name", "X", "--sender", "QX"), "--sender QX is also campus A's"),
        (("B", "--name", "X", "--sender", "A"), "--sender A is also campus A's"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(hutong, arguments, words):
    hutong("campus", "add", "A", "--name", "县人民医院", "--sender", "QX")
    assert words in hutong("campus", "add", *arguments, code=1).error
    assert len(hutong("campus", "list").lines) == 2


def test_a_campus_that_is_not_there_cannot_be_set(hutong):
    assert "no campus B" in hutong("campus", "set", "B", "--mark", "X", code=1).error
    assert "no campus B" in hutong("campus", "deactivate", "B", code=1).error


def test_addresses_that_differ_let_two_campuses_share_a_sender_name(hutong):
    hutong("campus", "add", "A", "--name", "甲", "--sender", "LIS", "--peer", "10.1.0.0/16")
    same = ("campus", "add", "B", "--name", "乙", "--sender", "LIS", "--peer")
    hutong(*same, "10.1.2.0/24", code=1)
    hutong(*same, "10.2.0.0/16", "--peer", "2001:db8::/32")


@pytest.mark.parametrize(
    ("name", "taken", "mark"),
    [
        ("城关镇卫生院", (), "城关"),
        ("城关镇中心卫生院", ("城关",), "城关镇"),
        ("城关镇卫生院", ("城关", "城关镇"), "城关镇卫"),
        ("青县人民医院", (), "青县"),
        ("东风街道社区卫生服务中心", (), "东风"),
        ("第一医院", (), "第一"),
        ("医院", (), "医院"),
        ("Hill Town Clinic", (), "HTC"),
        ("Clinic", (), "Clin"),
        ("甲", ("甲",), "甲2"),
        ("甲", ("甲", "甲2"), "甲3"),
        ("大王庄镇子村", ("大王庄镇", "大王庄镇子"), "大王庄2"),
    ],
)
def test_the_mark_comes_from_the_name_and_is_its_own(name, taken, mark):
    assert default_mark(name, taken) == mark


def test_a_rate_is_set_and_taken_away(hutong):
    hutong("campus", "add", "B", "--name", "城关镇卫生院")
    hutong("campus", "set", "B", "--rate", "600/m")
    assert hutong("campus", "list").cells(1)[-2:] == ["600/m", "active"]
    hutong("campus", "set", "B", "--mark", "关")
    assert hutong("campus", "list").cells(1)[-2:] == ["600/m", "active"]
    hutong("campus", "set", "B", "--rate", "")
    assert hutong("campus", "list").cells(1)[-2:] == ["-", "active"]


@pytest.mark.parametrize("rate", ["50", "0/s", "50/h", "fast"])
def test_what_is_no_rate_is_refused(hutong, rate):
    told = hutong("campus", "add", "B", "--name", "城关院", "--rate", rate, code=1)
    assert "--rate is a number of requests" in told.error
