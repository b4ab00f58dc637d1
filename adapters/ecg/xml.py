"""XML of a stranger, read without entities or document type, and bounded.

https://www.w3.org/TR/xml/ ; expat follows no reference by itself, and what could make it grow, a
document type declaration, is refused.
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from adapters.ecg.reading import clean
from adapters.errors import CharsetError, EnvelopeError, ExcessError

MAX_ELEMENTS: Final = 200_000
MAX_DEPTH: Final = 100
DECLARATION: Final = re.compile(
    rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*['\"]([A-Za-z0-9._\-]+)['\"]"
)
CHINESE: Final = {"gb2312", "gbk", "gb18030", "cp936", "x-gbk"}
SPELLINGS: Final = {"iso8859-1": "iso-8859-1", "utf8": "utf-8"}
"""Names that writers use and expat does not know."""


class Element:
    """One element: local name, attributes by local name, text, children."""

    __slots__ = ("attributes", "children", "name", "parts")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.parts: list[str] = []

    @property
    def text(self) -> str:
        """The text directly inside, stripped."""
        return clean("".join(self.parts))

    def all(self, name: str) -> Iterator["Element"]:
        """Return the children of a name."""
        return (child for child in self.children if child.name == name)

    def at(self, path: str) -> "Element":
        """Return the first element along a path, one without anything if there is none."""
        found = self
        for name in path.split("/"):
            found = next(found.all(name), NOTHING)
        return found

    def get(self, attribute: str) -> str:
        """Return an attribute, "" if it is absent."""
        return clean(self.attributes.get(attribute, ""))

    def __bool__(self) -> bool:
        """Return whether the element is there."""
        return self is not NOTHING


NOTHING: Final = Element("", {})


class _Builder:
    """Builds the tree as expat reads."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise ExcessError("文件的元素过多或嵌套过深", location="XML")
        element = Element(_local(name), {_local(one): value for one, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        self._open[-1].parts.append(text)

    def refuse(self, *_: object) -> None:
        raise EnvelopeError("不接受带有文档类型声明的 XML", location="DOCTYPE")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def read(body: bytes) -> Element:
    """Return the root element; EnvelopeError."""
    body = body.lstrip(b"\r\n\t ") if body[:1].isspace() else body
    body, encoding = _encoded(body)
    builder = _Builder()
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat's own order of arguments
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise EnvelopeError("XML 不完整或有语法错误", location=_place(error)) from error
    assert builder.root is not None  # noqa: S101 - expat finds no document without one
    return builder.root


def _place(error: Exception) -> str:
    return f"XML:{error.lineno}" if isinstance(error, expat.ExpatError) else "XML"


def _encoded(body: bytes) -> tuple[bytes, str | None]:
    """Return the bytes and the encoding to read them in, None for what they say themselves."""
    found = DECLARATION.match(body[:300])
    name = found[1].decode("ascii").lower() if found else ""
    if name in CHINESE:
        try:
            # expat knows no multi-byte encodings; GB 18030 holds the older ones.
            return body.decode("gb18030").encode(), "utf-8"
        except UnicodeDecodeError as error:
            raise CharsetError("文件内容与声明的字符集不符", location="XML") from error
    return body, SPELLINGS.get(name)
