"""Bundles, joined from stored bytes: no resource is parsed to be sent.

https://hl7.org/fhir/R4/bundle.html
"""

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from gateway.fhir.codec import encode
from gateway.fhir.outcome import operation_outcome
from gateway.interactions.results import EntryResult, Page, Written
from gateway.store.body import instant
from gateway.store.stored import Stored

FOUND: Final = b'%b%b","resource":%b,"search":{"mode":"%b"}}'
PLAIN: Final = re.compile(r"[\w.~,:|/-]*", re.ASCII)
OPERATIONS: Final = (("POST", 201), ("PUT", 200), ("DELETE", 204))
"""How each kind of version came about, and what was answered: by `Stored.op`."""


def searchset(page: Page, base: str, place: str) -> bytes:
    """Return a page of a search; `place` is what was searched, as it follows the base."""
    entries = [_found(one, base, b"match") for one in page.matches]
    entries += [_found(one, base, b"include") for one in page.includes]
    if page.notes:
        outcome = encode(operation_outcome(page.notes))
        entries.append(b'{"resource":%b,"search":{"mode":"outcome"}}' % outcome)
    return _bundle(
        "searchset", entries, links=_links(page, f"{base}/{place}".rstrip("/")), total=page.total
    )


def _found(one: Stored, base: str, mode: bytes) -> bytes:
    root = f'{{"fullUrl":"{base}/{one.type}/'.encode()
    return FOUND % (root, one.id.encode(), one.json(), mode)


def history(page: Page, base: str, address: str) -> bytes:
    """Return a page of a history; `address` is Type/id."""
    entries = [_version(base, stored) for stored in page.matches]
    links = _links(page, f"{base}/{address}/_history")
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


def _links(page: Page, address: str) -> str:
    query = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in page.applied)
    own = f"{address}?{query}" if query else address
    links = f',"link":[{{"relation":"self","url":"{own}"}}'
    if page.next:
        links += f',{{"relation":"next","url":"{address}?_page={page.next}"}}'
    return links + "]"


def _quoted(text: str) -> str:
    """Return a part of a query; most are plain, and `quote` takes its time."""
    return text.replace("|", "%7C") if PLAIN.fullmatch(text) else quote(text, safe=",:/")


def _version(base: str, stored: Stored) -> bytes:
    method, status = OPERATIONS[stored.op]
    url = stored.type if method == "POST" else f"{stored.type}/{stored.id}"
    resource = b"" if stored.deleted else b'"resource":%b,' % stored.json()
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
            searchset(result.page, base, result.type),
            _status(result.status).encode(),
        )
    if result.written is not None:
        return _written(result.status, result.written, base, with_resources=with_resources)
    if result.stored is None:
        return b'{"response":{"status":"%b"}}' % _status(result.status).encode()
    resource = b"" if result.stored.deleted else b'"resource":%b,' % result.stored.json()
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
