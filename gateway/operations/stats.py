"""Observation `$stats`: figures of what was measured of a subject, whichever campus measured it.

https://hl7.org/fhir/R4/observation-operation-stats.html. What is entered in error or cancelled is
out; a preliminary value counts as it stands. A panel is told by its parts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import CostlyError, InvalidRequestError, NotFoundError
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions.door import Door, require
from gateway.interactions.record import record
from gateway.interactions.widening import widen
from gateway.operations.lastn import OBSERVATION, found
from gateway.operations.measured import MODIFIED, Series
from gateway.operations.observation import NOWHEN, Coding, Concept, Observation, observation
from gateway.operations.references import Name, references, visible
from gateway.store.query import Clause, Dates, References, Tokens
from gateway.store.records import RESTRICTED
from gateway.store.stored import Stored

OUT: Final = frozenset({"entered-in-error", "cancelled"})
MOST: Final = 100_000
SOURCES: Final = 1_000
"""Observations that are returned with the figures, unless fewer are asked for."""
DISTINCT: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: of whom, which codes (system None is any), within which ticks.

    `sources` is how many of the Observations come along.
    """

    subject: Name
    codes: Sequence[tuple[str | None, str]]
    span: tuple[int, int] | None = None
    linked: bool = True
    sources: int = 0


@dataclass(slots=True)
class Measured:
    """What was found: a series for each code, or for each part of a panel.

    `sources` are the newest, as many as come along; `opened` those that few may see.
    """

    series: list[Series] = field(default_factory=list)
    sources: list[Stored] = field(default_factory=list)
    opened: list[Stored] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    errors: int = 0
    linked: set[str] = field(default_factory=set)


async def measured(door: Door, actor: Actor, asked: Asked) -> Measured:
    """Return what is stored of the codes that are asked for."""
    require(actor, OBSERVATION, "s")
    subject = visible(door, actor, asked.subject)
    if subject is None:
        raise NotFoundError(f"There is no such {asked.subject[0]}.", expression="subject")
    if len(asked.codes) > DISTINCT:
        raise InvalidRequestError(f"At most {DISTINCT} codes are asked for.", expression="code")
    answer = Measured()
    clauses = _clauses(door, asked, answer.linked)
    for code in dict.fromkeys(asked.codes):
        reading = _Reading(door, actor, asked, code, answer)
        tokens = Tokens(search_params(OBSERVATION)["combo-code"].stores, (code,))
        async for stored in found(door, actor, (*clauses, tokens)):
            reading.add(stored)
        answer.series += reading.series()
    answer.sources[:] = _newest(answer.sources, asked.sources)
    # Who is shown figures sees whom they are of; what few may see is told one by one.
    shown = {one.key: one for one in (subject, *answer.opened, *answer.sources)}
    names = ",".join(code for _, code in asked.codes)
    query = f"Observation/$stats?subject={'/'.join(asked.subject)}&code={names}"
    await record(door, actor, "E", list(shown.values()), query)
    return answer


def _newest(sources: list[Stored], count: int) -> list[Stored]:
    return sorted(sources, key=lambda one: -one.row)[:count]


def _clauses(door: Door, asked: Asked, linked: set[str]) -> list[Clause]:
    params = search_params(OBSERVATION)
    type_, id_ = asked.subject
    subject: Clause = References(params["subject"].stores, ((TYPE_IDS[type_], id_),))
    clauses = [widen(door, subject, linked) if asked.linked else subject]
    if asked.span is not None:
        lo, hi = asked.span
        clauses += [
            Dates(params["date"].stores, (("gt", lo, lo),)),
            Dates(params["date"].stores, (("lt", hi, hi),)),
        ]
    return clauses


