"""FHIR read and vread.

https://hl7.org/fhir/R4/http.html#read
"""

import re
from email.utils import parsedate_to_datetime
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import GoneError, NotFoundError
from gateway.fhir.dates import interval
from gateway.interactions import audit_view, published_view
from gateway.interactions.context import is_closed
from gateway.interactions.door import Door, require
from gateway.interactions.record import record
from gateway.store.stored import Stored

VERSION = re.compile(r"\d{1,9}", re.ASCII)
SECOND: Final = 1_000_000
TICKS: Final = 10
"""Of a date's bounds in a microsecond."""


async def read(door: Door, actor: Actor, type_: str, id_: str) -> Stored:
    """Return the current version; NotFoundError if there is none to see, GoneError if deleted."""
    require(actor, type_, "r")
    stored = door.store.current(type_, id_) or _beside(door, actor, type_, id_)
    if (
        stored is None
        or not door.store.may_read(stored, door.viewer(actor))
        or is_closed(door, actor, stored)
    ):
        raise NotFoundError(f"There is no such {type_}.")
    await record(door, actor, "R", (stored,))
    if stored.deleted:
        raise GoneError(f"This {type_} was deleted.")
    return stored


async def vread(door: Door, actor: Actor, type_: str, id_: str, version: str) -> Stored:
    """Return one version; the right to read it is that of the current one."""
    require(actor, type_, "r")
    current = door.store.current(type_, id_) or published_view.find(type_, id_)
    if current is None or not door.store.may_read(current, door.viewer(actor)):
        raise NotFoundError(f"There is no such {type_}.")
    number = int(version) if VERSION.fullmatch(version) else 0
    stored = _version(door, current, number)
    if stored is None or is_closed(door, actor, stored) or is_closed(door, actor, current):
        raise NotFoundError(f"This {type_} has no such version.")
    await record(door, actor, "R", (current,), f"_history/{number}")
    if stored.deleted:
        raise GoneError(f"With this version the {type_} was deleted.")
    return stored


def is_known(door: Door, stored: Stored, none_match: str, modified_since: str) -> bool:
    """Return whether the caller's copy is this version (RFC 9110 §13.2.2)."""
    if none_match:
        ours = f'"{stored.version}"'
        return any(tag.strip().removeprefix("W/") in {ours, "*"} for tag in none_match.split(","))
    if not modified_since:
        return False
    try:
        begin, end = _span(door, modified_since)
    except (ValueError, OverflowError):
        # RFC 9110 §13.1.3: what is no date is ignored.
        return False
    if stored.row < begin or stored.version == 1:
        return stored.row < end
    # Of two versions within one second the date tells neither from the other (§8.8.2.2).
    before = _version(door, stored, stored.version - 1)
    return stored.row < end and before is not None and before.row < begin


def _span(door: Door, text: str) -> tuple[int, int]:
    """Return the microseconds that a header's date, or a bundle's instant, may stand for."""
    if text[:1].isdigit():
        lo, hi = interval(text, door.zone)
        return -(-lo // TICKS), -(-hi // TICKS)
    begin = int(parsedate_to_datetime(text).timestamp())
    return begin * SECOND, (begin + 1) * SECOND


def _beside(door: Door, actor: Actor, type_: str, id_: str) -> Stored | None:
    """Return what is there without having been stored: the audit, R4's own definitions."""
    if type_ == audit_view.TYPE:
        return audit_view.find(door, actor, id_)
    return published_view.find(type_, id_)


def _version(door: Door, current: Stored, number: int) -> Stored | None:
    if current.key < 0:
        return current if number == current.version else None
    return door.store.version(current.type, current.id, number)
