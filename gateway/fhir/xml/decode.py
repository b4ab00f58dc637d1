"""A resource from XML, read as it comes: what no resource can hold is refused where it stands.

https://hl7.org/fhir/R4/xml.html. No document type, no entities of its own, nothing from outside.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

import msgspec

from gateway.errors import InvalidResourceError
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.structures import Element, structure
from gateway.fhir.xml.encode import NAMESPACE
from gateway.fhir.xml.xhtml import NAMESPACE as XHTML

MAX_DEPTH: Final = 160
"""Elements within elements; a resource of 64 objects and arrays has fewer."""

_BOM: Final = b"\xef\xbb\xbf"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}", re.ASCII)
_WHOLE: Final = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
_DECIMAL: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_NUMBERS: Final = frozenset({"decimal", "integer", "positiveInt", "unsignedInt"})


def decode(body: bytes) -> dict[str, Any]:
    """Return the resource that the body holds; InvalidResourceError with the place."""
    reader = _Reader(body.removeprefix(_BOM))
    return reader.read()


@dataclass(slots=True)
class _Frame:
    """An element that is open. `type` "" waits for a resource; `made` is what becomes of it."""

    name: str
    type: str
    element: Element | None = None
    made: dict[str, Any] = field(default_factory=dict)
    value: Any = None
    is_primitive: bool = False


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._open: list[_Frame] = []
        self._root: dict[str, Any] | None = None
        self._narrative = -1  # where an open div begins
        self._within = 0  # elements open within it
        self._is_empty = False  # nothing came within it
        parser = expat.ParserCreate("UTF-8", " ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._refused
        parser.EntityDeclHandler = self._refused
        parser.ProcessingInstructionHandler = self._instruction
        self._parser = parser

    def read(self) -> dict[str, Any]:
        try:
            self._parser.Parse(self._body, True)  # noqa: FBT003 - expat's own
        except expat.ExpatError as error:
            raise InvalidResourceError(
                f"The body is not XML: malformed at line {error.lineno}, column {error.offset}."
            ) from error
        assert self._root is not None  # noqa: S101 - a document has a root
        return self._root

    def _refused(self, *_: object) -> None:
        raise InvalidResourceError("A document type and entities are not allowed in XML.")

    def _instruction(self, *_: object) -> None:
        if self._narrative >= 0:
            raise self._wrong("A processing instruction is not allowed here.")

    # Elements.

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if self._narrative >= 0:
            self._within += 1
            self._is_empty = False
            if namespace != XHTML or self._within + len(self._open) > MAX_DEPTH:
                raise self._wrong("A narrative holds XHTML alone.")
            return
        if len(self._open) >= MAX_DEPTH:
            raise self._wrong("Nested too deep.")
        if namespace == XHTML:
            self._start_narrative(local)
            return
        if namespace != NAMESPACE or not _NAME.fullmatch(local):
            raise self._wrong(f"The elements of a resource are of the namespace {NAMESPACE}.")
        frame = self._frame(local)
        self._open.append(frame)
        self._take(frame, attributes)

    def _frame(self, name: str) -> _Frame:
        if not self._open or not self._open[-1].type:
            if name not in TYPE_IDS:
                raise self._wrong("A resource was expected.")
            if self._open and self._open[-1].made:
                raise self._wrong("One resource was expected.")
            return _Frame(name, name, made={"resourceType": name})
        element = self._element(name)
        if element.type == "Resource":
            return _Frame(name, "", element)
        is_primitive = element.primitive
        return _Frame(
            name, "Element" if is_primitive else element.type, element, is_primitive=is_primitive
        )

    def _element(self, name: str) -> Element:
        above = self._open[-1]
        element = structure(above.type).get(name)
        is_attribute = name in {"id", "url"} and not _is_resource(above) and _attribute(above, name)
        if element is None or is_attribute or element.type == "xhtml":
            raise self._wrong("Unknown element.", name)
        if not element.many and (name in above.made or f"_{name}" in above.made):
            raise self._wrong("Only one is allowed.", name)
        return element

    def _take(self, frame: _Frame, attributes: dict[str, str]) -> None:
        for name, text in attributes.items():
            if " " in name:
                continue  # xsi:schemaLocation and the like
            if name == "value" and frame.is_primitive and frame.element is not None:
                frame.value = self._value(frame.element.type, text)
            elif _attribute(frame, name) and frame.type and not _is_resource(frame):
                frame.made[name] = text
            else:
                raise self._wrong("Unknown attribute.")

    def _value(self, type_: str, text: str) -> Any:
        if type_ == "boolean" and text in {"true", "false"}:
            return text == "true"
        if type_ in _NUMBERS and _WHOLE.fullmatch(text) and text != "-0":
            return int(text)
        if type_ == "decimal" and _DECIMAL.fullmatch(text):
            return msgspec.Raw(text.encode())
        if type_ in _NUMBERS or type_ == "boolean":
            raise self._wrong(f"This is not a valid {type_}.")
        return text

    def _end(self, _: str) -> None:
        if self._narrative >= 0:
            if self._within:
                self._within -= 1
            else:
                self._end_narrative()
            return
        frame = self._open.pop()
        if frame.element is None:
            self._close_resource(frame)
            return
        above = self._open[-1].made
        if frame.is_primitive:
            self._close_primitive(frame, frame.element, above)
        elif not frame.made:
            raise self._wrong("An empty element is not allowed.", frame.name)
        elif frame.element.many:
            above.setdefault(frame.name, []).append(frame.made)
        else:
            above[frame.name] = frame.made

    def _close_resource(self, frame: _Frame) -> None:
        if self._open:
            self._open[-1].made = frame.made
        else:
            self._root = frame.made

    def _close_primitive(self, frame: _Frame, element: Element, above: dict[str, Any]) -> None:
        extra, key = frame.made or None, f"_{frame.name}"
        if frame.value is None and extra is None:
            raise self._wrong("An empty element is not allowed.", frame.name)
        if not element.many:
            if frame.value is not None:
                above[frame.name] = frame.value
            if extra is not None:
                above[key] = extra
            return
        count = max(len(above.get(frame.name, ())), len(above.get(key, ())))
        if frame.value is not None or frame.name in above:
            _padded(above, frame.name, count).append(frame.value)
        if extra is not None or key in above:
            _padded(above, key, count).append(extra)

    # The narrative goes over as it was written.

    def _start_narrative(self, name: str) -> None:
        above = self._open[-1] if self._open else None
        element = structure(above.type).get(name) if above and above.type else None
        if element is None or element.type != "xhtml" or name in (above.made if above else ()):
            raise self._wrong("XHTML is not expected here.")
        self._narrative, self._within = self._parser.CurrentByteIndex, 0
        self._is_empty = True

    def _end_narrative(self) -> None:
        begin, at = self._narrative, self._parser.CurrentByteIndex
        # Of <div/> the end is told where it ends, of others where their end tag begins.
        is_empty = self._body.endswith(b"/>", begin, at) and self._is_empty
        end = at if is_empty else self._body.index(b">", at) + 1
        text = self._body[begin:end].decode()
        head = text.partition(">")[0]
        if not head.startswith("<div") or "xmlns" not in head:
            raise self._wrong("The div of a narrative names its namespace itself, without prefix.")
        self._open[-1].made["div"] = text
        self._narrative = -1

    def _data(self, text: str) -> None:
        self._is_empty = False
        if self._narrative < 0 and not text.isspace():
            raise self._wrong("Text is not allowed here.")

    def _wrong(self, text: str, name: str = "") -> InvalidResourceError:
        place = ".".join([*(one.name for one in self._open[-20:]), *([name] if name else [])])
        return InvalidResourceError(text, expression=place)


def _is_resource(frame: _Frame) -> bool:
    return "resourceType" in frame.made


def _attribute(frame: _Frame, name: str) -> bool:
    return name == "id" or (name == "url" and frame.type == "Extension")


def _padded(above: dict[str, Any], key: str, length: int) -> list[Any]:
    """Return a list with nulls where nothing came: values go with what stands beside them."""
    items: list[Any] = above.setdefault(key, [])
    items += [None] * (length - len(items))
    return items
