"""Messages that could not be stored, by command."""

import pytest

from gateway.access.audit import read_event
from tests.gateway.access.members import tell

RAW = "MSH|^~\\&|LIS|B\rOBX|1||血红蛋白\r".encode("gb18030")
ACCOUNT = '{"quarantine": {"reason": "missing-pid", "place": "PID"}}'
MOMENT = 1_700_000_000_000_000


@pytest.fixture
def held(hutong, within):
    """Three messages; the first two are in quarantine."""
    hutong("campus", "add", "B", "--name", "城关")
    within(_fill)


async def _fill(store):
    await tell(store, ("channel_seen", (1, "LIS", 1, 1)))
    for number in range(3):
        values = (MOMENT, 1, 1, "hl7v2", "B", f"C{number}", bytes([number]), RAW)
        await tell(store, ("inbox_add", values))
    for id_ in (1, 2):
        await tell(store, ("inbox_finish", (2, "missing-pid", ACCOUNT, MOMENT, 1, id_)))


async def _states(store):
    return {id_: store.fetch("inbox_account", (id_,))[0][7] for id_ in (1, 2, 3)}


async def _last_event(store):
    ((last, _),) = store.fetch("audit_last")
    return read_event(store.fetch("audit_get", (last,))[0][4])


async def _first(store):
    return store.fetch("inbox_get", (1,))[0]


@pytest.mark.usefixtures("held")
def test_what_is_held_is_listed_with_reason_and_place(hutong):
    listed = hutong("quarantine", "list")
    assert len(listed.lines) == 3
    assert listed.cells(1) == [
        *("1", "2023-11-15 06:13:20", "B/LIS", "hl7v2", "C0", "1", "missing-pid", "PID")
    ]


def test_nothing_held_is_said(hutong):
    assert hutong("quarantine", "list").out == "Nothing is in quarantine.\n"


@pytest.mark.usefixtures("held")
def test_show_tells_the_account_and_not_the_message(hutong):
    shown = hutong("quarantine", "show", 1)
    assert "missing-pid: there is no patient segment (缺少患者信息段)" in shown.out
    assert "quarantined" in shown.out
    assert '"place": "PID"' in shown.out
    assert "血红蛋白" not in shown.out


@pytest.mark.usefixtures("held")
def test_show_raw_gives_the_bytes_and_is_audited(hutong, within):
    assert hutong("quarantine", "show", 1, "--raw").bytes == RAW
    event = within(_last_event)
    assert (event.action, event.entities) == ("R", ("inbox/1",))


@pytest.mark.usefixtures("held")
def test_retry_puts_messages_back_into_the_queue(hutong, within):
    hutong("quarantine", "retry", 1)
    assert within(_states) == {1: 0, 2: 2, 3: 0}
    assert within(_last_event).entities == ("inbox/1",)


@pytest.mark.usefixtures("held")
def test_all_means_all_that_are_held(hutong, within):
    assert hutong("quarantine", "retry", "--all").out == "2 taken again.\n"
    assert within(_states) == {1: 0, 2: 0, 3: 0}
    hutong("quarantine", "retry", "--all")


@pytest.mark.usefixtures("held")
def test_discard_keeps_the_message_and_says_why(hutong, within):
    hutong("quarantine", "discard", 1, 2, "--reason", "测试消息")
    assert within(_states) == {1: 3, 2: 3, 3: 0}
    row = within(_first)
    assert row[9] == "测试消息 (missing-pid)"
    assert row[-1] == RAW
    event = within(_last_event)
    assert (event.entities, event.reason) == (("inbox/1", "inbox/2"), "测试消息")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("show", 9), "no message 9", 1),
        (("retry", 9), "no message 9", 1),
        (("retry", 1, 3), "Message 3 is not in quarantine", 1),
        (("retry",), "or --all", 1),
        (("retry", 1, "--all"), "or --all", 1),
        (("discard", 1), "--reason", 2),
        (("discard", 1, "--reason", " "), "--reason", 1),
        (("discard", "--reason", "x"), "or --all", 1),
    ],
)
def test_what_cannot_be_is_refused(hutong, within, arguments, words, code):
    assert words in hutong("quarantine", *arguments, code=code).error
    assert within(_states) == {1: 2, 2: 2, 3: 0}
