"""Bundles, joined from stored bytes: no resource is parsed to be sent.

https://hl7.org/fhir/R4/bundle.html
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from gateway.fhir.codec import encode
from gateway.fhir.definitions import TYPE_NAMES
from gateway.fhir.outcome import operation_outcome
from gateway.interactions.look import WHOLE, Look
from gateway.interactions.origin import request_of
from gateway.interactions.results import EntryResult, Page, Written
from gateway.store.body import instant
from gateway.store.stored import Stored

FOUND: Final = b',"search":{"mode":"match"}}'
INCLUDED: Final = b',"search":{"mode":"include"}}'
PLAIN: Final = re.compile(r"[\w.~,:|/-]*", re.ASCII)


def searchset(page: Page, base: str, place: str, look: Look = WHOLE) -> bytes:
    """Return a page of a search; `place` is what was searched, as it follows the base."""
    shown = look.json if look.params else Stored.json
    entries = [
        b"".join((_root(base, one.type_id), one.id.encode(), b'","resource":', shown(one), end))
        for end, found in ((FOUND, page.matches), (INCLUDED, page.includes))
        for one in found
    ]
    if page.notes:
        outcome = encode(operation_outcome(page.notes))
        entries.append(b'{"resource":%b,"search":{"mode":"outcome"}}' % outcome)
    links = _links(page, f"{base}/{place}".rstrip("/"), look)
    return _bundle("searchset", entries, links=links, total=page.total)


@lru_cache(1_024)
def _root(base: str, type_: int) -> bytes:
    """Return how the entry of a type begins."""
    return f'{{"fullUrl":"{base}/{TYPE_NAMES[type_]}/'.encode()


def history(page: Page, base: str, address: str, look: Look = WHOLE) -> bytes:
    """Return a page of a history; `address` is Type/id, Type, or "" for all."""
    entries = [_version(base, stored, look) for stored in page.matches]
    place = f"{base}/{address}/_history" if address else f"{base}/_history"
    links = _links(page, place, look)
    return _bundle("history", entries, links=links, total=page.total)


def collection(resources: Iterable[Stored], base: str) -> bytes:
    """Return resources as they stand."""
    entries = [
        b'{"fullUrl":"%b","resource":%b}'
        % (f"{base}/{stored.type}/{stored.id}".encode(), stored.json())
        for stored in resources
    ]
    return _bundle("collection", entries)


def responses(
    kind: str, results: Sequence[EntryResult], base: str, *, with_resources: bool
) -> bytes:
    """Return the answer to a batch or transaction (`kind`), an entry for each of theirs."""
    return _bundle(
        f"{kind}-response",
        [_response(result, base, with_resources=with_resources) for result in results],
    )


def _bundle(
    kind: str, entries: Iterable[bytes], *, links: str = "", total: int | None = None
) -> bytes:
    count = "" if total is None else f',"total":{total}'
    head = f'{{"resourceType":"Bundle","type":"{kind}"{count}{links}'.encode()
    joined = b",".join(entries)
    # An empty array is no valid FHIR.
    return b'%b,"entry":[%b]}' % (head, joined) if joined else head + b"}"


def _links(page: Page, address: str, look: Look) -> str:
    query = _query((*page.applied, *look.params))
    own = f"{address}?{query}" if query else address
    links = f',"link":[{{"relation":"self","url":"{own}"}}'
    if page.next:
        shown = f"&{_query(look.params)}" if look.params else ""
        links += f',{{"relation":"next","url":"{address}?_page={page.next}{shown}"}}'
    return links + "]"


def _query(params: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in params)


@lru_cache(4_096)
def _quoted(text: str) -> str:
    """Return a part of a query; most are plain, and `quote` takes its time."""
    return text.replace("|", "%7C") if PLAIN.fullmatch(text) else quote(text, safe=",:/")


def _version(base: str, stored: Stored, look: Look) -> bytes:
    method, url, status = request_of(stored)
    resource = b"" if stored.deleted else b'"resource":%b,' % look.json(stored)
    head = f'{{"fullUrl":"{base}/{stored.type}/{stored.id}",'.encode()
    request = f'"request":{{"method":"{method}","url":"{url}"}},"response":{{'.encode()
    return b"%b%b%b%b}}" % (head, resource, request, _told(status, stored))


def _told(status: int, stored: Stored) -> bytes:
    return (
        f'"status":"{_status(status)}","etag":"W/\\"{stored.version}\\"",'
        f'"lastModified":"{instant(stored.row)}"'
    ).encode()


def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def _response(result: EntryResult, base: str, *, with_resources: bool) -> bytes:
    if result.error is not None:
        outcome = encode(operation_outcome(result.error.issues))
        return b'{"response":{"status":"%b","outcome":%b}}' % (
            _status(result.status).encode(),
            outcome,
        )
    if result.page is not None:
        return b'{"resource":%b,"response":{"status":"%b"}}' % (
            searchset(result.page, base, result.type, result.look)
            if result.history is None
            else history(result.page, base, result.history, result.look),
            _status(result.status).encode(),
        )
    if result.written is not None:
        return _written(result.status, result.written, base, with_resources=with_resources)
    if result.stored is None:
        return b'{"response":{"status":"%b"}}' % _status(result.status).encode()
    untold = result.stored.deleted or result.is_bare
    resource = b"" if untold else b'"resource":%b,' % result.look.json(result.stored)
    return b'{%b"response":{%b}}' % (resource, _told(result.status, result.stored))


def _written(status: int, written: Written, base: str, *, with_resources: bool) -> bytes:
    stored = written.stored
    address = f"{base}/{stored.type}/{stored.id}"
    head = f'{{"fullUrl":"{address}",'.encode()
    if with_resources and not stored.deleted:
        head += b'"resource":%b,' % stored.json()
    location = f',"location":"{address}/_history/{stored.version}"'.encode()
    outcome = b""
    if written.warnings:
        outcome = b',"outcome":%b' % encode(operation_outcome(written.warnings))
    return b'%b"response":{%b%b%b}}' % (head, _told(status, stored), location, outcome)


def mark_page(page: Page, params: Sequence[tuple[str, str]]) -> None:
    """Let the self link of a later page name that page."""
    page.applied.extend(pair for pair in params if pair[0] == "_page")
