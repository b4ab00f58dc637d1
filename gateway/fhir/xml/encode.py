"""A resource as XML, elements in the order of their definitions.

https://hl7.org/fhir/R4/xml.html. Values are exact ones: a decimal keeps its digits.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final

import msgspec

from gateway.fhir.structures import Element, structure
from gateway.fhir.xml.xhtml import as_xml

NAMESPACE: Final = "http://hl7.org/fhir"

_TO_ESCAPE: Final = re.compile(r'[&<>"\n\r\t\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]')
_ESCAPES: Final = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    # A reader would make these a space each.
    "\n": "&#10;",
    "\r": "&#13;",
    "\t": "&#9;",
}


def encode(resource: Mapping[str, Any], *, indent: bool = False) -> bytes:
    """Return the XML of a resource that keeps R4's structure; a narrative is never indented."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>']
    _resource(out, resource, f' xmlns="{NAMESPACE}"')
    return ("".join(_indented(out)) if indent else "".join(out)).encode()


def _indented(out: Iterable[str]) -> Iterator[str]:
    """Yield pieces on lines of their own, each within what it belongs to."""
    depth = 0
    for piece in out:
        if not piece:
            continue
        if piece.startswith("</"):
            depth -= 1
        yield f"{'  ' * depth}{piece}\n"
        # A whole element, and a narrative, which is one piece, have nothing within.
        if not piece.startswith(("</", "<?")) and not piece.endswith("/>") and "</" not in piece:
            depth += 1


def _resource(out: list[str], resource: Mapping[str, Any], namespace: str = "") -> None:
    name = resource["resourceType"]
    out.append(f"<{name}{namespace}>")
    _members(out, resource, name)
    out.append(f"</{name}>")


@cache
def _order(path: str) -> Mapping[str, tuple[int, Element]]:
    """Return key -> where it stands and its element; `_key` stands with its key."""
    return {key: (place, one) for place, (key, one) in enumerate(structure(path).items())}


def _members(out: list[str], value: Mapping[str, Any], path: str) -> None:
    order = _order(path)
    stems = {key.removeprefix("_") for key in value}
    attributes = _attributes(path)
    present = sorted(order[stem] for stem in stems if stem in order and stem not in attributes)
    for _, element in present:
        _element(out, value, element)


def _attributes(path: str) -> frozenset[str]:
    """Return which members of an object are attributes."""
    elements = structure(path)
    if "id" not in elements or elements["id"].type == "id":
        return frozenset()  # a resource
    return frozenset({"id", "url"}) if path == "Extension" else frozenset({"id"})


def _element(out: list[str], holder: Mapping[str, Any], element: Element) -> None:
    value, extra = holder.get(element.key), holder.get(f"_{element.key}")
    if not element.many:
        _one(out, element, value, extra)
        return
    values, extras = value or (), extra or ()
    for index in range(max(len(values), len(extras))):
        _one(
            out,
            element,
            values[index] if index < len(values) else None,
            extras[index] if index < len(extras) else None,
        )


def _one(out: list[str], element: Element, value: Any, extra: Any) -> None:
    name = element.key
    if element.type == "xhtml":
        out.append(as_xml(value) if value is not None else "")
    elif element.primitive:
        _primitive(out, name, value, extra)
    elif element.type == "Resource":
        out.append(f"<{name}>")
        _resource(out, value)
        out.append(f"</{name}>")
    else:
        out.append(f"<{name}{_told(value, element.type)}>")
        _members(out, value, element.type)
        out.append(f"</{name}>")


def _primitive(out: list[str], name: str, value: Any, extra: Any) -> None:
    head = f"<{name}{_told(extra, 'Element') if extra else ''}"
    if value is not None:
        head += f' value="{_text(value)}"'
    if extra and "extension" in extra:
        out.append(f"{head}>")
        _members(out, extra, "Element")
        out.append(f"</{name}>")
    else:
        out.append(f"{head}/>")


def _told(value: Mapping[str, Any], path: str) -> str:
    """Return the attributes of an object."""
    names = ("id", "url") if path == "Extension" else ("id",)
    return "".join(f' {name}="{_text(value[name])}"' for name in names if name in value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return _TO_ESCAPE.sub(_escaped, value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return bytes(value).decode() if isinstance(value, msgspec.Raw) else repr(value)


def _escaped(found: re.Match[str]) -> str:
    # What XML cannot hold at all is replaced.
    return _ESCAPES.get(found[0], "\ufffd")