class _Reading:
    """Reads the Observations of one code."""

    def __init__(
        self,
        door: Door,
        actor: Actor,
        asked: Asked,
        code: tuple[str | None, str],
        answer: Measured,
    ) -> None:
        self._door = door
        self._actor = actor
        self._asked = asked
        self._code = code
        self._answer = answer
        system, text = code
        self._own = Series(Concept((Coding(system or "", text),)))
        self._parts: dict[tuple[tuple[str, str], ...], Series] = {}

    def series(self) -> list[Series]:
        """Return the series of the code itself, and of the parts where it is a panel's."""
        parts = list(self._parts.values())
        return parts if parts and not self._own.seen else [self._own, *parts]

    def add(self, stored: Stored) -> None:
        """Take in one Observation."""
        seen = observation(stored)
        if seen.status in OUT:
            self._answer.errors += 1
            return
        self._source(stored)
        if not self._is_meant(seen.code):
            self._take(seen, stored, self._components(seen, only_meant=True), self._own)
        elif seen.value_quantity is None and (seen.component or seen.has_member):
            self._take(seen, stored, self._components(seen, only_meant=False), None)
            for one in self._members(stored, seen):
                self._member(one)
        else:
            self._value(seen, stored, self._own)

    def _source(self, stored: Stored) -> None:
        answer, most = self._answer, self._asked.sources
        if stored.key in answer.seen:
            return
        if len(answer.seen) >= MOST:
            raise CostlyError(f"More than {MOST} Observations would be computed with.")
        answer.seen.add(stored.key)
        if stored.label == RESTRICTED:
            answer.opened.append(stored)
        if most:
            answer.sources.append(stored)
        if len(answer.sources) > most + SOURCES:
            answer.sources[:] = _newest(answer.sources, most)

    def _is_meant(self, code: Concept) -> bool:
        system, text = self._code
        return any(one.code == text and system in {None, one.system} for one in code.coding)

    def _components(self, seen: Observation, *, only_meant: bool) -> list[int]:
        return [
            index
            for index, one in enumerate(seen.component)
            if not only_meant or self._is_meant(one.code)
        ]

    def _take(
        self, seen: Observation, stored: Stored, indexes: Iterable[int], into: Series | None
    ) -> None:
        at = self._at(seen)
        for index in indexes:
            part = seen.component[index]
            series = into or self._part(part.code)
            place = stored.key, index + 1
            if part.modifier_extension or seen.modifier_extension:
                series.leave_out(place, MODIFIED)
            else:
                series.add(place, part.value_quantity, at)

    def _value(self, seen: Observation, stored: Stored, series: Series) -> None:
        place = stored.key, 0
        if seen.modifier_extension:
            series.leave_out(place, MODIFIED)
        else:
            series.add(place, seen.value_quantity, self._at(seen))

    def _member(self, stored: Stored) -> None:
        seen = observation(stored)
        if not self._is_of_these(seen):
            return
        if seen.status in OUT:
            self._answer.errors += 1
            return
        self._source(stored)
        self._value(seen, stored, self._part(seen.code))

    def _members(self, stored: Stored, seen: Observation) -> list[Stored]:
        named = {one.reference.removeprefix(f"{self._door.base}/") for one in seen.has_member}
        names = [one for one in references(stored, self._door.base) if one[0] == OBSERVATION]
        meant = [one for one in dict.fromkeys(names) if "/".join(one) in named]
        shown = [visible(self._door, self._actor, one) for one in meant]
        return [one for one in shown if one is not None]

    def _is_of_these(self, seen: Observation) -> bool:
        """Return whether a panel's member is of its subject, and of the time that is asked for."""
        named = seen.subject.reference if seen.subject else ""
        subjects = {"/".join(self._asked.subject), *self._answer.linked}
        if named.removeprefix(f"{self._door.base}/") not in subjects:
            return False
        if self._asked.span is None:
            return True
        first, last = self._asked.span
        return first <= seen.at(self._door.zone) < last

    def _part(self, code: Concept) -> Series:
        return self._parts.setdefault(tuple(code.names()), Series(code))

    def _at(self, seen: Observation) -> int | None:
        at = seen.at(self._door.zone)
        return None if at == NOWHEN else at
