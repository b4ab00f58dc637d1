"""FHIR batch and transaction.

https://hl7.org/fhir/R4/http.html#transaction. A transaction is one commit; in a batch each entry
stands alone. Errors name their entry.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, unquote

import msgspec

from gateway.access.actor import Actor
from gateway.errors import (
    GatewayError,
    InvalidRequestError,
    InvalidResourceError,
    Issue,
    NotSupportedError,
    TooLargeError,
)
from gateway.fhir.codec import decode_exact, encode
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.commit import Change, commit
from gateway.interactions.create import create, locate
from gateway.interactions.delete import delete
from gateway.interactions.door import Door, require
from gateway.interactions.history import history
from gateway.interactions.keys import claims
from gateway.interactions.prepare import inspect
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


async def bundle(door: Door, actor: Actor, body: bytes) -> tuple[str, list[EntryResult]]:
    """Return the bundle's type and what each entry became, in the order sent."""
    kind, entries = parse(door, body)
    if kind == "batch":
        return kind, [await _alone(door, actor, entry) for entry in entries]

    async def attempt() -> list[EntryResult]:
        return await _together(door, actor, entries)

    return kind, await retried(attempt)


def parse(door: Door, body: bytes) -> tuple[str, list[Entry]]:
    """Return a bundle's type and its requests; InvalidRequestError names the entry."""
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
    return found.type, [_entry(door, index, entry) for index, entry in enumerate(found.entry)]


def _entry(door: Door, index: int, entry: _Entry) -> Entry:
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
    if request.method in {"PUT", "DELETE"} and (query or not ID.fullmatch(id_)):
        raise NotSupportedError(
            f"{request.method} takes Type/id.", expression=f"{place}.request.url"
        )
    if request.method in {"PUT", "POST"} and not bytes(entry.resource):
        raise InvalidRequestError("The entry has no resource.", expression=f"{place}.resource")
    return Entry(
        index=index,
        method=request.method,
        type=type_,
        id="" if request.method == "POST" else id_,
        rest=rest,
        query=parse_qsl(query, keep_blank_values=True),
        if_match=request.ifMatch,
        full_url=entry.fullUrl,
        body=bytes(entry.resource),
    )


# Together: a transaction.


async def _together(door: Door, actor: Actor, entries: Sequence[Entry]) -> list[EntryResult]:
    results: dict[int, EntryResult] = {}
    placed = [_place(door, actor, entry) for entry in entries]
    _check_unique(placed)
    addresses = {
        entry.full_url: f"{entry.type}/{entry.id}"
        for entry in placed
        if entry.full_url and entry.method in {"POST", "PUT"}
    }
    writes = sorted(
        (
            entry
            for entry in placed
            if entry.method not in READS and _has_effect(door, actor, entry)
        ),
        key=lambda entry: ORDER[entry.method],
    )
    changes = [_change(door, entry, addresses) for entry in writes]
    written = await commit(door, actor, changes)
    for entry, one in zip(writes, written, strict=True):
        if entry.method == "DELETE":
            results[entry.index] = EntryResult(NO_CONTENT, stored=one.stored)
        else:
            results[entry.index] = EntryResult(CREATED if one.created else OK, written=one)
    for entry in placed:
        if entry.index in results:
            continue
        if entry.method == "DELETE":
            results[entry.index] = EntryResult(NO_CONTENT)
        else:
            results[entry.index] = await _got(door, actor, entry)
    return [results[index] for index in range(len(entries))]


def _place(door: Door, actor: Actor, entry: Entry) -> Entry:
    """Return the entry with the id that its resource has or gets."""
    if entry.method not in {"POST", "PUT"}:
        return entry
    with _named(entry):
        resource, _ = inspect(entry.body, entry.type)
        if entry.method == "PUT":
            if resource.get("id") != entry.id:
                raise InvalidRequestError(
                    "The id in the resource must be the one in the url.",
                    expression=f"{entry.type}.id",
                )
            return entry
        require(actor, entry.type, "c")
        return replace(entry, id=locate(door, actor, entry.type, claims(resource, actor.code)))


def _has_effect(door: Door, actor: Actor, entry: Entry) -> bool:
    """Return whether there is something to do: what is not there to see needs no delete."""
    if entry.method != "DELETE":
        return True
    current = door.store.current(entry.type, entry.id)
    return current is not None and door.store.may_read(current, door.viewer(actor))


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


def _change(door: Door, entry: Entry, addresses: dict[str, str]) -> Change:
    expect = None
    with _named(entry):
        if entry.if_match:
            expect = expected(entry.if_match, door.store.current(entry.type, entry.id))
    if entry.method == "DELETE":
        return Change(entry.type, entry.id, None, expect)
    body = entry.body
    if any(address.encode() in body for address in addresses):
        body = encode(rewritten(decode_exact(body), addresses))
    return Change(entry.type, entry.id, body, expect)


# Alone: an entry of a batch.


async def _alone(door: Door, actor: Actor, entry: Entry) -> EntryResult:
    try:
        with _named(entry):
            return await _DO[entry.method](door, actor, entry)
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
    with _named(entry):
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


_DO: dict[str, Callable[[Door, Actor, Entry], Awaitable[EntryResult]]] = {
    "POST": _posted,
    "PUT": _put,
    "DELETE": _deleted,
    "GET": _got,
    "HEAD": _got,
}


class _named:  # noqa: N801 - read as a statement
    """Gives every issue of an error inside the place of its entry."""

    def __init__(self, entry: Entry) -> None:
        self._place = f"Bundle.entry[{entry.index}]"

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Put the entry before each place."""
        if isinstance(error, GatewayError):
            error.issues = tuple(self._placed(issue) for issue in error.issues)
            error.expression = error.issues[0].expression

    def _placed(self, issue: Issue) -> Issue:
        if issue.expression.startswith("Bundle.entry["):
            return issue
        inner = f".resource.{issue.expression}" if issue.expression else ""
        return replace(issue, expression=f"{self._place}{inner}")
