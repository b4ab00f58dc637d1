"""The resource that the criteria of a conditional interaction or reference name.

https://hl7.org/fhir/R4/http.html#cond-update. They match inside the writer's campus alone, without
link sets (DESIGN §3, "A source Patient belongs to its campus"). The guard of a match has the writer
look again, under its lock, so that of any number of callers with the same criteria one creates.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from gateway.access.actor import Actor
from gateway.errors import InvalidRequestError, MultipleMatchesError, NotSupportedError
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.extract import extract
from gateway.interactions.door import Door, require
from gateway.interactions.resolve import Asker
from gateway.interactions.search import parse
from gateway.store.guard import pack
from gateway.store.query import Campuses, Clause, Query, Tokens
from gateway.store.records import CONSORTIUM, Absent
from gateway.store.stored import Stored

Params = Sequence[tuple[str, str]]

Name = tuple[str, str]
"""A resource's type and id."""

_ADDRESS: Final = re.compile(r"([A-Z][A-Za-z]*|)\?")
RESULTS: Final = frozenset(
    {
        *("_campus", "_contained", "_containedType", "_count", "_detail", "_elements"),
        *("_explain", "_include", "_linked", "_page", "_revinclude", "_score"),
        *("_sort", "_summary", "_total", "_totalMethod"),
    }
)
"""Parameters that shape an answer and find nothing."""


@dataclass(frozen=True, slots=True)
class Match:
    """What the criteria find: one resource or none, and what must not change until the write."""

    found: Stored | None
    guard: Absent
    clauses: tuple[Clause, ...] = ()
    ids: tuple[str, ...] = ()
    """What the criteria name by `_id`."""


def criteria(text: str, place: str, type_: str, base: str = "") -> list[tuple[str, str]]:
    """Return the parameters of a text such as `identifier=urn:x|1`.

    It may begin with "?", with the type, or with the address of the type on this server.
    """
    begin = _ADDRESS.match(text.removeprefix(f"{base}/"))
    if begin and begin[1] not in {"", type_}:
        raise InvalidRequestError(f"The criteria are to find a {type_}.", expression=place)
    query = text.removeprefix(f"{base}/")[begin.end() :] if begin else text
    try:
        found = parse_qsl(query, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidRequestError("The criteria are not UTF-8.", expression=place) from error
    if not found:
        raise InvalidRequestError("The criteria are empty.", expression=place)
    return found


async def match(
    door: Door, actor: Actor, type_: str, params: Params, gone: AbstractSet[Name] = frozenset()
) -> Match:
    """Return what the parameters find in the actor's campus; MultipleMatchesError.

    What is `gone` is found no more: the same transaction deletes it first.
    """
    require(actor, type_, "s")
    if not params:
        raise InvalidRequestError("The criteria are empty.")
    for name, _ in params:
        if name.partition(":")[0] in RESULTS:
            raise NotSupportedError(
                "Criteria hold what finds a resource, not what shapes an answer.",
                expression=f"http.{name[:32]}",
            )
    ((mark,),) = door.store.fetch("last_row")
    asked = await parse(Asker(door, actor), type_, [("_linked", "false"), *params], lenient=False)
    clauses = tuple(asked.clauses)
    campuses = (actor.campus, CONSORTIUM) if actor.has("admin") else (actor.campus,)
    query = Query(
        TYPE_IDS[type_],
        door.viewer(actor),
        (*clauses, Campuses(campuses)),
        count=2 + len(gone),
    )
    guard = Absent(pack(query), mark)
    ids = tuple(one for name, value in params if name == "_id" for one in value.split(","))
    if asked.nobody:
        return Match(None, guard, clauses, ids)
    matches = (await door.store.search(query)).matches
    matches = [one for one in matches if (one.type, one.id) not in gone]
    if len(matches) > 1:
        raise MultipleMatchesError("The criteria find more than one resource.")
    return Match(matches[0] if matches else None, guard, clauses, ids)


class Present:
    """Resources that are not stored yet, by their tokens: what a transaction is about to write."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._names: dict[tuple[int, str | None, str | None], set[Name]] = {}
        self._written: set[Name] = set()

    def add(self, name: Name, resource: Mapping[str, Any]) -> None:
        """Let a resource be found under its name."""
        self._written.add(name)
        more = self._door.params.takes(resource["resourceType"])
        found = extract(resource, self._door.zone, self._door.base, more)
        for param, system, code in found.tokens:
            for key in ((param, system, code), (param, None, code), (param, system, None)):
                self._names.setdefault(key, set()).add(name)

    def loses(self, match: Match) -> bool:
        """Return whether what is stored is found by tokens that it will not have any more."""
        stored = match.found
        if stored is None or (stored.type, stored.id) not in self._written:
            return False
        name, before = (stored.type, stored.id), Present(self._door)
        before.add(name, stored.resource())
        return any(name in before._of(one) and name not in self._of(one) for one in match.clauses)

    def found(self, match: Match) -> set[Name]:
        """Return the names of those that have the tokens that the criteria ask for.

        Criteria of other kinds find none here: an identifier is what a bundle refers by.
        """
        sets = [self._of(clause) for clause in match.clauses]
        return set.intersection(*sets) if sets else set()

    def _of(self, clause: Clause) -> set[Name]:
        if not isinstance(clause, Tokens):
            return set()
        return {
            name
            for param in clause.params
            for system, code in clause.values
            for name in self._names.get((param, system, code), ())
        }
