"""A field of a form."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled input: its name, label, type, what was typed, a hint."""

    name: str
    label: str
    type: str
    value: str
    hint: str
