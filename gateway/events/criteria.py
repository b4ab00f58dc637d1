"""A search asked of one version: decided by what was extracted from it, else by the store.

The clauses are those of search; only where they are tried differs. What leads to other resources
(chains, `_has`, lists, value sets) was resolved before, and is again once one of those changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from gateway.access.actor import Actor
from gateway.events.facts import Facts, Key, keys_of, told
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.interactions.names import HAS, Name, parse_name
from gateway.interactions.resolve import PARENTS, TERMS, Asker
from gateway.interactions.search import parse
from gateway.store.query import Clause, Ids, Keys, Patients, References, Tokens

PATIENT: Final = TYPE_IDS["Patient"]
LINKS: Final = frozenset({"Patient", "Person"})
CODES: Final = frozenset({"ValueSet", "CodeSystem"})
ALWAYS: Final = ""
"""In place of a type: whatever changes."""
NARROWEST: Final = (Ids, Keys, Patients, References, Tokens)
"""Clauses that a version is looked up by, those first that fewest versions match."""

Param = tuple[str, str]


async def parsed(
    door: Door, actor: Actor, type_: str, params: Iterable[Param]
) -> tuple[tuple[Clause, ...], bool]:
    """Return the clauses of criteria, and whether one of them can match nothing."""
    asked = await parse(Asker(door, actor), type_, list(params), lenient=False)
    return tuple(_named(door, one) for one in asked.clauses), asked.nobody


def _named(door: Door, clause: Clause) -> Clause:
    """Return a clause that names what it leads to, as what refers there does."""
    if not isinstance(clause, References) or not clause.keys:
        return clause
    names = [door.store.fetch("key_name", (key,))[0] for key in clause.keys]
    return replace(clause, targets=(*clause.targets, *map(tuple, names)), keys=())


@dataclass(frozen=True, slots=True)
class Compiled:
    """Criteria as they stand now. Of `keys` a version must have one, where they are not None."""

    clauses: tuple[Clause, ...] = ()
    nobody: bool = True
    patients: frozenset[str] = frozenset()
    keys: tuple[Key, ...] | None = ()


@dataclass(eq=False, slots=True)
class Criterion:
    """Criteria of one type, for one token of a campus; shared by all that ask the same."""

    type: str
    params: tuple[Param, ...]
    leads: frozenset[str]
    """The types of what it was resolved over: it means something else when one of those changes."""
    compiled: Compiled = field(default_factory=Compiled)
    fault: str = ""
    """Why it means nothing any more."""

    async def compile(self, door: Door, actor: Actor) -> None:
        """Settle what the criteria mean now."""
        clauses, nobody = await parsed(door, actor, self.type, self.params)
        patients = frozenset(_patients(clauses))
        self.compiled = Compiled(clauses, nobody, patients, _keys(clauses))

    def left(self, facts: Facts) -> tuple[Clause, ...] | None:
        """Return what only the store can tell of a version, None where it does not match."""
        if self.compiled.nobody:
            return None
        open_ = []
        for clause in self.compiled.clauses:
            found = told(clause, facts)
            if found is False:
                return None
            if found is None:
                open_.append(clause)
        return tuple(open_)

    async def is_about(self, door: Door, actor: Actor, facts: Facts) -> bool:
        """Return whether a version is about whom the criteria name, by the links of this moment."""
        if not self.compiled.patients and not self.leads:
            return True
        clauses, _ = await parsed(door, actor, self.type, self.params)
        whom = [one for one in clauses if isinstance(one, Patients | References)]
        return all(told(one, facts) is not False for one in whom)


def leads(door: Door, type_: str, params: Iterable[Param]) -> frozenset[str]:
    """Return the types of what criteria are resolved over."""
    return frozenset(
        one for name, value in params for one in _leads(door, type_, parse_name(name), value)
    )


def _leads(door: Door, type_: str, name: Name, value: str) -> Iterator[str]:
    if name.code == HAS:
        source = name.modifier.partition(":")[0]
        yield source
        yield from _leads(door, source, parse_name(name.chain), value)
    elif name.code == "_list":
        yield "List"
    elif name.modifier in TERMS:
        yield from (*CODES, *PARENTS)
    elif param := door.params.of(type_).get(name.code):
        ends = (name.modifier,) if name.modifier else param.targets
        for target in ends if name.chain else ():
            yield from _chained(door, target, name.chain, value)
        # An id without its type is of what has been referred to by now.
        bare = param.kind == "reference" and len(param.targets) > 1 and "/" not in value
        if (bare and not name.chain) or (param.kind == "date" and "ap" in value):
            yield ALWAYS


def _chained(door: Door, target: str, chain: str, value: str) -> Iterator[str]:
    yield from LINKS if target == "Patient" else (target,)
    yield from _leads(door, target, parse_name(chain), value)


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
                return tuple(dict.fromkeys(keys))
    return None
