"""What an $export is asked for, judged when it is asked.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html#query-parameters
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal
from urllib.parse import parse_qsl

import msgspec

from gateway.access.actor import Actor
from gateway.errors import (
    GatewayError,
    InvalidRequestError,
    Issue,
    NotFoundError,
    NotSupportedError,
)
from gateway.fhir import subset
from gateway.fhir.compartments import compartments
from gateway.fhir.dates import interval
from gateway.fhir.definitions import RESOURCE_TYPES, TYPE_IDS
from gateway.interactions.door import Door, require
from gateway.interactions.matching import RESULTS
from gateway.interactions.names import parse_name, safe
from gateway.interactions.resolve import Asker
from gateway.interactions.search import parse

NDJSON: Final = frozenset({"application/fhir+ndjson", "application/ndjson", "ndjson"})
TICKS: Final = 10
PATIENT: Final = "Patient"
MOST_FILTERS: Final = 50

Level = Literal["system", "Patient", "Group"]
Said = tuple[str, str]
"""The text of a parameter, and where it stands."""

_NEXT_QUERY: Final = re.compile(r",(?=(?:" + "|".join(RESOURCE_TYPES) + r")\?)")


class Wanted(msgspec.Struct):
    """What an export holds. `since` is a row; no `types` are all that the level has.

    `patients` are ids, None for all; `elements` and `filters` are by type, "" for every type.
    """

    level: Level
    address: str
    base: str
    types: list[str]
    since: int = 0
    group: str = ""
    patients: list[str] | None = None
    elements: dict[str, list[str]] = {}
    filters: dict[str, list[str]] = {}
    notes: list[dict[str, str]] = []

    @property
    def request(self) -> dict[str, Any]:
        """The JSON that a job keeps."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def read(request: dict[str, Any]) -> Wanted:
    """Return what a job was asked for."""
    return msgspec.convert(request, Wanted)


