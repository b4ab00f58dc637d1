"""Which Patients will certainly be one human after a write, and which were before."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gateway.fhir.definitions import TYPE_IDS, TYPE_NAMES
from gateway.identity.persons import linked
from gateway.interactions.certain import campus_of, replaced_by
from gateway.interactions.door import Door
from gateway.interactions.following import Event
from gateway.store.standing import joined_by

HOLDERS: Final = frozenset({"Person", "Patient"})
"""What joins Patients: Persons, and Patients that a merge of their campus replaced."""
_PATIENT: Final = TYPE_IDS["Patient"]
_REPLACED: Final = b'"replaced-by"'

Holder = tuple[str, str]


class Links:
    """Links before and after the events of a commit."""

    def __init__(self, door: Door, events: Sequence[Event]) -> None:
        self._store = door.store
        here = {one.id: one.campus for one in events if one.type == "Patient"}
        self._after = {
            (one.type, one.id): _joined_after(door, one, here)
            for one in events
            if one.type in HOLDERS
        }
        self._new = {(one.type, one.id) for one in events if one.type in HOLDERS and one.is_new}
        self._known: dict[Holder, set[str]] = {}

    def changed(self) -> set[str]:
        """Return the Patients whom a changed holder joins, or did."""
        found = ((self._before(holder), after) for holder, after in self._after.items())
        return {id_ for before, after in found if before != after for id_ in before | after}

    def lost(self) -> dict[Holder, set[str]]:
        """Return the Patients that a changed holder joins no more, by holder."""
        found = {holder: self._before(holder) - after for holder, after in self._after.items()}
        return {holder: ids for holder, ids in found.items() if ids}

    def before(self, ids: Iterable[str]) -> set[str]:
        """Return the link set as it stands."""
        return self._store.link_set(ids)[0]

    def after(self, id_: str) -> set[str]:
        """Return the link set as it will be."""
        seen, todo, walked = {id_}, [id_], set[Holder]()
        while todo:
            for holder in self._holders(todo.pop()) - walked:
                walked.add(holder)
                fresh = self._members(holder) - seen
                seen |= fresh
                todo += fresh
        return seen

    def _holders(self, id_: str) -> set[Holder]:
        found = {holder for holder, ids in self._after.items() if id_ in ids}
        for (key,) in self._store.fetch("key_id", (_PATIENT, id_)):
            for (holder,) in self._store.fetch("holders_of", (key,)):
                type_, name = self._store.fetch("key_name", (holder,))[0]
                found.add((TYPE_NAMES[type_], name))
        return {one for one in found if id_ in self._members(one)}

    def _members(self, holder: Holder) -> set[str]:
        return self._after[holder] if holder in self._after else self._before(holder)

    def _before(self, holder: Holder) -> set[str]:
        if holder in self._new:
            return set()
        if holder not in self._known:
            # Whoever asks about one that changes asks about the others too.
            asked = {holder, *(self._after.keys() - self._new)}
            self._known |= {one: set() for one in asked} | joined_by(self._store, asked)
        return self._known[holder]


def _joined_after(door: Door, event: Event, here: Mapping[str, int]) -> set[str]:
    """Return the Patients that a Person or Patient will certainly join."""
    if event.after is None:
        return set()
    if event.type == "Person":
        return set(linked(event.after))
    # As in `gateway.interactions.certain`: a campus merges its own Patients alone.
    named = replaced_by(event.after, door.base)
    others = {id_ for id_ in named if campus_of(door, here, id_) == event.campus}
    return {event.id, *others} if others else set()


def may_link(event: Event) -> bool:
    """Return whether a change may join or part Patients: seen at a glance."""
    if event.type == "Person":
        return True
    if event.type != "Patient":
        return False
    stood = event.before.json() if event.before is not None else b""
    return _REPLACED in event.body or _REPLACED in stood
