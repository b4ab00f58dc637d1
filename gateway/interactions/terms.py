"""Value sets and code systems that are stored here, as far as their codes can be listed.

https://hl7.org/fhir/R4/search.html#token: `:in`, `:not-in`, `:above`, `:below`.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from gateway.access.actor import Actor
from gateway.errors import CostlyError, InvalidRequestError
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions.door import Door, require
from gateway.interactions.values import bars, unescape
from gateway.store.query import Query, Uris

Resource = Mapping[str, Any]
Pairs = set[tuple[str | None, str | None]]
Find = Callable[[str, str], Awaitable[Resource | None]]
"""Finds a ValueSet or CodeSystem by its address, the newest that the caller may read."""

MOST: Final = 10_000
"""Codes of one value."""
DEEPEST: Final = 16
VERSIONS: Final = 20
DOWN: Final = frozenset({"is-a", "descendent-of"})


def finder(door: Door, actor: Actor) -> Find:
    """Return how value sets and code systems are found for a caller."""

    async def find(type_: str, url: str) -> Resource | None:
        require(actor, type_, "s")
        viewer = door.viewer(actor)
        if url.startswith(f"{type_}/"):
            stored = door.store.current(type_, url.removeprefix(f"{type_}/"))
            readable = stored and not stored.deleted and door.store.may_read(stored, viewer)
            return stored.resource() if stored and readable else None
        address, _, version = url.partition("|")
        params = search_params(type_)["url"].stores
        clause = Uris(params, (("exact", address),))
        page = await door.store.search(Query(TYPE_IDS[type_], viewer, (clause,), count=VERSIONS))
        found = [one.resource() for one in page.matches]
        return next((one for one in found if not version or one.get("version") == version), None)

    return find


async def members(find: Find, code: str, url: str) -> Pairs:
    """Return the codes of a value set."""
    try:
        return await _value_set(find, unescape(url), 0)
    except LookupError as error:
        raise InvalidRequestError(f"{code}: {error.args[0]}.", expression=f"http.{code}") from error
    except OverflowError as error:
        raise CostlyError(
            f"{code}: the value set has more than {MOST} codes.", expression=f"http.{code}"
        ) from error


async def relatives(find: Find, code: str, way: str, value: str) -> Pairs:
    """Return a code with all below it, or above it, in its code system."""
    system, *rest = bars(value)
    if len(rest) != 1 or not system or not rest[0]:
        raise InvalidRequestError(f"{code}:{way} takes 'system|code'.", expression=f"http.{code}")
    found = await find("CodeSystem", system)
    if found is None or found.get("content") not in {"complete", "fragment"}:
        raise InvalidRequestError(
            f"{code}: the code system is not stored here with its codes.",
            expression=f"http.{code}",
        )
    parents = _parents(found)
    if rest[0] not in parents:
        return {(system, rest[0])}
    codes = _below(parents, rest[0]) if way == "below" else _above(parents, rest[0])
    if len(codes) > MOST:
        raise CostlyError(f"{code}: more than {MOST} codes.", expression=f"http.{code}")
    return {(system, one) for one in codes}


async def _value_set(find: Find, url: str, depth: int) -> Pairs:
    found = await find("ValueSet", url) if depth <= DEEPEST else None
    if found is None:
        raise LookupError("the value set, or one that it names, is not stored here")
    compose = found.get("compose")
    if compose is None:
        listed: Pairs = set(_expanded(found.get("expansion", {}).get("contains", ())))
        if not listed:
            raise LookupError("the value set lists no codes")
        return _bounded(listed)
    codes: Pairs = set()
    for include in compose.get("include", ()):
        codes |= await _included(find, include, depth)
        _bounded(codes)
    for exclude in compose.get("exclude", ()):
        codes -= await _included(find, exclude, depth)
    return codes


def _bounded(codes: Pairs) -> Pairs:
    if len(codes) > MOST:
        raise OverflowError
    return codes


def _expanded(entries: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    for one in entries:
        if "code" in one and not one.get("abstract"):
            yield one.get("system", ""), one["code"]
        yield from _expanded(one.get("contains", ()))


async def _included(find: Find, part: Resource, depth: int) -> Pairs:
    """Return what one include names: its codes, and of value sets what all of them have."""
    sets: list[Pairs] = [await _value_set(find, url, depth + 1) for url in part.get("valueSet", ())]
    if "system" in part:
        sets.append(await _of_system(find, part))
    if not sets:
        return set()
    return set.intersection(*sets)


async def _of_system(find: Find, part: Resource) -> Pairs:
    system = part["system"]
    if "concept" in part:
        return {(system, one["code"]) for one in part["concept"]}
    found = await find("CodeSystem", system)
    if found is None or found.get("content") != "complete":
        raise LookupError("a code system of the value set is not stored here whole")
    parents = _parents(found)
    codes = set(parents)
    for one in part.get("filter", ()):
        codes &= _filtered(parents, one)
    return _bounded({(system, code) for code in codes})


def _filtered(parents: Mapping[str, set[str]], one: Resource) -> set[str]:
    op, value = one.get("op"), one.get("value", "")
    if one.get("property") != "concept" or op not in DOWN | {"is-not-a", "generalizes", "="}:
        raise LookupError("a filter of the value set is not supported")
    below = _below(parents, value)
    match op:
        case "is-a":
            return below
        case "descendent-of":
            return below - {value}
        case "is-not-a":
            return set(parents) - below
        case "generalizes":
            return _above(parents, value)
        case _:
            return {value}


def _parents(system: Resource) -> dict[str, set[str]]:
    """Return code -> parents: by nesting, and by the properties `parent` and `subsumedBy`."""
    found: dict[str, set[str]] = {}
    todo: list[tuple[Resource, str]] = [(one, "") for one in system.get("concept", ())]
    while todo:
        concept, above = todo.pop()
        code = concept["code"]
        found.setdefault(code, set()).update({above} - {""})
        found[code] |= {
            one["valueCode"]
            for one in concept.get("property", ())
            if one.get("code") in {"parent", "subsumedBy"} and "valueCode" in one
        }
        todo += [(one, code) for one in concept.get("concept", ())]
    return found


def _below(parents: Mapping[str, set[str]], code: str) -> set[str]:
    children: dict[str, list[str]] = {}
    for one, above in parents.items():
        for each in above:
            children.setdefault(each, []).append(one)
    return _reached(code, lambda one: children.get(one, ()))


def _above(parents: Mapping[str, set[str]], code: str) -> set[str]:
    return _reached(code, lambda one: parents.get(one, ()))


def _reached(code: str, more: Callable[[str], Iterable[str]]) -> set[str]:
    seen, todo = {code}, [code]
    while todo:
        fresh = set(more(todo.pop())) - seen
        seen |= fresh
        todo += fresh
    return seen