@dataclass(slots=True)
class Judging:
    """One kick-off while it is judged. What may be passed over under lenient handling is noted."""

    door: Door
    actor: Actor
    level: Level
    lenient: bool
    notes: list[Issue] = field(default_factory=list)

    def pass_over(self, error: GatewayError) -> None:
        """Raise, or under lenient handling note what is passed over."""
        if not self.lenient:
            raise error
        self.notes += [replace(one, severity="warning") for one in error.issues]

    def types(self, lists: Iterable[Said]) -> list[str]:
        """Return the types that are asked for: all of the level that the caller may read."""
        offered = RESOURCE_TYPES if self.level == "system" else in_compartment()
        named = list(_parts(lists))
        found = dict[str, None]()
        for one, place in named:
            if one not in TYPE_IDS:
                self.pass_over(
                    InvalidRequestError("_type names resource types of R4.", expression=place)
                )
            elif one not in offered:
                self.pass_over(
                    NotSupportedError(
                        f"{one} is not in the compartment of a Patient.", expression=place
                    )
                )
            else:
                require(self.actor, one, "r")
                found[one] = None
        if named:
            return list(found)
        return [one for one in offered if self.actor.may(one, "r")]

    def elements(self, lists: Iterable[Said], types: Sequence[str]) -> dict[str, list[str]]:
        """Return the elements that are asked for, by type."""
        found: dict[str, list[str]] = {}
        for one, place in _parts(lists):
            type_, dot, name = one.rpartition(".")
            known = not dot or type_ in TYPE_IDS
            of = [type_] if type_ else types
            if not known or not name or not any(subset.is_element(each, name) for each in of):
                self.pass_over(
                    InvalidRequestError(
                        "_elements takes names of elements, Type.name or name.", expression=place
                    )
                )
            else:
                found.setdefault(type_, []).append(name)
        return found

    async def filters(self, lists: Iterable[Said], types: Sequence[str]) -> dict[str, list[str]]:
        """Return the search queries that narrow a type, each tried."""
        found: dict[str, list[str]] = {}
        last = ""
        for text, last in _queries(lists):
            type_, _, query = text.partition("?")
            try:
                await self._try_filter(text, types)
            except InvalidRequestError as error:
                self.pass_over(_at(last, error))
            else:
                found.setdefault(type_, []).append(query)
        if sum(map(len, found.values())) > MOST_FILTERS:
            raise NotSupportedError(
                f"_typeFilter takes at most {MOST_FILTERS} queries.", expression=last
            )
        return found

    async def _try_filter(self, text: str, types: Sequence[str]) -> None:
        type_, mark, query = text.partition("?")
        if not mark or type_ not in types:
            raise InvalidRequestError("_typeFilter takes Type?query, of a type that is exported.")
        await clauses(self.door, self.actor, type_, query)

    def since(self, text: str, place: str) -> int:
        """Return a moment as a row."""
        try:
            lo, _ = interval(text.replace(" ", "+"), self.door.zone)
        except ValueError as error:
            raise InvalidRequestError("_since takes an instant.", expression=place) from error
        return max(lo // TICKS, 0)

    def patients(
        self, references: Iterable[tuple[Mapping[str, Any], str]], group: str
    ) -> list[str] | None:
        """Return the ids of the patients whose data is asked for; NotFoundError."""
        members = self._members(group) if group else None
        named = [self._patient(one, place, members) for one, place in references]
        if named:
            return list(dict.fromkeys(named))
        return members

    def _patient(self, reference: Mapping[str, Any], place: str, members: list[str] | None) -> str:
        text = str(reference.get("reference", "")).removeprefix(f"{self.door.base}/")
        type_, _, id_ = text.partition("/")
        if type_ != PATIENT or not id_:
            raise InvalidRequestError(
                "patient refers to a Patient of this server.", expression=place
            )
        _visible(self.door, self.actor, PATIENT, id_, place)
        if members is not None and id_ not in members:
            raise NotFoundError("A patient is no member of the Group.", expression=place)
        return id_

    def _members(self, group: str) -> list[str]:
        require(self.actor, "Group", "r")
        found = []
        for one in _visible(self.door, self.actor, "Group", group, "http.group").get("member", ()):
            text = str(one.get("entity", {}).get("reference", ""))
            type_, _, id_ = text.removeprefix(f"{self.door.base}/").partition("/")
            if type_ == PATIENT and not one.get("inactive"):
                found.append(id_.partition("/")[0])
        return list(dict.fromkeys(found))


def in_compartment() -> list[str]:
    """Return the types of a Patient's compartment, the Patient first."""
    members = compartments()[PATIENT]
    return [PATIENT, *(one for one in RESOURCE_TYPES if one in members and one != PATIENT)]


async def clauses(door: Door, actor: Actor, type_: str, query: str) -> tuple[Any, ...]:
    """Return what a search query asks of a type; InvalidRequestError."""
    require(actor, type_, "s")
    params = parse_qsl(query, keep_blank_values=True)
    for name, _ in params:
        if parse_name(name).code in RESULTS:
            raise NotSupportedError(f"{safe(name)} narrows nothing.")
    asked = await parse(Asker(door, actor), type_, params, lenient=False)
    return tuple(asked.clauses)


def _visible(door: Door, actor: Actor, type_: str, id_: str, place: str) -> dict[str, Any]:
    stored = door.store.current(type_, id_)
    if stored is None or stored.deleted or not door.store.may_read(stored, door.viewer(actor)):
        raise NotFoundError(f"There is no such {type_}.", expression=place)
    return stored.resource()


def _parts(lists: Iterable[Said]) -> Iterator[Said]:
    """Yield what stands between commas."""
    for text, place in lists:
        yield from ((one.strip(), place) for one in text.split(","))


def _queries(lists: Iterable[Said]) -> Iterator[Said]:
    """Yield each query: the guide joins several by commas, which values have too."""
    for text, place in lists:
        yield from ((one.strip(), place) for one in _NEXT_QUERY.split(text))


def _at(place: str, error: GatewayError) -> GatewayError:
    error.issues = tuple(replace(one, expression=place) for one in error.issues)
    return error
