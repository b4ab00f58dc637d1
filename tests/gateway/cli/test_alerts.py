"""What someone must see, by command."""

import pytest

from gateway.access.audit import read_event
from tests.gateway.access.members import tell

MOMENT = 1_700_000_000_000_000


@pytest.fixture
def raised(hutong, within):
    hutong("campus", "add", "B", "--name", "城关")
    within(_raise)


async def _raise(store):
    for later in (0, 60_000_000):
        values = ("unknown-sender", "CG", 1, "来源不明", MOMENT, MOMENT + later)
        await tell(store, ("alert_raise", values))


async def _last_event(store):
    ((last, _),) = store.fetch("audit_last")
    return read_event(store.fetch("audit_get", (last,))[0][4])


@pytest.mark.usefixtures("raised")
def test_alerts_are_listed_once_with_how_often(hutong):
    listed = hutong("alerts")
    assert len(listed.lines) == 2
    assert listed.cells(1) == [
        *("1", "unknown-sender", "CG", "B", "2"),
        *("2023-11-15 06:13:20", "2023-11-15 06:14:20", "来源不明"),
    ]


@pytest.mark.usefixtures("raised")
def test_a_closed_alert_is_gone_and_audited(hutong, within):
    hutong("alerts", "--close", 1)
    assert hutong("alerts").out == "Nothing is open.\n"
    event = within(_last_event)
    assert (event.action, event.entities) == ("U", ("alert/1",))
    assert "no open alert 1" in hutong("alerts", "--close", 1, code=1).error


def test_an_alert_that_is_not_there_cannot_be_closed(hutong):
    assert "no open alert 7" in hutong("alerts", "--close", 7, code=1).error
