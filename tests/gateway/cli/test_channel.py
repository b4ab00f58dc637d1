"""Channels by command."""

import pytest

from gateway.access.directory import Directory
from tests.gateway.access.members import tell

MOMENT = 1_700_000_000_000_000


@pytest.fixture
def campuses(hutong):
    hutong("campus", "add", "A", "--name", "县医院")
    hutong("campus", "add", "B", "--name", "城关")


async def _options(store):
    return Directory(store).channel(2, "LIS").options


async def _hear(store):
    await tell(store, ("channel_seen", (2, "LIS/1", MOMENT, MOMENT)))


@pytest.mark.usefixtures("campuses")
def test_options_of_a_channel_are_set_one_by_one(hutong, within):
    hutong("channel", "set", "B/LIS", "orders-from=A", "ack=processed", "silent-after=30m")
    hutong("channel", "set", "B/LIS", "ack=", "charset=GBK", "qc=msh16")
    assert within(_options) == {
        "ack": "received",
        "mode": "original",
        "orders-from": "A",
        "qc": "msh16",
        "charset": "gb18030",
        "silent-after": "30m",
        "status": "",
        "ca": "",
        "report-key": "",
        "section": "",
        "comment": "",
    }


@pytest.mark.usefixtures("campuses")
def test_channels_are_listed_with_what_was_set(hutong, within):
    within(_hear)
    hutong("channel", "set", "B/LIS/1", "mode=enhanced")
    assert hutong("channel", "list").cells(1) == [
        *("B/LIS/1", "mode=enhanced", "2023-11-15 06:13:20", "2023-11-15 06:13:20")
    ]


@pytest.mark.usefixtures("campuses")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("B", "ack=processed"), "CAMPUS/NAME"),
        (("B/", "ack=processed"), "CAMPUS/NAME"),
        (("X/LIS", "ack=processed"), "no campus X"),
        (("B/LIS", "ack"), "KEY=VALUE"),
        (("B/LIS", "color=red"), "KEY=VALUE"),
        (("B/LIS", "ack=maybe"), "ack is received or processed"),
        (("B/LIS", "qc=all"), "qc is msh16"),
        (("B/LIS", "orders-from=X"), "no campus X"),
        (("B/LIS", "charset=klingon"), "charset"),
        (("B/LIS", "silent-after=soon"), "silent-after"),
    ],
)
def test_what_cannot_be_set_is_refused_with_the_reason(hutong, arguments, words):
    assert words in hutong("channel", "set", *arguments, code=1).error
    assert len(hutong("channel", "list").lines) == 1
