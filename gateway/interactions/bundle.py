"""FHIR batch and transaction.

https://hl7.org/fhir/R4/http.html#transaction. A transaction is one commit; in a batch each entry
stands alone. Errors name their entry.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from os.path import commonprefix
from typing import Final, Self
from urllib.parse import parse_qsl, unquote

import msgspec

from gateway.access.actor import Actor
from gateway.errors import (
    GatewayError,
    InvalidRequestError,
    InvalidResourceError,
    NotSupportedError,
    TooLargeError,
)
from gateway.fhir.codec import decode_exact, encode
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.audit_view import refuse_write
from gateway.interactions.commit import Change, commit
from gateway.interactions.create import create, locate
from gateway.interactions.delete import delete
from gateway.interactions.door import Door, require
from gateway.interactions.history import history
from gateway.interactions.keys import claims
from gateway.interactions.place import at
from gateway.interactions.prepare import Seen, inspect
from gateway.interactions.read import read, vread
from gateway.interactions.references import rewritten
from gateway.interactions.results import EntryResult
from gateway.interactions.retry import retried
from gateway.interactions.search import search
from gateway.interactions.update import ID, expected, update

MAX_ENTRIES: Final = 5_000
ORDER: Final = {"DELETE": 0, "POST": 1, "PUT": 2, "GET": 3, "HEAD": 3}
READS: Final = frozenset({"GET", "HEAD"})
CREATED, OK, NO_CONTENT = 201, 200, 204


class _Request(msgspec.Struct):
    method: str = ""
    url: str = ""
    ifMatch: str = ""  # noqa: N815 - R4's names
    ifNoneExist: str = ""  # noqa: N815
    ifNoneMatch: str = ""  # noqa: N815
    ifModifiedSince: str = ""  # noqa: N815


class _Entry(msgspec.Struct):
    fullUrl: str = ""  # noqa: N815
    request: _Request | None = None
    resource: msgspec.Raw = msgspec.Raw()


class _Bundle(msgspec.Struct):
    type: str = ""
    entry: list[_Entry] = []


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of a bundle. `id` is empty for a create; `query` holds a search's parameters."""

    index: int
    method: str
    type: str
    id: str
    rest: str  # what follows the id: _history, _history/3
    query: list[tuple[str, str]]
    if_match: str
    full_url: str
    body: bytes

    @property
    def place(self) -> str:
        """Where it stands in the bundle."""
        return f"Bundle.entry[{self.index}]"


Do = Callable[[Door, Actor, Entry], Awaitable[EntryResult]]


async def bundle(door: Door, actor: Actor, body: bytes) -> tuple[str, list[EntryResult]]:
    """Return the bundle's type and what each entry became, in the order sent."""
    found = parse(body)
    numbered = tuple(enumerate(found.entry))
    if found.type == "batch":
        return found.type, [await _alone(door, actor, *one) for one in numbered]
    entries = [_entry(door, *one) for one in numbered]

    async def attempt() -> list[EntryResult]:
        return await _together(door, actor, entries)

    return found.type, await retried(attempt)


def parse(body: bytes) -> _Bundle:
    """Return a bundle's type and its entries."""
    try:
        found = msgspec.json.decode(body, type=_Bundle)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        inspect(body, "Bundle")  # says what is wrong, if R4's structure is
        raise InvalidResourceError("The body is not a Bundle.", expression="Bundle") from error
    if found.type not in {"batch", "transaction"}:
        raise InvalidRequestError(
            "Bundle.type must be batch or transaction.", expression="Bundle.type"
        )
    if len(found.entry) > MAX_ENTRIES:
        raise TooLargeError(
            f"A bundle has at most {MAX_ENTRIES} entries.", expression="Bundle.entry"
        )
    return found


