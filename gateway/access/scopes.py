"""What a token may do: SMART scopes of version 2 and the gateway's own.

https://hl7.org/fhir/smart-app-launch/STU2/scopes-and-launch-context.html
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self

from gateway.errors import InvalidRequestError
from gateway.fhir.definitions import TYPE_IDS

LETTERS: Final = "cruds"
NAMED: Final = frozenset({"ingest", "dicom", "recognition", "break-glass", "admin"})
DEFAULT: Final = "system/*.cruds dicom ingest recognition"
"""What a campus gets with a token that names no scope."""

_CLINICAL = re.compile(r"(?:system|user)/(\*|[A-Za-z]+)\.(c?r?u?d?s?)")


class ScopeError(InvalidRequestError):
    """A scope that is not one of ours. The message shows it: a scope is nobody's data."""


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of one token: letters of cruds by type ("*" for every type), and named ones."""

    text: str
    types: dict[str, str] = field(hash=False)
    named: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the scopes that a text lists, separated by spaces; ScopeError."""
        types: dict[str, str] = {}
        named: set[str] = set()
        scopes = sorted(set(text.split()))
        for scope in scopes:
            if scope in NAMED:
                named.add(scope)
            else:
                type_, letters = _clinical(scope)
                types[type_] = _merge(types.get(type_, ""), letters)
        if "admin" in named:
            types["*"] = LETTERS
        every = types.get("*", "")
        return cls(
            " ".join(scopes),
            {type_: _merge(every, letters) for type_, letters in types.items()},
            frozenset(named),
        )

    def may(self, type_: str, letter: str) -> bool:
        """Return whether a type may be created, read, updated, deleted or searched."""
        letters = self.types.get(type_)
        if letters is None:
            letters = self.types.get("*", "")
        return letter in letters

    def has(self, scope: str) -> bool:
        """Return whether a named scope is held; an administrator holds all but break-glass."""
        return scope in self.named or ("admin" in self.named and scope != "break-glass")


def _clinical(scope: str) -> tuple[str, str]:
    found = _CLINICAL.fullmatch(scope)
    if not found or not found[2]:
        raise ScopeError(
            f"{scope!r} is no scope: give system/Type.cruds, user/Type.cruds"
            f" or one of {', '.join(sorted(NAMED))}"
        )
    if found[1] != "*" and found[1] not in TYPE_IDS:
        raise ScopeError(f"{scope!r} names no resource type of R4")
    return found[1], found[2]


def _merge(one: str, other: Iterable[str]) -> str:
    held = {*one, *other}
    return "".join(letter for letter in LETTERS if letter in held)
