"""Notices that what a reminder was about is ordered all the same (§2.10.10).

The order that arrives is written down with the reminder, in the transaction that stores it, so
that no job can lose it. Whether a reminder is unanswered is told from that when it is asked: an
answer that comes later still counts.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.errors import InvalidRequestError
from gateway.fhir.codec import encode
from gateway.interactions.door import Door
from gateway.interactions.following import Event, Followed
from gateway.recognition.books import Books
from gateway.recognition.ledger.model import UNANSWERED_AFTER, Entry
from gateway.recognition.ledger.records import written
from gateway.recognition.model import Asked
from gateway.recognition.orders import Reading, order
from gateway.recognition.recall.change import whose
from gateway.recognition.recording import unpack
from gateway.store.standing import in_parts

FINAL: Final = frozenset({"active", "on-hold", "completed"})
PLANS: Final = frozenset({"proposal", "plan", "directive", "option"})
"""Intents of what is not ordered yet."""


class Ordering:
    """The follower; `books` says which item an order is of."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def follower(self, door: Door, events: Sequence[Event]) -> Followed:
        """Return what keeps that an order arrived after a reminder of its campus."""
        followed = Followed()
        arriving = [one for one in events if one.type == "ServiceRequest" and _arrives(one)]
        patients = {whose(one.after or {}) for one in arriving}
        if not (reminded := _any_reminded(door, patients)):
            return followed
        for one in arriving:
            patient = whose(one.after or {})
            if patient in reminded:
                self._arrived(door, one, _reminded(door, patient, one.campus), followed)
        return followed

    def _arrived(self, door: Door, event: Event, reminded: list[Any], followed: Followed) -> None:
        now = door.clock()
        asked = self._asked(door, event.after or {}, now)
        book = self._books.at(now)
        item = book.of_order(asked) if book else None
        for id_, code, body in reminded:
            if (item is not None and code == item.code) or _same_codes(asked, body):
                ticket = f"ordered|{id_}|{event.id}"
                entry = Entry(id_, "ordered", now, now, "", "", event.name, ticket)
                followed.statements.append(written(entry, 0))

    def _asked(self, door: Door, after: Mapping[str, Any], now: int) -> Asked:
        reading = Reading(door.zone, now)
        try:
            return reading.asked(order(encode(after), "ServiceRequest"), "ServiceRequest")
        except InvalidRequestError:
            # What cannot be understood is stored nevertheless; it answers no reminder.
            return Asked()


def _any_reminded(door: Door, patients: set[str]) -> set[str]:
    """Return all who are one human with somebody of whom any campus was lately reminded."""
    if not patients:
        return set()
    people = sorted(door.store.link_set(patients)[0])
    since = door.clock() - UNANSWERED_AFTER
    found = {
        id_
        for size, part in in_parts(people)
        for (id_,) in door.store.fetch(f"ledger_reminded_of_{size}", (since, *part))
    }
    return door.store.link_set(found)[0] if found else set()


def _reminded(door: Door, patient: str, campus: int) -> list[Any]:
    """Return what a campus was lately reminded of for a patient."""
    people, _ = door.store.link_set([patient])
    since = door.clock() - UNANSWERED_AFTER
    return [
        row
        for id_ in sorted(people)
        for row in door.store.fetch("ledger_reminded", (id_, since, campus))
    ]


def _arrives(event: Event) -> bool:
    if event.after is None:
        return False
    before = event.before
    was_there = before is not None and not before.deleted and _is_final(before.resource())
    return _is_final(event.after) and not was_there


def _is_final(resource: Mapping[str, Any]) -> bool:
    return resource.get("status") in FINAL and resource.get("intent") not in PLANS


def _same_codes(asked: Asked, body: bytes) -> bool:
    """Return whether the order bears a code under which the reminder was asked for."""
    if not asked.codes or not body:
        return False
    return not set(asked.codes).isdisjoint(unpack(body).decision.asked.codes)
