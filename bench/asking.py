"""Asks any FHIR server the questions of queries.json and holds its answers against the hits.

https://hl7.org/fhir/R4/search.html
"""

import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from bench.queries import Query, label


@dataclass
class Server:
    """Where a server is reached, and with which tokens."""

    url: str
    tokens: Sequence[str] = ("",)
    _connection: http.client.HTTPConnection | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """The name or address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port."""
        return urlsplit(self.url).port or 80

    def path(self, address: str) -> str:
        """Return the path of what stands behind the base."""
        # Marks that a query needs not quote stay: every server takes them so.
        return quote(f"{urlsplit(self.url).path}/{address}", safe="/?&=:,%")

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()

    def get(self, path: str) -> dict[str, Any]:
        """Return an answer's JSON, which must not be an error."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        headers = {"Accept": "application/fhir+json"}
        if self.tokens[0]:
            headers["Authorization"] = f"Bearer {self.tokens[0]}"
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status == http.HTTPStatus.OK, (path, text[:500])
        found: dict[str, Any] = json.loads(text)
        return found


@dataclass(frozen=True)
class Found:
    """What a server found for a query, beside what there is."""

    hits: int
    expected_hits: int
    page: int
    expected_page: int

    @property
    def is_right(self) -> bool:
        """Whether it is all there and no more."""
        return (self.hits, self.page) == (self.expected_hits, self.expected_page)


def ask(server: Server, query: Query, size: int, *, knows_links: bool) -> Found:
    """Return what the server finds at all addresses of a query."""
    expected = query.hits[label(size)]["linked" if knows_links else "own"]
    hits = page = 0
    for address in query.addresses(size):
        path = server.path(address)
        page += len(_matches(server.get(path)))
        if query.pages:
            hits += _through_pages(server, path)
        else:
            counted = server.get(server.path(_counting(address)))
            hits += counted["total"]
    return Found(hits, expected["hits"], page, expected["page"])


def _counting(address: str) -> str:
    kept = [
        one for one in address.split("&") if not one.startswith(("_count", "_sort", "_include"))
    ]
    return "&".join([*kept, "_summary=count"])


def _matches(bundle: dict[str, Any]) -> list[str]:
    return [
        one["resource"]["id"]
        for one in bundle.get("entry", ())
        if one.get("search", {}).get("mode", "match") == "match"
    ]


def _through_pages(server: Server, path: str) -> int:
    """Return how many different resources all pages hold; none may come twice."""
    seen: set[str] = set()
    while path:
        bundle = server.get(path)
        found = _matches(bundle)
        assert not seen & set(found), "a resource came on two pages"
        seen |= set(found)
        links = {one["relation"]: one["url"] for one in bundle.get("link", ())}
        parts = urlsplit(links.get("next", ""))
        path = f"{parts.path}?{parts.query}" if parts.path else ""
    return len(seen)
