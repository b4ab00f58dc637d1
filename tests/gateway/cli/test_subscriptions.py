"""`hutong subscriptions` says who is told, and who does not answer."""

from tests.gateway.access.members import tell

MOMENT = 1_700_000_000_000_000


async def _kept(store):
    for id_ in ("quiet", "silent"):
        await tell(store, ("subscription_put", (id_, 1, 1, 1, 0)))
        await tell(store, ("subscription_turn", (1, 1, MOMENT, "", id_)))
        await tell(store, ("subscription_count", (3, id_)))
    await tell(store, ("subscription_sent", (3, MOMENT, "quiet")))
    failed = (2, MOMENT, MOMENT, "No answer within 10 s.", "silent")
    await tell(store, ("subscription_failed", failed))


def test_subscriptions_are_listed_with_what_waits(hutong, within):
    hutong("campus", "add", "B", "--name", "城关")
    assert hutong("subscriptions").out == "There is none.\n"
    within(_kept)
    listed = hutong("subscriptions")
    assert listed.cells(1)[:7] == ["quiet", "B", "active", "3", "0", "0", "2023-11-15 06:13:20"]
    assert listed.cells(2)[3:] == ["3", "3", "2", "2023-11-15 06:13:20", "No answer within 10 s."]
    assert len(hutong("subscriptions", "--waiting").lines) == 2
