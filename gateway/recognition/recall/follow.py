"""Tells those who relied on a result what befalls it, in the transaction that stores it.

Asked of every write. New results interest nobody yet; of changed ones, one look into an index says
whether somebody relied on them.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from gateway.fhir.codec import decode
from gateway.interactions.door import Door
from gateway.interactions.following import Event, Followed
from gateway.interactions.links import HOLDERS, Holder, Links
from gateway.recognition.ledger.model import Stand
from gateway.recognition.recall.change import change_of, whose
from gateway.recognition.recall.parts import RESULTS, parts, wholes
from gateway.recognition.recall.specimen import SPECIMEN, spoilt
from gateway.recognition.recall.task import Cause
from gateway.recognition.recall.telling import Telling

_STUDY: Final = "ImagingStudy"


def follower(door: Door, events: Sequence[Event]) -> Followed:
    """Return the Tasks for results that are amended, withdrawn, deleted, moved or unlinked."""
    telling = Telling(door)
    for one in events:
        if one.type in RESULTS and not one.is_new:
            _befallen(door, one, telling)
        elif one.type == SPECIMEN:
            _spoilt(door, one, telling)
    holders = [one for one in events if one.type in HOLDERS and one.before is not None]
    if holders:
        _unlinked(door, events, telling)
    return telling.followed()


def recall_changes(door: Door, results: Iterable[str], reason: str) -> Followed:
    """Return what tells those who relied on results whose mark was recalled.

    `results` are names without version. The reason is shown, and tells one recall from the next:
    a portion that is done again with the same reason tells nobody twice.
    """
    telling = Telling(door)
    for name in results:
        cause = Cause("mark-recalled", name, 0, f"mark/{name}/{reason}", reason)
        telling.on([name, *_around(door, name)], cause)
    return telling.followed()


def _befallen(door: Door, event: Event, telling: Telling) -> None:
    assert event.before is not None  # noqa: S101 - it is not new
    before = decode(event.before.json())
    kind = change_of(before, event.after)
    if not kind:
        return
    cause = Cause(kind, event.name, event.version, f"{event.name}/_history/{event.version}")
    names = {event.name: None, **dict.fromkeys(chain(parts(before), parts(event.after or {})))}
    if event.type == "Observation":
        names |= dict.fromkeys(wholes(door.store, event.id))
    telling.on(names, cause)
    if event.type == _STUDY:
        # A report names its study, and no index leads back.
        patients = door.store.link_set([whose(before)])[0]
        telling.of(sorted(patients), lambda one: cause if _names(door, one, event.name) else None)


def _spoilt(door: Door, event: Event, telling: Telling) -> None:
    """Tell those who relied on results of a specimen that is found to be unfit."""
    cause = Cause("amended", event.name, event.version, f"{event.name}/_history/{event.version}")
    for name in spoilt(door.store, event):
        telling.on([name, *wholes(door.store, name.partition("/")[2])], cause)


def _around(door: Door, name: str) -> Iterator[str]:
    type_, _, id_ = name.partition("/")
    stored = door.store.current(type_, id_)
    if stored is not None and not stored.deleted:
        yield from parts(decode(stored.json()))
    if type_ == "Observation":
        yield from wholes(door.store, id_)


def _names(door: Door, one: Stand, study: str) -> bool:
    type_, _, id_ = (one.result or "").partition("/")
    stored = door.store.current(type_, id_)
    return stored is not None and not stored.deleted and study in parts(decode(stored.json()))


def _unlinked(door: Door, events: Sequence[Event], telling: Telling) -> None:
    """Tell those who relied on a result of a Patient who is certainly the same no more."""
    links = Links(door, events)
    lost = links.lost()
    if not lost:
        return
    versions = {(one.type, one.id): one.version for one in events}
    before = links.before(set().union(*lost.values()))
    after = {id_: links.after(id_) for id_ in before}

    def pick(one: Stand) -> Cause | None:
        other = _whose(door, one)
        if other not in before or other in after[one.patient]:
            return None
        holder = _cut(lost, one.patient, other)
        name = "/".join(holder)
        return Cause("unlinked", name, 0, f"{name}/_history/{versions[holder]}")

    telling.of(sorted(before), pick)


def _cut(lost: dict[Holder, set[str]], *ids: str) -> Holder:
    """Return the holder that let go of one of two Patients, else the first that let go."""
    return min(lost, key=lambda holder: (lost[holder].isdisjoint(ids), holder))


def _whose(door: Door, one: Stand) -> str:
    type_, _, id_ = (one.result or "").partition("/")
    stored = door.store.current(type_, id_)
    if stored is None or stored.deleted:
        return ""
    return whose(decode(stored.json()))