def _entry(door: Door, index: int, entry: _Entry) -> Entry:
    """Return one request of a bundle; an error names it."""
    place = f"Bundle.entry[{index}]"
    request = entry.request
    if request is None or request.method not in {*ORDER, "PATCH"}:
        raise InvalidRequestError("The entry has no request to do.", expression=f"{place}.request")
    if (
        request.method == "PATCH"
        or request.ifNoneExist
        or request.ifNoneMatch
        or request.ifModifiedSince
    ):
        raise NotSupportedError(
            "Conditional requests and PATCH are not supported.", expression=f"{place}.request"
        )
    address, _, query = request.url.removeprefix(f"{door.base}/").lstrip("/").partition("?")
    type_, _, rest = unquote(address).partition("/")
    id_, _, rest = rest.partition("/")
    if type_ not in TYPE_IDS:
        raise InvalidRequestError(
            "The url names no R4 resource type.", expression=f"{place}.request.url"
        )
    _check_url(request.method, id_, rest or query, f"{place}.request.url")
    if request.method in {"PUT", "POST"} and not bytes(entry.resource):
        raise InvalidRequestError("The entry has no resource.", expression=f"{place}.resource")
    return Entry(
        index=index,
        method=request.method,
        type=type_,
        id=id_,
        rest=rest,
        query=_query(query, place),
        if_match=request.ifMatch,
        full_url=entry.fullUrl,
        body=bytes(entry.resource),
    )


def _check_url(method: str, id_: str, rest: str, place: str) -> None:
    """Pass an address that the method can have: Type for a POST, Type/id for PUT and DELETE."""
    if method == "POST" and (id_ or rest):
        raise NotSupportedError("POST takes a type alone.", expression=place)
    if method in {"PUT", "DELETE"} and (rest or not ID.fullmatch(id_)):
        raise NotSupportedError(f"{method} takes Type/id.", expression=place)


