"""Parameters that lead over other resources: chains, `_has`, `_list`, value sets, hierarchies.

https://hl7.org/fhir/R4/search.html#chaining. What lies at the other end is looked up first; where
that is more than a statement should name, it becomes a condition that is tried row by row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from gateway.access.actor import Actor
from gateway.errors import CostlyError, InvalidRequestError, NotSupportedError
from gateway.fhir.clinical import clinical
from gateway.fhir.definitions import TYPE_IDS, TYPE_NAMES
from gateway.fhir.implied import implied
from gateway.fhir.searchparams import SearchParam, search_params
from gateway.interactions import clauses, terms
from gateway.interactions.door import Door, require
from gateway.interactions.listed import listed
from gateway.interactions.names import DEEPEST, HAS, NOT_SERVED, Name, known, parse_name, safe
from gateway.interactions.parameters import Parameters
from gateway.interactions.targets import about, reference_targets, refuse_addresses
from gateway.interactions.values import values
from gateway.interactions.widening import widen
from gateway.store.query import (
    Chain,
    Clause,
    Either,
    Has,
    Keys,
    Not,
    Patients,
    Query,
    References,
    Tokens,
)

NAMED: Final = 1_000
"""How many resources at the other end are named in a statement."""
MANY_TYPES: Final = 20
LEVELS: Final = 64
"""Levels of a hierarchy."""
PATIENT: Final = TYPE_IDS["Patient"]
PARENTS: Final = {
    "Location": "partof",
    "Organization": "partof",
    "Encounter": "part-of",
    "Procedure": "part-of",
    "Observation": "part-of",
    "ResearchStudy": "partof",
    "Task": "part-of",
}
"""By which parameter a type is part of its own kind."""
TERMS: Final = frozenset({"in", "not-in", "above", "below"})


@dataclass(slots=True)
class Asker:
    """For whom parameters are resolved, as of when, and what link sets added on the way.

    `guess`: a Patient who was alone when last looked at is taken to be so, and `guessed` that this
    was done. Then what is found is right, since the search itself looks; finding nothing says that
    it must be asked again without.
    """

    door: Door
    actor: Actor
    linked: bool = True
    mark: int = 0
    guess: bool = False
    guessed: bool = False
    added: set[str] = field(default_factory=set)


async def resolve(asker: Asker, type_: str, name: Name, value: str, depth: int = 0) -> Clause:
    """Return the clause of any parameter."""
    if depth > DEEPEST:
        raise NotSupportedError(
            f"A chain has at most {DEEPEST} links.", expression=f"http.{safe(name.code)}"
        )
    if name.code == HAS:
        return await _has(asker, type_, name, value, depth)
    if name.chain:
        return await _chain(asker, type_, name, value, depth)
    if name.code == "_list":
        return _list(asker, name, value)
    found = await _termed(asker, type_, name, value) if name.modifier in TERMS else None
    if found is None:
        found = clauses.clause(asker.door, type_, name, value)
    return _widened(asker, found, depth) if asker.linked else found


def _widened(asker: Asker, clause: Clause, depth: int) -> Clause:
    """Return a clause on all that are one human, or on one who is alone as far as is known."""
    if asker.guess and depth == 0 and isinstance(clause, Patients) and len(clause.ids) == 1:
        (patient,) = clause.ids
        if asker.door.store.was_alone(patient):
            asker.guessed = True
            return replace(clause, alone=True)
    return widen(asker.door, clause, asker.added)


async def _termed(asker: Asker, type_: str, name: Name, value: str) -> Clause | None:
    """Return the clause of a value set or hierarchy, None where the modifier means another."""
    param = known(asker.door.params, type_, name)
    clauses.check_modifier(param, name)
    if param.kind == "token":
        return await _by_terms(asker, type_, param, name, value)
    if param.kind == "reference":
        return await _hierarchy(asker, param, name, value)
    return None


async def _by_terms(asker: Asker, type_: str, param: SearchParam, name: Name, value: str) -> Clause:
    pairs: set[tuple[str | None, str | None]] = set()
    find = terms.finder(asker.door, asker.actor)
    for one in values(name.code, value):
        if name.modifier in {"in", "not-in"}:
            pairs |= await terms.members(find, name.code, one)
        else:
            pairs |= await terms.relatives(find, name.code, name.modifier, one)
    told = implied(param.base, param.expression)
    pairs = {each for pair in pairs for each in told.meant(*pair)}
    kind = clinical(type_) if type_ else None
    found = Tokens(
        param.stores,
        tuple(sorted(pairs, key=str)),
        is_code=kind is not None and param.stores == kind.code and len(pairs) <= NAMED,
    )
    return Not(found) if name.modifier == "not-in" else found


async def _hierarchy(asker: Asker, param: SearchParam, name: Name, value: str) -> Clause:
    """Return the clause of what lies below a place or body, or above it, itself included."""
    store = asker.door.store
    seen: dict[int, None] = {}
    for one in values(name.code, value):
        for target in reference_targets(asker.door, param, name, one):
            if TYPE_NAMES.get(target[0]) not in PARENTS:
                raise NotSupportedError(
                    f"{name.code}:{name.modifier} takes references to"
                    f" {', '.join(sorted(PARENTS))}.",
                    expression=f"http.{name.code}",
                )
            seen.update((key, None) for (key,) in store.fetch("key_id", target))
    level = list(seen)
    for _ in range(LEVELS):
        level = [key for key in _next(asker, level, name.modifier) if key not in seen]
        seen.update((key, None) for key in level)
        if len(seen) > NAMED:
            raise CostlyError(
                f"{name.code}:{name.modifier} leads to more than {NAMED} resources.",
                expression=f"http.{name.code}",
            )
        if not level:
            break
    return References(param.stores, (), tuple(seen))


def _next(asker: Asker, level: Sequence[int], way: str) -> list[int]:
    """Return what is one level below or above these, as far as the caller may see it."""
    store, viewer = asker.door.store, asker.door.viewer(asker.actor)
    found: list[int] = []
    for key in level:
        type_ = TYPE_NAMES[store.fetch("key_name", (key,))[0][0]]
        stores = search_params(type_)[PARENTS[type_]].stores if type_ in PARENTS else ()
        if way == "below":
            found += [one.key for one in store.referring(key, stores, NAMED + 1, viewer)]
        elif stores and (stored := store.by_integer(key)) and store.may_read(stored, viewer):
            found += store.targets(stored, stores)
    return list(dict.fromkeys(found))


async def _chain(asker: Asker, type_: str, name: Name, value: str, depth: int) -> Clause:
    """Return the clause of `subject:Patient.name=…`: who that is first, then who refers there."""
    params = asker.door.params
    param = known(params, type_, name)
    if param.kind != "reference" or (name.modifier and name.modifier not in param.targets):
        raise NotSupportedError(
            f"A chain leads over a reference, {safe(name.code)} to one of its types.",
            expression=f"http.{safe(name.code)}",
        )
    refuse_addresses(param, safe(name.code), "A chain")
    inner = parse_name(name.chain)
    clauses.check_chain(param, inner)
    ends = [(name.modifier,)] if name.modifier else [(one,) for one in param.targets]
    types = [target for (target,) in ends if _leads(params, target, inner)]
    if not types:
        known(params, name.modifier or param.targets[0], inner)
    if name.modifier or len(types) == 1:
        require(asker.actor, types[0], "s")
    types = [target for target in types if asker.actor.may(target, "s")]
    if len(types) > MANY_TYPES:
        raise InvalidRequestError(
            f"{safe(name.code)} may lead to {len(types)} types; name one:"
            f" {safe(name.code)}:{types[0]}.{safe(name.chain)}.",
            expression=f"http.{safe(name.code)}",
        )
    found = [await _end(asker, type_, param, target, (inner, value, depth)) for target in types]
    return found[0] if len(found) == 1 else Either(tuple((one,) for one in found))


def _leads(params: Parameters, type_: str, inner: Name) -> bool:
    return (
        inner.code in {HAS, "_list"} or inner.code in params.of(type_) or inner.code in NOT_SERVED
    )


async def _end(
    asker: Asker, type_: str, param: SearchParam, target: str, ask: tuple[Name, str, int]
) -> Clause:
    """Return the clause of a reference to what the rest of the chain finds among one type."""
    inner, value, depth = ask
    door = asker.door
    asked = await resolve(asker, target, inner, value, depth + 1)
    query = Query(TYPE_IDS[target], door.viewer(asker.actor), (asked,), mark=asker.mark)
    keys = await door.store.keys(query, NAMED)
    linked = asker.linked and target == "Patient"
    if keys is None:
        return Chain(param.stores, TYPE_IDS[target], (asked,), linked=linked)
    if target != "Patient":
        return References(param.stores, (), tuple(keys))
    ids = tuple((PATIENT, door.store.fetch("key_name", (key,))[0][1]) for key in keys)
    clause = about(type_, param, ids)
    return widen(door, clause, asker.added) if linked else clause


async def _has(asker: Asker, type_: str, name: Name, value: str, depth: int) -> Clause:
    """Return the clause of `_has:Observation:patient:code=…`: what such resources refer to."""
    source, _, code = name.modifier.partition(":")
    if source not in TYPE_IDS or not code or not name.chain or not type_:
        raise InvalidRequestError(
            "_has takes _has:Type:reference:parameter.", expression="http._has"
        )
    param = known(asker.door.params, source, Name(name.text, code))
    if param.kind != "reference" or type_ not in param.targets:
        raise InvalidRequestError(
            f"{source}.{safe(code)} leads to no {type_}.", expression="http._has"
        )
    refuse_addresses(param, HAS, HAS)
    require(asker.actor, source, "s")
    door = asker.door
    asked = await resolve(asker, source, parse_name(name.chain), value, depth + 1)
    query = Query(TYPE_IDS[source], door.viewer(asker.actor), (asked,), mark=asker.mark)
    keys = await door.store.keys(query, NAMED, through=param.stores)
    if keys is None:
        return Has(param.stores, TYPE_IDS[source], (asked,))
    return Keys(tuple(keys))


def _list(asker: Asker, name: Name, value: str) -> Clause:
    """Return the clause of what Lists have as items."""
    if name.modifier:
        raise NotSupportedError("_list takes no modifier.", expression="http._list")
    require(asker.actor, "List", "s")
    store, viewer = asker.door.store, asker.door.viewer(asker.actor)
    found: list[int] = []
    for one in values(name.code, value):
        if one.startswith("$"):
            raise NotSupportedError(
                "Of lists those that are stored are supported, by id.", expression="http._list"
            )
        stored = store.current("List", one.removeprefix("List/"))
        if stored and not stored.deleted and store.may_read(stored, viewer):
            found += listed(asker.door, stored)
    return Keys(tuple(dict.fromkeys(found)))
