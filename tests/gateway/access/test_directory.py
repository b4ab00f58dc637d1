"""Callers, campuses and channels as the store has them, at most half a second late."""

import pytest

from gateway.access.directory import Directory, UnknownSenderError
from gateway.errors import (
    ForbiddenError,
    InvalidRequestError,
    UnauthenticatedError,
    UnavailableError,
)
from tests.faltering import Faltering
from tests.gateway.access.members import add_campus, add_token, deactivate, tell


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


async def test_a_token_tells_campus_and_scopes(store):
    await add_campus(store, "B")
    number = await add_token(store, 1, "secret", "system/Patient.r ingest")
    actor = Directory(store).actor("secret")
    assert (actor.token, actor.campus, actor.code, actor.name) == (number, 1, "B", "his")
    assert actor.may("Patient", "r")
    assert actor.has("ingest")
    assert actor.person == ""


async def test_an_unknown_token_is_refused(store):
    with pytest.raises(UnauthenticatedError):
        Directory(store).actor("secret")


async def test_a_strange_token_is_refused(store):
    with pytest.raises(UnauthenticatedError):
        Directory(store).actor("\udcff\x00中")


async def test_the_acting_person_is_kept(store):
    await add_campus(store, "B")
    await add_token(store, 1, "secret")
    assert Directory(store).actor("secret", person="王医生").person == "王医生"


async def test_a_revoked_token_counts_no_more(store):
    await add_campus(store, "B")
    number = await add_token(store, 1, "secret")
    directory = Directory(store)
    directory.actor("secret")
    await tell(store, ("token_revoke", (5, number)))
    with pytest.raises(UnauthenticatedError):
        directory.actor("secret")
    with pytest.raises(UnauthenticatedError):
        directory.actor_of_token(number)


async def test_a_change_counts_within_a_second_even_if_the_notice_is_lost(store):
    await add_campus(store, "B")
    clock = Clock()
    directory = Directory(store, clock=clock)
    assert directory.campus("C") is None
    number = await add_token(store, 1, "secret")
    directory.actor("secret")
    await tell(store, ("token_revoke", (5, number)), notices=())
    clock.now += 0.4
    directory.actor("secret")
    clock.now += 0.2
    with pytest.raises(UnauthenticatedError):
        directory.actor("secret")


async def test_tokens_of_an_inactive_campus_are_refused(store):
    await add_campus(store, "B")
    await add_token(store, 1, "secret")
    directory = Directory(store)
    directory.actor("secret")
    assert directory.inactive == ()
    await deactivate(store, "B")
    with pytest.raises(UnauthenticatedError):
        directory.actor("secret")
    assert directory.inactive == (1,)


async def test_a_session_acts_for_its_token(store):
    await add_campus(store, "B")
    number = await add_token(store, 1, "secret")
    actor = Directory(store).actor_of_token(number, person="王医生")
    assert (actor.code, actor.person) == ("B", "王医生")


async def test_the_bootstrap_token_is_the_consortium_or_the_campus_it_names(store):
    await add_campus(store, "B")
    directory = Directory(store, bootstrap_token="start")  # noqa: S106 - made up here
    actor = directory.actor("start")
    assert (actor.campus, actor.code) == (0, "consortium")
    assert actor.has("admin")
    actor = directory.actor("start", campus="B", person="IT")
    assert (actor.campus, actor.code, actor.person) == (1, "B", "IT")
    with pytest.raises(InvalidRequestError):
        directory.actor("start", campus="X")


async def test_without_a_bootstrap_token_the_empty_one_opens_nothing(store):
    with pytest.raises(UnauthenticatedError):
        Directory(store).actor("")


async def test_only_an_administrator_names_another_campus(store):
    await add_campus(store, "A")
    await add_campus(store, "B")
    await add_token(store, 2, "secret")
    await add_token(store, 2, "master", "admin")
    directory = Directory(store)
    assert directory.actor("secret", campus="B").code == "B"
    with pytest.raises(ForbiddenError):
        directory.actor("secret", campus="A")
    assert directory.actor("master", campus="A").code == "A"


# Senders.


def _refusal(directory, *sender):
    with pytest.raises(UnknownSenderError) as refused:
        directory.sender(*sender)
    return refused.value.reason


async def test_a_sender_is_known_by_its_names_and_by_the_code(store):
    await add_campus(store, "B", senders=["城关", "CG"])
    directory = Directory(store)
    assert {directory.sender(name, "192.0.2.1").code for name in ("城关", "CG", "B")} == {"B"}
    assert directory.sender("CG", "192.0.2.1").verified


async def test_an_unknown_sender_is_refused(store):
    await add_campus(store, "B")
    assert _refusal(Directory(store), "CG", "192.0.2.1") == "unknown-sender"


async def test_a_known_name_from_another_address_is_refused(store):
    await add_campus(store, "B", senders=["CG"], peers=["10.1.0.0/16", "2001:db8::/32"])
    directory = Directory(store)
    for peer in ("10.1.2.3", "10.1.2.3:4000", "::ffff:10.1.2.3", "2001:db8::1", "[2001:db8::1]:9"):
        assert directory.sender("CG", peer).code == "B"
    for peer in ("10.2.0.1", "2001:db9::1", "", "unix"):
        assert _refusal(directory, "CG", peer) == "wrong-address"


