"""What a campus's write to a Subscription makes of how it is told, in the same transaction."""

from collections.abc import Sequence
from typing import Final

from gateway.events.guard import TYPE, is_kept
from gateway.fhir.codec import decode
from gateway.interactions.door import Door
from gateway.interactions.following import Event, Followed

TOPIC: Final = "subscription"
"""Notices of Subscriptions that were written, by id."""
ALERT: Final = "subscription"
REQUESTED, ACTIVE, ERROR, OFF = range(4)
STATES: Final = ("requested", "active", "error", "off")
"""The codes of the states, in the order of their numbers."""


def follower(door: Door, events: Sequence[Event]) -> Followed:
    """Return what is kept of the Subscriptions among some changes."""
    followed = Followed()
    for event in events:
        if event.type == TYPE and not event.trusted:
            _take(door, event, followed)
    return followed


def _take(door: Door, event: Event, followed: Followed) -> None:
    after, id_ = event.after, event.id
    followed.notices.append((TOPIC, id_))
    if after is None:
        followed.statements += [
            ("subscription_events_drop", (id_,)),
            ("subscription_drop", (id_,)),
        ]
    elif after.get("status") in {STATES[REQUESTED], STATES[OFF]}:
        state = STATES.index(after["status"])
        put = (id_, event.campus, event.token, event.version, state)
        followed.statements.append(("subscription_put", put))
    elif event.before and is_kept(decode(event.before.json()), after):
        followed.statements.append(("subscription_kept", (event.token, event.version, id_)))
    if after is None or after.get("status") == STATES[OFF]:
        closed = (door.clock(), ALERT, f"{TYPE}/{id_}")
        followed.statements.append(("alert_close", closed))
