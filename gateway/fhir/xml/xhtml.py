"""A narrative within XML: what JSON holds as a text becomes a part of the document.

https://hl7.org/fhir/R4/narrative.html#xhtml. A text that is no XHTML would break the document that
it stands in, or add to it what nobody wrote: it goes over as the text that it is.
"""

import re
from html import escape
from html.entities import html5
from typing import Final
from xml.parsers import expat

NAMESPACE: Final = "http://www.w3.org/1999/xhtml"

_NAMED: Final = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_OWN: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})
_NEVER: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_BEGIN: Final = "<div"
_FULL_BEGIN: Final = f'<div xmlns="{NAMESPACE}"'


def as_xml(div: str) -> str:
    """Return the element that a narrative is: as it was written, if it is XHTML."""
    text = _NAMED.sub(_plain, div.strip())
    root = _root(text)
    if root == f"{NAMESPACE} div":
        return text
    if root == "div":
        # R4 asks for the namespace; without it the div would be taken for an element of FHIR.
        return text.replace(_BEGIN, _FULL_BEGIN, 1)
    return f"{_FULL_BEGIN}>{escape(_NEVER.sub(chr(0xFFFD), div))}</div>"


def _root(text: str) -> str:
    """Return the namespace and name of the one element that a text is, "" where it is none."""
    if not text.startswith(_BEGIN):
        return ""
    names: list[str] = []
    parser = expat.ParserCreate("UTF-8", " ")
    parser.StartElementHandler = lambda name, _: names.append(name) if not names else None
    try:
        parser.Parse(text.encode(), True)  # noqa: FBT003 - this is all there is
    except expat.ExpatError:
        return ""
    return names[0]


def _plain(found: re.Match[str]) -> str:
    """Return the character that HTML has a name for: XML knows five such names alone."""
    if found[1] in _OWN:
        return found[0]
    character = html5.get(f"{found[1]};")
    return found[0] if character is None else escape(character)
