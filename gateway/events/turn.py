"""A Subscription in another state: a new version that the gateway itself writes."""

from collections.abc import Sequence
from typing import Final

from gateway.access.actor import Actor
from gateway.access.scopes import Scopes
from gateway.events.follow import ALERT, ERROR, OFF, STATES
from gateway.events.guard import TYPE
from gateway.events.subscriber import Subscriber
from gateway.fhir.codec import encode
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.door import Door
from gateway.store.records import StaleError, Statement

SCOPES: Final = Scopes.parse("ingest")


async def turn(  # noqa: PLR0913 - a state comes with these
    door: Door,
    subscriber: Subscriber,
    state: int,
    also: Sequence[Statement] = (),
    *,
    error: str = "",
    start: int | None = None,
) -> bool:
    """Return whether the Subscription got the state; not if its campus wrote it meanwhile."""
    campus = door.directory.campus_by_id(subscriber.campus)
    stored = door.store.current(TYPE, subscriber.id)
    rows = door.store.fetch("subscription", (subscriber.id,))
    if campus is None or stored is None or stored.deleted or not rows:
        return False
    if rows[0][3] != subscriber.version:
        return False
    resource = {name: value for name, value in stored.resource().items() if name != "error"}
    resource["status"] = STATES[state]
    if error:
        resource["error"] = error
    now = door.clock()
    start = 0 if state == OFF else subscriber.start if start is None else start
    statements: list[Statement] = [
        ("subscription_turn", (state, start, now, error, subscriber.id)),
        (alert if state == ERROR else settled)(subscriber, error, now),
        *also,
    ]
    change = Change(TYPE, subscriber.id, encode(resource), stored.version, (campus.id, campus.code))
    actor = Actor(0, campus.id, campus.code, SCOPES, name="subscriptions")
    extras = Extras(
        statements=statements,
        unchanged=[("subscription_version", (subscriber.id,), subscriber.version)],
        reason=f"subscription: {STATES[state]}",
        trusted=True,
    )
    try:
        await commit(door, actor, [change], extras)
    except StaleError:
        return False
    subscriber.state, subscriber.start, subscriber.sent = state, start, now
    subscriber.error = error
    subscriber.failures, subscriber.failing, subscriber.due = 0, None, None
    return True


def alert(subscriber: Subscriber, text: str, now: int) -> Statement:
    """Return the statement that has somebody see to a subscription."""
    place = f"{TYPE}/{subscriber.id}"
    return "alert_raise", (ALERT, place, subscriber.campus, text, now, now)


def settled(subscriber: Subscriber, _: str, now: int) -> Statement:
    """Return the statement that puts the alert away."""
    return "alert_close", (now, ALERT, f"{TYPE}/{subscriber.id}")
