"""Rewrites the references in a resource: what a transaction's fullUrl became.

https://hl7.org/fhir/R4/http.html#trules
"""

import html
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from gateway.errors import Issue, UnprocessableError
from gateway.fhir.codec import decode

CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.*)")
"""A reference that names its target by criteria."""
_HINT = re.compile(rb'"reference"\s*:\s*"[^"]*(?:\?|\\u003[fF])')

_ALONE = "References by criteria are resolved in the entries of transactions and batches alone."

_LINK = re.compile(r"(\s(?:href|src)\s*=\s*)([\"'])(.*?)\2", re.DOTALL)
"""An attribute of a narrative that leads somewhere."""

# Where a fullUrl may stand: Reference.reference, and every uri and url, but no canonical.
NAMES = frozenset({"reference", "uri", "url", "valueUri", "valueUrl", "valueUuid"})
EXTENSIONS = frozenset({"extension", "modifierExtension"})
VERSION = "/_history/"
"""What follows an address that names a version."""


def rewritten(value: Any, addresses: Mapping[str, str], within: str = "") -> Any:
    """Return the value with each address replaced by what it became."""
    if isinstance(value, dict):
        # How a definition and an extension are called is no link, though it may look like one.
        kept = "url" if within in EXTENSIONS or "resourceType" in value else ""
        return {
            name: one if name == kept else _member(name, one, addresses)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [rewritten(one, addresses, within) for one in value]
    return value


def _member(name: str, value: Any, addresses: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        return rewritten(value, addresses, name)
    if name in NAMES:
        return _address(value, addresses)
    if name == "div":
        return _LINK.sub(lambda found: _link(found, addresses), value)
    return value


def _address(text: str, addresses: Mapping[str, str]) -> str:
    """Return what an address became; a fragment stays behind it."""
    if text in addresses:
        return addresses[text]
    address, mark, _ = text.partition(VERSION)
    if mark and address + mark in addresses:
        return addresses[address + mark]
    address, mark, fragment = text.partition("#")
    return f"{addresses[address]}{mark}{fragment}" if mark and address in addresses else text


def _link(found: re.Match[str], addresses: Mapping[str, str]) -> str:
    """Return a narrative's attribute with what its address became."""
    begin, quote, text = found.groups()
    new = _address(html.unescape(text), addresses)
    return found[0] if new == html.unescape(text) else f"{begin}{quote}{html.escape(new)}{quote}"


def conditional(body: bytes) -> bool:
    """Return whether a body may hold a reference that names its target by criteria."""
    # Told apart in no time: hardly any body has a question mark at all.
    return (b"?" in body or b"\\u003" in body) and _HINT.search(body) is not None


def wanted(value: Any, base: str, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield the references by criteria, as they stand, with their place.

    `base` may come before the type.
    """
    if isinstance(value, dict):
        for name, one in value.items():
            if name == "reference" and isinstance(one, str):
                if CONDITIONAL.fullmatch(one.removeprefix(f"{base}/")):
                    yield one, f"{place}.{name}"
            else:
                yield from wanted(one, base, f"{place}.{name}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from wanted(one, base, f"{place}[{index}]")


def leading(value: Any, addresses: AbstractSet[str], place: str) -> Iterator[str]:
    """Yield the places of the references that lead to one of the addresses."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name != "reference":
                yield from leading(one, addresses, f"{place}.{name}")
            elif isinstance(one, str) and one.partition("#")[0] in addresses:
                yield f"{place}.{name}"
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from leading(one, addresses, f"{place}[{index}]")


def refuse_criteria(type_: str, body: bytes, base: str) -> None:
    """Pass what holds no reference by criteria; UnprocessableError with the place of each."""
    if conditional(body) and (issues := unresolved(type_, decode(body), base)):
        raise UnprocessableError(_ALONE, issues=issues)


def unresolved(type_: str, resource: Any, base: str) -> list[Issue]:
    """Return an error for each reference by criteria.

    Stored as it stands such a reference would lead nowhere. A Bundle that is kept may hold them.
    """
    found = () if type_ == "Bundle" else wanted(resource, base, type_)
    return [Issue("error", "processing", _ALONE, place) for _, place in found]
