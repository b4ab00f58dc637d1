"""What an operation is: a name, where it is called, by which methods, and what answers.

https://hl7.org/fhir/R4/operations.html
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.description import Description
from mappers.names import OPERATION

Handler = Callable[[Call], Awaitable[Answer]]
Route = tuple[str, str, Handler, str]

R4: Final = "http://hl7.org/fhir/OperationDefinition/"
LEVELS: Final = {
    "system": "",
    "type": "/{type}",
    "instance": "/{type}/{id}",
    "version": "/{type}/{id}/_history/{version}",
}
"""Where an operation may be called, as what follows the base."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `name` has no dollar sign; `types` are none where it is of every type.

    `levels` are words of `LEVELS`; GET stands among the `methods` only of what changes nothing.
    `definition` is the canonical address; where it is "", the operation is `described` here.
    """

    name: str
    handler: Handler
    levels: str
    types: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("GET", "POST")
    definition: str = ""
    described: Description | None = None

    @property
    def canonical(self) -> str:
        """The address of its definition."""
        return self.definition or f"{OPERATION}:{self.name}"

    @property
    def places(self) -> list[str]:
        """Where it is called, as it is told to people."""
        return [
            f"[base]{LEVELS[level].replace('{type}', type_)}"
            for level in self.levels.split()
            for type_ in self.types or ("{type}",)
        ]

    def routes(self) -> Iterator[Route]:
        """Yield its rows of the route table."""
        for level in self.levels.split():
            for type_ in self.types or ("{type}",):
                path = LEVELS[level].replace("{type}", type_)
                for method in self.methods:
                    yield method, f"/fhir{path}/${self.name}", self.handler, f"${self.name}"

    def is_at(self, level: str, type_: str) -> bool:
        """Return whether it is called at a level, of a type."""
        return level in self.levels.split() and (not self.types or type_ in self.types)


def routes(operations: Iterable[Operation]) -> tuple[Route, ...]:
    """Return the rows of the route table that operations make."""
    return tuple(row for one in operations for row in one.routes())


def told(operations: Iterable[Operation], type_: str = "") -> list[dict[str, str]]:
    """Return what the CapabilityStatement says of a type's operations, "" the server's own."""
    levels = ("type", "instance", "version") if type_ else ("system",)
    found = {
        one.name: one.canonical
        for one in operations
        if any(one.is_at(level, type_) for level in levels)
    }
    return [{"name": name, "definition": address} for name, address in found.items()]
