"""The page that lists every address of the API: the route table, to be read by people.

Without scripts and other hosts, under the content security policy that it carries.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.openapi import TAGS, summary, tag
from gateway.api.operations.operation import Handler, Route

HTML: Final = b"text/html; charset=utf-8"
POLICY: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
HEAD: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hutong API</title>
<link rel="stylesheet" href="/static/main.css">
</head>
<body>
<main>
<h1>Hutong API</h1>
<p>Everything but what is marked open asks for <code>Authorization: Bearer TOKEN</code>.
The same for programs: <a href="/openapi.json">OpenAPI</a>, and of FHIR the
<a href="/fhir/metadata">CapabilityStatement</a>.</p>
"""
TAIL: Final = "</main>\n</body>\n</html>\n"


async def reference(call: Call) -> Answer:
    """Return the page."""
    call.refuse_params()
    body = _page(call.service.routes, call.service.open)
    return Answer(body, headers=POLICY, kind=HTML)


@lru_cache(2)
def _page(routes: tuple[Route, ...], open_: frozenset[Handler]) -> bytes:
    sections = (_section(name, routes, open_) for name in TAGS)
    return (HEAD + "".join(sections) + TAIL).encode()


def _section(name: str, routes: Sequence[Route], open_: frozenset[Handler]) -> str:
    rows = "".join(_rows(name, routes, open_))
    title, _, words = TAGS[name].partition(": ")
    return (
        f'<h2 id="{name}" class="addresses-title">{escape(title)}</h2>\n'
        f'<p>{escape(words[:1].upper() + words[1:])}.</p>\n<table class="addresses">\n'
        '<thead><tr><th scope="col">Method</th><th scope="col">Address</th>'
        '<th scope="col">What</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>\n"
    )


def _rows(name: str, routes: Sequence[Route], open_: frozenset[Handler]) -> Iterator[str]:
    for method, path, handler, _ in routes:
        if tag(path) == name and method != "OPTIONS":
            words = f"{summary(handler)}{' Open.' if handler in open_ else ''}"
            yield (
                f"<tr><td>{method}</td><td><code>{escape(path)}</code></td>"
                f"<td>{escape(words)}</td></tr>\n"
            )
