"""A search asked of one version: decided by what was extracted from it, else by the store.

The clauses are those of search; only where they are tried differs. What leads to other resources
(chains, `_has`, lists, value sets) is resolved anew each time it is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.access.actor import Actor
from gateway.events.facts import Facts, Key, keys_of, told
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.interactions.names import parse_name
from gateway.interactions.resolve import TERMS, Asker
from gateway.interactions.search import parse
from gateway.store.query import Clause, Ids, Patients, Query, References, Tokens
from gateway.store.records import Viewer

PATIENT: Final = TYPE_IDS["Patient"]
LINKED: Final = "_linked"
ELSEWHERE: Final = frozenset({"_has", "_list"})
NARROWEST: Final = (Ids, Patients, References, Tokens)
"""Clauses that a version is looked up by, those first that fewest versions match."""

Param = tuple[str, str]


async def parsed(
    door: Door, actor: Actor, type_: str, params: Iterable[Param]
) -> tuple[tuple[Clause, ...], bool]:
    """Return the clauses of criteria, and whether one of them can match nothing."""
    asked = await parse(Asker(door, actor), type_, list(params), lenient=False)
    return tuple(asked.clauses), asked.nobody


@dataclass(frozen=True, slots=True)
class Compiled:
    """Criteria as they stand now. Of `keys` a version must have one, where they are not None."""

    clauses: tuple[Clause, ...] = ()
    moving: tuple[Param, ...] = ()
    nobody: bool = True
    patients: frozenset[str] = frozenset()
    keys: tuple[Key, ...] | None = ()


@dataclass(eq=False, slots=True)
class Criterion:
    """Criteria of one type, for one token of a campus; shared by all that ask the same."""

    type: str
    params: tuple[Param, ...]
    compiled: Compiled = field(default_factory=Compiled)

    async def compile(self, door: Door, actor: Actor) -> None:
        """Settle what the criteria mean now: link sets change."""
        linked = tuple(one for one in self.params if one[0] == LINKED)
        moving = tuple(
            one for one in self.params if one not in linked and _moves(door, self.type, one)
        )
        still = [one for one in self.params if one not in moving]
        clauses, nobody = await parsed(door, actor, self.type, still)
        self.compiled = Compiled(
            clauses,
            (*linked, *moving) if moving else (),
            nobody,
            frozenset(_patients(clauses)),
            _keys(clauses),
        )

    async def matches(self, door: Door, actor: Actor, viewer: Viewer, facts: Facts) -> bool:
        """Return whether a version that the viewer may read is among what the criteria find."""
        clauses = self.compiled.clauses
        if self.compiled.nobody or any(told(one, facts) is False for one in clauses):
            return False
        if self.compiled.moving:
            more, nobody = await parsed(door, actor, self.type, self.compiled.moving)
            if nobody:
                return False
            clauses = (*clauses, *more)
        open_ = tuple(one for one in clauses if told(one, facts) is not True)
        if not open_:
            return True
        query = Query(TYPE_IDS[self.type], viewer, open_)
        return await door.store.matches(query, facts.stored.row)

    async def is_about(self, door: Door, actor: Actor, facts: Facts) -> bool:
        """Return whether a version is about whom the criteria name, by the links of this moment."""
        if not self.compiled.patients and not self.compiled.moving:
            return True
        clauses, _ = await parsed(door, actor, self.type, self.params)
        whom = [one for one in clauses if isinstance(one, Patients | References)]
        return all(told(one, facts) is not False for one in whom)


def _moves(door: Door, type_: str, param: Param) -> bool:
    """Return whether what a parameter finds may change while no link set does."""
    name = parse_name(param[0])
    if name.code in ELSEWHERE or name.chain or name.modifier in TERMS:
        return True
    known = door.params.of(type_).get(name.code)
    if known is None:
        return False
    # An id without its type, and "about now", mean what they do at this moment.
    bare = known.kind == "reference" and not name.modifier and "/" not in param[1]
    return bare or (known.kind == "date" and "ap" in param[1])


def _patients(clauses: Sequence[Clause]) -> Iterable[str]:
    """Yield the Patients that clauses name, with all that they are certainly the same as."""
    for clause in clauses:
        if isinstance(clause, Patients):
            yield from clause.ids
        elif isinstance(clause, References):
            yield from (id_ for type_, id_ in clause.targets if type_ == PATIENT)


def _keys(clauses: Sequence[Clause]) -> tuple[Key, ...] | None:
    """Return what a version is looked up by: of the narrowest clause that has it."""
    for kind in NARROWEST:
        for clause in clauses:
            if isinstance(clause, kind) and (keys := keys_of(clause)) is not None:
                return keys
    return None
