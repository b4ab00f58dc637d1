"""Definitions by their canonical address, as one caller may read them.

R4's own are there at once and hold over others of their address. What else is asked for is noted
and fetched between two runs of the same work, so that the work itself needs no waiting.
https://hl7.org/fhir/R4/references.html#canonical
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from gateway.errors import CostlyError, GatewayError
from gateway.fhir import published

T = TypeVar("T")
Resource = Mapping[str, Any]

ROUNDS: Final = 24
"""How often more definitions may turn out to be needed."""
MOST: Final = 200
"""Definitions that one request may bring in."""
WORK: Final = 5_000_000
"""Looks at concepts and rows that one request may take, some seconds' worth."""
WITHOUT_CODES: Final = frozenset({"not-present", "supplement"})


@dataclass(frozen=True, slots=True)
class Definition:
    """A resource that others name by its address. `key` tells its version from all others."""

    key: tuple[str, str, int]
    resource: Resource


Find = Callable[[str, str], Awaitable[Definition | None]]
"""Finds a definition by type and address, the newest that the caller may read."""


@dataclass(slots=True)
class Library:
    """What has been found so far, and what is still missing."""

    found: dict[tuple[str, str], Definition | None] = field(default_factory=dict)
    missing: dict[tuple[str, str], None] = field(default_factory=dict)
    used: dict[tuple[str, str], None] = field(default_factory=dict)
    memo: dict[Any, Any] = field(default_factory=dict)
    """What was worked out from definitions, for one run: with more of them it may be other."""
    left: int = WORK

    def spend(self, looks: int) -> None:
        """Count looks at what definitions list; CostlyError where no more are left."""
        self.left -= looks
        if self.left < 0:
            raise CostlyError("What the definitions list takes too long to go through.")

    def get(self, type_: str, url: str) -> Definition | None:
        """Return a definition, None where there is none, or none yet."""
        own = _own(type_, url)
        if own is not None:
            return own
        name = type_, url
        self.used[name] = None
        if name not in self.found:
            self.missing[name] = None
        return self.found.get(name)

    def add(self, type_: str, url: str, resource: Resource) -> Definition:
        """Take in a definition that came with the request."""
        definition = Definition((type_, "", id(resource)), resource)
        self.found[type_, url] = definition
        return definition


def _own(type_: str, url: str) -> Definition | None:
    """Return R4's own definition; one of a code system without its codes does not count."""
    entry = published.at(type_, url)
    if entry is None:
        return None
    resource = published.resource(entry)
    if type_ == "CodeSystem" and resource.get("content") in WITHOUT_CODES:
        return None
    return Definition((type_, entry.id, 0), resource)


async def _here(work: Callable[[Library], T], library: Library) -> T:
    return work(library)


async def worked_out(
    find: Find,
    work: Callable[[Library], T],
    library: Library | None = None,
    run: Callable[[Callable[[Library], T], Library], Awaitable[T]] = _here,
) -> T:
    """Return what some work makes of definitions, once all that it asks for were looked for.

    `run` does the work, here or in a thread.
    """
    library = library or Library()
    for _ in range(ROUNDS):
        failure: GatewayError | None = None
        library.memo.clear()
        try:
            result = await run(work, library)
        except GatewayError as error:
            failure = error
        if not library.missing:
            if failure is not None:
                raise failure
            return result
        await fetched(find, library)
    raise CostlyError("The definitions lead to ever more definitions.")


async def fetched(find: Find, library: Library) -> None:
    """Fetch what is missing."""
    wanted = list(library.missing)
    library.missing.clear()
    if len(library.found) + len(wanted) > MOST:
        raise CostlyError(f"More than {MOST} definitions are needed.")
    for name in wanted:
        library.found[name] = await find(*name)