def _query(text: str, place: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidRequestError(
            "The url's query is not UTF-8.", expression=f"{place}.request.url"
        ) from error


# Together: a transaction.


@dataclass(frozen=True, slots=True)
class Addresses:
    """What the fullUrls of a transaction became. `begin` is what all of them begin with."""

    found: dict[str, str]
    begin: bytes

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        """Return the addresses of what is created or updated."""
        found = {
            entry.full_url: f"{entry.type}/{entry.id}"
            for entry in entries
            if entry.full_url and entry.method in {"POST", "PUT"}
        }
        return cls(found, commonprefix(list(found)).encode())  # noqa: RUF071 - no path of files

    def resolved(self, body: bytes) -> bytes:
        """Return the body with references by fullUrl rewritten; itself where there are none."""
        if self.begin not in body or not any(one.encode() in body for one in self.found):
            return body
        return encode(rewritten(decode_exact(body), self.found))


async def _together(door: Door, actor: Actor, entries: Sequence[Entry]) -> list[EntryResult]:
    results: dict[int, EntryResult] = {}
    placed = [_place(door, actor, entry) for entry in entries]
    _check_unique([one for one, _ in placed])
    addresses = Addresses.of(entry for entry, _ in placed)
    writes = sorted(
        (one for one in placed if one[0].method not in READS),
        key=lambda one: ORDER[one[0].method],
    )
    changes: list[Change] = []
    kept: list[Entry] = []
    for entry, seen in writes:
        change = _change(door, actor, entry, seen, addresses)
        if change is None:
            results[entry.index] = EntryResult(NO_CONTENT)
        else:
            changes.append(change)
            kept.append(entry)
    written = await commit(door, actor, changes)
    for entry, one in zip(kept, written, strict=True):
        if entry.method == "DELETE":
            results[entry.index] = EntryResult(NO_CONTENT, stored=one.stored)
        else:
            results[entry.index] = EntryResult(CREATED if one.created else OK, written=one)
    for entry, _ in placed:
        if entry.index not in results:
            results[entry.index] = await _answered(_got, door, actor, entry)
    return [results[index] for index in range(len(entries))]


def _place(door: Door, actor: Actor, entry: Entry) -> tuple[Entry, Seen | None]:
    """Return the entry with the id that its resource has or gets, and its resource."""
    if entry.method not in {"POST", "PUT"}:
        return entry, None
    with at(entry.place):
        seen = inspect(entry.body, entry.type)
        if entry.method == "PUT":
            if seen[0].get("id") != entry.id:
                raise InvalidRequestError(
                    "The id in the resource must be the one in the url.",
                    expression=f"{entry.type}.id",
                )
            return entry, seen
        require(actor, entry.type, "c")
        id_ = locate(door, actor, entry.type, claims(seen[0], actor.code))
        return replace(entry, id=id_), seen


def _check_unique(entries: Sequence[Entry]) -> None:
    seen: dict[tuple[str, str], int] = {}
    for entry in entries:
        name = entry.type, entry.id
        if (
            entry.method in {"POST", "PUT", "DELETE"}
            and seen.setdefault(name, entry.index) != entry.index
        ):
            raise InvalidRequestError(
                f"The entry writes the resource that entry {seen[name]} writes.",
                expression=f"Bundle.entry[{entry.index}]",
            )


def _change(
    door: Door, actor: Actor, entry: Entry, seen: Seen | None, addresses: Addresses
) -> Change | None:
    """Return what an entry writes; None for a delete of what the caller does not see."""
    expect = None
    with at(entry.place):
        refuse_write(entry.type, entry.id)
        if entry.method == "DELETE":
            require(actor, entry.type, "d")
            current = door.store.current(entry.type, entry.id)
            if current is None or not door.store.may_read(current, door.viewer(actor)):
                return None
        if entry.if_match:
            expect = expected(entry.if_match, door.store.current(entry.type, entry.id))
    if entry.method == "DELETE":
        return Change(entry.type, entry.id, None, expect, place=entry.place)
    body = addresses.resolved(entry.body)
    if body is not entry.body:
        seen = None
    return Change(entry.type, entry.id, body, expect, seen=seen, place=entry.place)


# Alone: an entry of a batch.


async def _alone(door: Door, actor: Actor, index: int, sent: _Entry) -> EntryResult:
    try:
        entry = _entry(door, index, sent)
    except GatewayError as error:
        return EntryResult(error.status, error=error)
    return await _answered(_DO[entry.method], door, actor, entry)


async def _answered(do: Do, door: Door, actor: Actor, entry: Entry) -> EntryResult:
    """Return what an entry became, be it an error."""
    try:
        with at(entry.place):
            return await do(door, actor, entry)
    except GatewayError as error:
        return EntryResult(error.status, error=error)


async def _posted(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    written = await create(door, actor, entry.type, entry.body)
    return EntryResult(CREATED if written.created else OK, written=written)


async def _put(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    written = await update(door, actor, entry.type, entry.id, entry.body, entry.if_match)
    return EntryResult(CREATED if written.created else OK, written=written)


async def _deleted(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    return EntryResult(
        NO_CONTENT, stored=await delete(door, actor, entry.type, entry.id, entry.if_match)
    )


async def _got(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    if not entry.id:
        page = await search(door, actor, entry.type, entry.query)
        return EntryResult(OK, page=page, type=entry.type)
    if entry.rest == "_history":
        page = await history(door, actor, entry.type, entry.id, entry.query)
        return EntryResult(OK, page=page, type=entry.type)
    if entry.rest.startswith("_history/"):
        version = entry.rest.removeprefix("_history/")
        return EntryResult(OK, stored=await vread(door, actor, entry.type, entry.id, version))
    if entry.rest:
        raise InvalidRequestError("The url leads nowhere.", expression=f"{entry.type}")
    return EntryResult(OK, stored=await read(door, actor, entry.type, entry.id))


_DO: dict[str, Do] = {
    "POST": _posted,
    "PUT": _put,
    "DELETE": _deleted,
    "GET": _got,
    "HEAD": _got,
}