async def test_where_tls_is_on_the_client_name_decides(store):
    await add_campus(store, "B", senders=["CG"], peers=["10.1.0.0/16", "lis.b.example"])
    directory = Directory(store)
    assert directory.sender("CG", "192.0.2.1", "lis.b.example").code == "B"
    assert directory.sender("CG", "10.1.0.1").code == "B"
    assert _refusal(directory, "CG", "10.1.0.1", "lis.c.example") == "wrong-address"


async def test_addresses_tell_apart_who_shares_a_name(store):
    await add_campus(store, "A", senders=["LIS"], peers=["10.1.0.0/16"])
    await add_campus(store, "B", senders=["LIS"], peers=["10.2.0.0/16"])
    directory = Directory(store)
    assert directory.sender("LIS", "10.2.0.1").code == "B"
    assert "LIS" not in directory.authorities


async def test_a_name_that_fits_two_campuses_is_refused(store):
    await add_campus(store, "A", senders=["LIS"])
    await add_campus(store, "B", senders=["LIS"])
    assert _refusal(Directory(store), "LIS", "10.2.0.1") == "unknown-sender"


async def test_without_a_name_the_address_decides_if_it_is_one_campus_s(store):
    await add_campus(store, "A", peers=["10.1.0.0/16"])
    await add_campus(store, "B", peers=["10.2.0.0/16", "10.3.0.0/24"])
    await add_campus(store, "C", peers=["10.3.0.0/16"])
    await add_campus(store, "D")
    directory = Directory(store)
    assert directory.sender("", "10.2.0.1").code == "B"
    assert directory.sender("", "10.3.1.1").code == "C"
    assert _refusal(directory, "", "10.3.0.1") == "unknown-sender"
    assert _refusal(directory, "", "192.0.2.1") == "unknown-sender"


async def test_an_inactive_campus_sends_nothing(store):
    await add_campus(store, "B", peers=["10.2.0.0/16"])
    directory = Directory(store)
    await deactivate(store, "B")
    assert _refusal(directory, "B", "10.2.0.1") == "unknown-sender"
    assert _refusal(directory, "", "10.2.0.1") == "unknown-sender"


async def test_the_open_campus_takes_unknown_senders_each_in_its_own_namespace(store):
    await add_campus(store, "P")
    await add_campus(store, "B", senders=["CG"], peers=["10.1.0.0/16"])
    directory = Directory(store, open_campus="P")
    campus = directory.sender("GHH LAB", "192.0.2.1")
    assert (campus.code, campus.namespace, campus.verified) == ("P", "open/GHH%20LAB", False)
    assert directory.sender("", "192.0.2.1").namespace == "open/-"
    assert directory.sender("CG", "10.1.0.1").verified
    assert _refusal(directory, "CG", "192.0.2.1") == "wrong-address"
    assert directory.campus("P").verified


async def test_an_open_campus_that_is_not_there_opens_nothing(store):
    assert _refusal(Directory(store, open_campus="P"), "X", "192.0.2.1") == "unknown-sender"


async def test_authorities_are_codes_names_and_sender_names(store):
    await add_campus(store, "A", name="县医院", senders=["QX", "B"])
    await add_campus(store, "B", name="城关", senders=["CG"])
    assert Directory(store).authorities == {
        "A": "A",
        "县医院": "A",
        "QX": "A",
        "B": "B",
        "城关": "B",
        "CG": "B",
    }


# Channels.


async def test_a_channel_that_was_not_seen_has_the_defaults(store):
    await add_campus(store, "B", charset="gb18030")
    channel = Directory(store).channel(1, "LIS")
    assert channel.id == 0
    assert channel.options == {
        "ack": "received",
        "mode": "original",
        "orders-from": "",
        "qc": "",
        "charset": "gb18030",
        "silent-after": "",
        "status": "",
        "ca": "",
        "report-key": "",
        "section": "",
        "comment": "",
    }


async def test_what_is_set_on_a_channel_counts(store):
    await add_campus(store, "B", charset="gb18030")
    directory = Directory(store)
    directory.channel(1, "LIS")
    await tell(store, ("channel_put", (1, "LIS", '{"ack": "processed", "charset": "utf-8"}')))
    channel = directory.channel(1, "LIS")
    assert channel.id
    assert (channel.options["ack"], channel.options["charset"]) == ("processed", "utf-8")
    assert directory.channels() == (channel,)


async def test_campuses_are_found_by_code_and_number(store):
    await add_campus(store, "A")
    await add_campus(store, "B", peers=["10.0.0.0/8", "lis.example"])
    directory = Directory(store)
    assert [campus.code for campus in directory.campuses()] == ["A", "B"]
    assert directory.campus_by_id(2) == directory.campus("B")
    assert directory.campus("B").peers == ("10.0.0.0/8", "lis.example")
    assert directory.campus_by_id(3) is None


@pytest.mark.parametrize("statement", ["campuses", "tokens", "channels"])
async def test_who_is_not_known_yet_while_the_database_is_away_is_not_called_unknown(
    store, statement
):
    await add_campus(store, "B")
    await add_token(store, 1, "secret", "system/Patient.r ingest")
    faltering = Faltering(store)
    directory = Directory(faltering, clock=Clock())
    faltering.away.add(statement)
    for _ in range(3):
        # An AR for a sender, a 401 for a token: neither would be sent again.
        with pytest.raises(UnavailableError):
            directory.sender("B", "127.0.0.1")
        with pytest.raises(UnavailableError):
            directory.actor("secret")
    faltering.away.clear()
    assert directory.sender("B", "127.0.0.1").code == "B"
    assert directory.actor("secret").code == "B"
