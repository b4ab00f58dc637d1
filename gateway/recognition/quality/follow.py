"""A result gets its mark in the transaction in which it becomes final, and keeps it.

What is proven later of an older result, `gateway.recognition.quality.rounds` sees to.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.interactions.door import Door
from gateway.interactions.following import Event, Followed
from gateway.recognition.catalogue.registry import Catalogues
from gateway.recognition.quality import made
from gateway.recognition.quality.evidence import Evidence, Made
from gateway.recognition.quality.marks import When, frozen
from gateway.recognition.quality.registry import Evidences


class Freezing:
    """The follower."""

    def __init__(self, catalogues: Catalogues, evidences: Evidences) -> None:
        self._catalogues = catalogues
        self._evidences = evidences

    def follower(self, door: Door, events: Sequence[Event]) -> Followed:
        """Return what keeps the marks of results that became final."""
        followed = Followed()
        for one in events:
            if one.type in made.FINAL and one.after is not None and made.is_final(one.after):
                self._freeze(door, one, one.after, followed)
        return followed

    def _freeze(
        self, door: Door, event: Event, resource: Mapping[str, Any], followed: Followed
    ) -> None:
        claim = made.claimed(resource)
        if not claim and not self._evidences.any():
            return
        when = When(door.clock(), door.zone)
        found = self.made(event.campus, resource, when)
        if found is not None:
            statement = frozen(event.name, found, self.evidence(found), claim, when)
            followed.statements += [statement] if statement else []

    def evidence(self, found: Made) -> Sequence[Evidence]:
        """Return all evidence on the item of a result at its campus."""
        return self._evidences.of(found.campus, found.item)

    def made(self, campus: int, resource: Mapping[str, Any], when: When) -> Made | None:
        """Return how a result came about, None where it is of no item or has no time."""
        book = self._catalogues.at(when.now)
        item = book.of_result(resource) if book else None
        at = made.moment(resource, when.zone)
        if item is None or at is None:
            return None
        day = made.day_of(at, when.zone)
        where = made.laboratory(resource), made.instrument(resource)
        return Made(campus, item.code, at, day, *where, item.quality_days)
