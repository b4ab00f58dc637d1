"""Raw fields to records; how a field is cut follows from the annotation of its attribute.

Values are cut first and unescaped last, so an escaped delimiter is never taken for one.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from adapters.hl7v2.datatypes import Composite, Varies
from adapters.hl7v2.delimiters import UNDECLARED, Delimiters, unescaper
from adapters.hl7v2.records import Record

R = TypeVar("R", bound=Record)

Convert = Callable[[str], Any]
Plan = tuple[tuple[Convert, Any], ...]
"""For each attribute in order: how to read a value, and what stands for an absent one."""


class Reader:
    """Reads records written with one set of delimiters."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.delimiters = delimiters
        self._escape = delimiters.escape
        self._unescape = unescaper(delimiters)
        # What cuts a field, a component and a subcomponent, by depth.
        self._separators = (delimiters.component, delimiters.subcomponent, UNDECLARED)
        self._plans: dict[type[Record], Plan] = {}

    def read(self, kind: type[R], fields: Sequence[str]) -> R:
        """Return the record of a segment whose name is fields[0]."""
        plan = self._plans.get(kind)
        if plan is None:
            plan = self._plans[kind] = self._plan(kind, depth=0)
        values: list[Any] = [
            convert(raw) if raw else absent
            for raw, (convert, absent) in zip(fields[1:], plan, strict=False)
        ]
        return kind(*values)

    def text(self, raw: str) -> str:
        """Return a leaf value with its escapes resolved."""
        return self._unescape(raw) if self._escape in raw else raw

    def code(self, raw: str) -> str:
        """Return the first leaf of a field or component."""
        if raw.isalnum():  # nearly all of them are, and hold no delimiter then
            return raw
        for separator in (self.delimiters.repetition, *self._separators):
            raw = raw.partition(separator)[0]
        return self.text(raw)

    def varies(self, raw: str) -> Varies:
        """Return OBX-5 in all its readings."""
        repetition, component = self.delimiters.repetition, self.delimiters.component
        text = self.text(raw)
        if repetition not in raw and component not in raw:
            return Varies(raw, text, ((text,),))
        repetitions = tuple(
            tuple(map(self.text, each.split(component))) for each in raw.split(repetition)
        )
        return Varies(raw, text, repetitions)

    def _plan(self, kind: type, *, depth: int) -> Plan:
        hints = get_type_hints(kind, include_extras=True)
        absent = kind()
        return tuple(
            (self._converter(hint, depth), getattr(absent, name)) for name, hint in hints.items()
        )

    def _converter(self, hint: Any, depth: int) -> Convert:
        if get_origin(hint) is tuple:
            return self._repeating(self._converter(get_args(hint)[0], depth))
        if hint is Varies:
            return self.varies
        if get_origin(hint) is Annotated:
            converters: dict[str, Convert] = {"text": self.text, "code": self.code, "raw": str}
            return converters[hint.__metadata__[0]]
        return self._composite(hint, depth)

    def _repeating(self, convert: Convert) -> Convert:
        repetition = self.delimiters.repetition

        def repeating(raw: str) -> tuple[Any, ...]:
            if repetition not in raw:
                return (convert(raw),)
            return tuple([convert(each) for each in raw.split(repetition)])

        return repeating

    def _composite(self, kind: type[Composite], depth: int) -> Convert:
        separator = self._separators[min(depth, len(self._separators) - 1)]
        plan = self._plan(kind, depth=depth + 1)
        size = len(plan)
        plain = all(isinstance(absent, str) for _, absent in plan)
        first = plan[0][0]
        repetition, subcomponent = self.delimiters.repetition, self.delimiters.subcomponent
        escape = self.delimiters.escape

        def composite(raw: str) -> Composite:
            if raw.isalnum():
                return kind(raw if plain else first(raw))
            if repetition in raw:  # a field that should not repeat: its first repetition counts
                raw = raw.partition(repetition)[0]
            values: list[Any] = raw.split(separator, size)
            if len(values) > size:
                del values[size]
            if plain and subcomponent not in raw and escape not in raw:
                return kind(*values)
            for index, value in enumerate(values):
                convert, absent = plan[index]
                values[index] = convert(value) if value else absent
            return kind(*values)

        return composite


@lru_cache(maxsize=32)  # a county has a handful; more than that is somebody playing
def reader(delimiters: Delimiters) -> Reader:
    """Return the reader for one set of delimiters."""
    return Reader(delimiters)
