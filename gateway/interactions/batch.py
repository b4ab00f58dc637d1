"""FHIR batch: each entry by itself; also the reads at the end of a transaction.

https://hl7.org/fhir/R4/http.html#transaction
"""

from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import GatewayError, InvalidRequestError
from gateway.fhir.codec import decode, encode
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions import conditional_create, conditional_delete, conditional_update
from gateway.interactions import patch as patching
from gateway.interactions.addresses import Addresses
from gateway.interactions.context import withhold
from gateway.interactions.create import create
from gateway.interactions.delete import delete
from gateway.interactions.door import Door
from gateway.interactions.entries import Entry, Sent, read_entry
from gateway.interactions.history import history, history_of_all, history_of_type
from gateway.interactions.look import READ, beside, detailed, look
from gateway.interactions.place import at
from gateway.interactions.read import is_known, read, vread
from gateway.interactions.references import leading
from gateway.interactions.results import EntryResult, Written
from gateway.interactions.search import search
from gateway.interactions.update import update

CREATED, OK, NO_CONTENT, NOT_MODIFIED = 201, 200, 204, 304
OF_THE_BUNDLE: Final = frozenset({"_format", "_pretty"})
"""How all that is answered is written."""

Params = list[tuple[str, str]]

Do = Callable[[Door, Actor, Entry], Awaitable[EntryResult]]


async def alone(
    door: Door, actor: Actor, index: int, sent: Sent, urls: AbstractSet[str]
) -> EntryResult:
    """Return what an entry became, be it an error; `urls` are what the batch calls its entries."""
    try:
        entry = read_entry(door, index, sent)
        _refuse_together(entry, urls)
    except GatewayError as error:
        return EntryResult(error.status, error=error)
    return await answered(door, actor, entry)


def _refuse_together(entry: Entry, urls: AbstractSet[str]) -> None:
    """Pass an entry that refers to none of its batch: stored so, it would lead nowhere."""
    if not urls or b"urn:" not in entry.body:
        return
    with at(entry.place):
        for place in leading(decode(entry.body), urls, entry.type):
            text = "In a batch no entry refers to another; in a transaction it may."
            raise InvalidRequestError(text, expression=place)


async def answered(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    """Return what an entry became, be it an error."""
    try:
        with at(entry.place):
            if entry.method in {"POST", "PUT"}:
                found = await Addresses(door, actor).resolved(entry.body)
                if found is not None:
                    entry = replace(entry, body=encode(found))
            return await _DO[entry.method](door, actor, entry)
    except GatewayError as error:
        return EntryResult(error.status, error=error)


def _told(written: Written) -> EntryResult:
    return EntryResult(CREATED if written.created else OK, written=written)


async def _posted(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    if entry.criteria:
        created = conditional_create.create(door, actor, entry.type, entry.body, entry.criteria)
        return _told(await created)
    return _told(await create(door, actor, entry.type, entry.body))


async def _put(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    if entry.criteria:
        return _told(
            await conditional_update.update(
                door, actor, entry.type, entry.body, entry.criteria, entry.given
            )
        )
    return _told(await update(door, actor, entry.type, entry.id, entry.body, entry.given))


async def _patched(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    patch = patching.of_entry(entry.body)
    if entry.criteria:
        return _told(
            await patching.patch_match(door, actor, entry.type, patch, entry.criteria, entry.given)
        )
    return _told(await patching.patch(door, actor, entry.type, entry.id, patch, entry.given))


async def _deleted(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    if entry.criteria:
        gone = conditional_delete.delete(door, actor, entry.type, entry.criteria, entry.given)
    else:
        gone = delete(door, actor, entry.type, entry.id, entry.given)
    return EntryResult(NO_CONTENT, stored=await gone)


async def _got(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    for name, _ in entry.query:
        if name in OF_THE_BUNDLE:
            raise InvalidRequestError(f"{name} goes with the bundle.", expression=f"http.{name}")
    shown = look(_type_shown(entry), entry.query)
    query = beside(shown, entry.query)
    is_one = entry.id and not entry.rest and entry.id != "_history"
    if is_one or entry.rest.startswith("_history/"):
        if query:
            raise InvalidRequestError(
                f"A read takes no parameter but {READ}.", expression=f"http.{query[0][0][:32]}"
            )
        found = await _got_one(door, actor, entry)
    else:
        found = await _got_many(door, actor, entry, detailed(shown, query))
    return replace(found, look=shown)


def _type_shown(entry: Entry) -> str:
    """Return of which type all is that an entry asks for, "" where there may be several."""
    type_ = entry.rest if entry.rest in {"*", *TYPE_IDS} else entry.type
    return type_ if type_ in TYPE_IDS else ""


async def _got_one(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    if entry.rest:
        version = entry.rest.removeprefix("_history/")
        stored = await vread(door, actor, entry.type, entry.id, version)
    else:
        stored = await read(door, actor, entry.type, entry.id)
    if is_known(door, stored, entry.given.if_none_match, entry.if_modified_since):
        return EntryResult(NOT_MODIFIED, stored=stored, is_bare=True)
    return EntryResult(OK, stored=stored, is_bare=entry.method == "HEAD")


async def _got_many(door: Door, actor: Actor, entry: Entry, query: Params) -> EntryResult:
    """Return a search or a history."""
    type_ = entry.type
    if "_history" not in {type_, entry.id, entry.rest}:
        place = "/".join(part for part in (type_, entry.id, entry.rest) if part)
        page = withhold(door, actor, await search(door, actor, place or "*", query))
        return EntryResult(OK, page=page, type=place)
    if entry.rest:
        page = await history(door, actor, type_, entry.id, query)
        return EntryResult(OK, page=page, type=type_, history=f"{type_}/{entry.id}")
    if entry.id:
        page = await history_of_type(door, actor, type_, query)
        return EntryResult(OK, page=page, type=type_, history=type_)
    page = await history_of_all(door, actor, query)
    return EntryResult(OK, page=page, history="")


_DO: Final[dict[str, Do]] = {
    "POST": _posted,
    "PUT": _put,
    "PATCH": _patched,
    "DELETE": _deleted,
    "GET": _got,
    "HEAD": _got,
}
