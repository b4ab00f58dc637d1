"""A portion of lines on its way into the store: each an update or a create by the door's rules.

What a line says that cannot be taken is refused by itself, with its number and never its data; the
rest of the portion is written together with the place that was reached.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from gateway.access.actor import Actor
from gateway.bulk.lines import Line
from gateway.errors import (
    GatewayError,
    InvalidResourceError,
    TooLargeError,
    UnavailableError,
)
from gateway.fhir.codec import decode, encode
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.outcome import operation_outcome
from gateway.interactions.commit import Change
from gateway.interactions.create import locate
from gateway.interactions.door import Door, require
from gateway.interactions.keys import claims
from gateway.interactions.prepare import inspect
from gateway.interactions.read_only import refuse_write
from gateway.interactions.update import ID
from mappers.citizen import citizen_id

TYPE: Final = re.compile(rb'\{\s*"resourceType"\s*:\s*"([A-Za-z]{1,40})"')
HUMANS: Final = frozenset({"Patient", "Person"})
"""What is judged by what else is stored of the same human."""
ROWS: Final = 250
BYTES: Final = 2 * 1024 * 1024


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A line that was read, and the change that it asks for, None once that is on its way."""

    line: Line
    change: Change | None


@dataclass(slots=True)
class Portion:
    """Lines of an input that are written together.

    `end` and `next` are the place behind the last one: its byte, and the line that follows.
    `humans` are what its Patients are known by: identifiers, their ids, and whom they name.
    """

    input: int
    entries: list[Entry] = field(default_factory=list)
    refused: list[tuple[int, GatewayError]] = field(default_factory=list)
    names: set[tuple[str, str]] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    humans: set[str] = field(default_factory=set)
    size: int = 0
    end: int = 0
    next: int = 0

    def fills(self, count: int) -> bool:
        """Return whether it has the lines, or the bytes, of so many portions."""
        lines = len(self.entries) + len(self.refused)
        return lines >= count * ROWS or self.size >= count * BYTES

    def may_follow(self, other: "Portion") -> bool:
        """Return whether it can be prepared while another one is on its way.

        What is looked up for it must not be in there. Who else is the same human is looked up for
        Patients, by what these are known by; all else decided on is a condition of the write.
        """
        types = self.types | other.types
        if HUMANS.isdisjoint(types):
            return True
        return types == {"Patient"} and self.humans.isdisjoint(other.humans)

    def add(self, line: Line, found: Change | GatewayError) -> None:
        """Take a line that was judged."""
        if isinstance(found, GatewayError):
            self.refused.append((line.number, found))
        else:
            self.entries.append(Entry(line, found))
            self.names.add((found.type, found.id))
            self.types.add(found.type)
            if found.type == "Patient":
                self.humans.update(_known_by(found))
        self.size += len(line.body)
        self.end, self.next = line.end, line.number + 1

    @property
    def changes(self) -> list[Change]:
        """What its lines ask for."""
        return [one.change for one in self.entries if one.change is not None]

    def forget(self) -> None:
        """Keep the lines alone: what they ask for is many times as much."""
        self.entries = [Entry(one.line, None) for one in self.entries]

    def halves(self) -> tuple["Portion", "Portion"]:
        """Return two portions that have its lines, in their order."""
        middle = len(self.entries) // 2
        last = self.entries[middle - 1].line
        first = Portion(self.input, self.entries[:middle], end=last.end, next=last.number + 1)
        first.refused = [one for one in self.refused if one[0] < first.next]
        rest = Portion(self.input, self.entries[middle:], end=self.end, next=self.next)
        rest.refused = [one for one in self.refused if one[0] >= first.next]
        return first, rest


@dataclass(frozen=True, slots=True)
class Judge:
    """Reads lines as a caller's. `type` is the one that all of them must have, "" any."""

    door: Door
    actor: Actor
    type: str = ""

    def judged(self, line: Line) -> Change | GatewayError:
        """Return what a line asks for, or why it is refused."""
        try:
            return self._change(line)
        except UnavailableError:
            # The database is away; the line is read again.
            raise
        except GatewayError as error:
            return error
        except RecursionError:
            return InvalidResourceError("The line nests too deep.")

    def _change(self, line: Line) -> Change:
        if line.is_over:
            raise TooLargeError("The line is over the limit.")
        found = TYPE.match(line.body)
        type_ = self.type or (found[1].decode() if found else "")
        if type_ not in TYPE_IDS:
            type_ = _type_of(line.body)
        seen = inspect(line.body, type_)
        id_ = seen[0].get("id")
        if id_ is None:
            require(self.actor, type_, "c")
            id_, leads = locate(self.door, self.actor, type_, claims(seen[0], self.actor.code))
            return Change(type_, id_, line.body, seen=seen, leads=leads)
        require(self.actor, type_, "u")
        if not ID.fullmatch(id_):
            raise InvalidResourceError("This is no id.", expression=f"{type_}.id")
        refuse_write(type_, id_)
        return Change(type_, id_, line.body, seen=seen)


def _known_by(patient: Change) -> Iterator[str]:
    """Return what a Patient that was read is known by, and whom it names, by whatever address."""
    yield patient.id
    resource = patient.seen[0] if patient.seen else {}
    for one in resource.get("identifier", ()):
        value = one.get("value", "")
        yield citizen_id(value) or value
    for link in resource.get("link", ()):
        yield link["other"].get("reference", "").partition("/_history/")[0].rpartition("/")[2]


def _type_of(body: bytes) -> str:
    """Return the type that a line names at its top; InvalidResourceError."""
    named = decode(body).get("resourceType")
    if not isinstance(named, str) or named not in TYPE_IDS:
        raise InvalidResourceError("The line names no R4 type.", expression="resourceType")
    return named


def outcomes(refused: Iterable[tuple[int, GatewayError]]) -> bytes:
    """Return the lines of an error file: an OperationOutcome for each line that was refused."""
    lines = [
        encode(
            operation_outcome(replace(one, diagnostics=f"line {number}") for one in error.issues)
        )
        for number, error in sorted(refused, key=lambda one: one[0])
    ]
    return b"".join(line + b"\n" for line in lines)
