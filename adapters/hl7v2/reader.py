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
Plan = tuple[tuple[int, Convert, Any], ...]
"""For each attribute: its position, how to read a value, and what stands for an absent one."""


def _text(delimiters: Delimiters) -> Callable[[str], str]:
    escape, unescape = delimiters.escape, unescaper(delimiters)
    return lambda raw: unescape(raw) if escape in raw else raw


class Reader:
    """Reads records written with one set of delimiters."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.delimiters = delimiters
        # What cuts a field, a component and a subcomponent, by depth.
        self._separators = (delimiters.component, delimiters.subcomponent, UNDECLARED)
        self.text = _text(delimiters)
        """Returns a leaf value with its escapes resolved."""
        self._code = self._first_leaf()
        self._plans: dict[type[Record], Plan] = {}

    def read(self, kind: type[R], fields: Sequence[str]) -> R:
        """Return the record of a segment whose name is fields[0]."""
        plan = self._plans.get(kind)
        if plan is None:
            plan = self._plans[kind] = self._plan(kind, depth=0)
        values: list[Any] = [*fields[1 : len(plan) + 1]]
        count = len(values)
        for index, convert, absent in plan:
            if index == count:
                break
            raw = values[index]
            values[index] = convert(raw) if raw else absent
        return kind(*values)

    def _first_leaf(self) -> Convert:
        separators = (self.delimiters.repetition, *self._separators)
        text = self.text

        def code(raw: str) -> str:
            if raw.isalnum():  # nearly all of them are, and hold no delimiter then
                return raw
            for separator in separators:
                raw = raw.partition(separator)[0]
            return text(raw)

        return code

    def _varies(self, raw: str) -> Varies:
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
            (index, self._converter(hint, depth), getattr(absent, name))
            for index, (name, hint) in enumerate(hints.items())
        )

    def _converter(self, hint: Any, depth: int) -> Convert:
        if get_origin(hint) is tuple:
            return self._repeating(self._converter(get_args(hint)[0], depth))
        if hint is Varies:
            return self._varies
        if get_origin(hint) is Annotated:
            converters: dict[str, Convert] = {"text": self.text, "code": self._code, "raw": str}
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
        nested = tuple(step for step in plan if not isinstance(step[2], str))
        repetition, subcomponent = self.delimiters.repetition, self.delimiters.subcomponent
        escape = self.delimiters.escape

        def composite(raw: str) -> Composite:
            steps = nested
            if subcomponent in raw or escape in raw or repetition in raw:
                # A field that should not repeat gives its first repetition.
                raw = raw.partition(repetition)[0]
                steps = plan  # else texts and codes are what they are
            values: list[Any] = raw.split(separator, size)
            count = len(values)
            if count > size:
                del values[size]
            for index, convert, absent in steps:
                if index >= count:
                    break
                value = values[index]
                values[index] = convert(value) if value else absent
            return kind(*values)

        return composite


@lru_cache(maxsize=32)  # a county has a handful; more than that is somebody playing
def reader(delimiters: Delimiters) -> Reader:
    """Return the reader for one set of delimiters."""
    return Reader(delimiters)
