"""`$meta`, `$meta-add`, `$meta-delete`: profiles, tags and labels, read and changed by themselves.

https://hl7.org/fhir/R4/resource-operation-meta.html. A change of them makes a version like any
other: R4 allows it to leave the version alone, but then nobody would see who labelled what, and
an ETag would no longer name one text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from gateway.access.actor import Actor
from gateway.errors import CostlyError, ForbiddenError
from gateway.fhir.codec import Resource
from gateway.fhir.definitions import RESOURCE_TYPES, TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions.door import Door, require
from gateway.interactions.patch import Patch, patch
from gateway.interactions.preconditions import NO_PRECONDITIONS, Preconditions
from gateway.interactions.record import record
from gateway.interactions.results import Written
from gateway.store.query import Clause, Query, Tokens, Uris

MOST: Final = 1_000
"""Labels that one answer lists."""
LABELS: Final = ("tag", "security")
Change = Callable[[list[Any], list[Any]], list[Any]]


async def in_use(door: Door, actor: Actor, type_: str) -> Resource:
    """Return the profiles, tags and labels of what the caller may see; type "" is every type."""
    if type_:
        require(actor, type_, "s")
    types = [type_] if type_ else [one for one in RESOURCE_TYPES if actor.may(one, "s")]
    if not types:
        raise ForbiddenError("The token's scopes do not allow search on any type.")
    await record(door, actor, "E", (), f"{type_}/$meta".lstrip("/"))
    profiles = [address for _, address in await _used(door, actor, types, "profile")]
    found: Resource = {"profile": profiles} if profiles else {}
    for name in LABELS:
        codings = [_coding(*one) for one in await _used(door, actor, types, name)]
        found |= {name: codings} if codings else {}
    return found


async def _used(door: Door, actor: Actor, types: Iterable[str], name: str) -> list[tuple[str, str]]:
    """Return (system, code) of the labels in use, (`""`, address) of profiles, each once."""
    found: dict[tuple[str, str], None] = {}
    viewer = door.viewer(actor)
    for type_ in types:
        param = search_params(type_)[f"_{name}"]
        for one in _stored(door, param.id, name):
            if one in found:
                continue
            # What only hidden resources carry is not there.
            asked = Query(TYPE_IDS[type_], viewer, (_clause(param.id, name, one),), count=1)
            if (await door.store.search(asked)).matches:
                found[one] = None
            if len(found) > MOST:
                raise CostlyError(f"More than {MOST} are in use; ask of one type, or search.")
    return sorted(found)


def _stored(door: Door, param: int, name: str) -> Iterator[tuple[str, str]]:
    kind = "uris" if name == "profile" else "tokens"
    after = -1
    while rows := door.store.fetch(f"{kind}_in_use", (param, after)):
        ((after, system, code),) = rows
        yield system, code


def _clause(param: int, name: str, one: tuple[str, str]) -> Clause:
    if name == "profile":
        return Uris((param,), (("exact", one[1]),))
    return Tokens((param,), (one,))


def _coding(system: str, code: str) -> dict[str, str]:
    return {"system": system, "code": code} if system else {"code": code}


async def changed(  # noqa: PLR0913, PLR0917 - a write has these parts
    door: Door,
    actor: Actor,
    type_: str,
    id_: str,
    asked: Patch,
    given: Preconditions = NO_PRECONDITIONS,
) -> Written:
    """Return the resource after its labels changed; what changes nothing makes no version."""
    return await patch(door, actor, type_, id_, asked, given)


def adding(meta: Mapping[str, Any]) -> Patch:
    """Return the change that adds what a Meta holds, each once."""
    return _change(meta, _union)


def deleting(meta: Mapping[str, Any]) -> Patch:
    """Return the change that takes out what a Meta holds; what is not there is no error."""
    return _change(meta, _rest)


def _change(meta: Mapping[str, Any], change: Change) -> Patch:
    def asked(resource: Resource) -> Resource:
        standing = resource.get("meta", {})
        for name in ("profile", *LABELS):
            kept = change(standing.get(name, []), meta.get(name, []))
            standing = {key: value for key, value in standing.items() if key != name}
            standing |= {name: kept} if kept else {}
        return {**resource, "meta": standing}

    return asked


def _union(standing: list[Any], more: list[Any]) -> list[Any]:
    found = {_identity(one): one for one in standing}
    for one in more:
        found.setdefault(_identity(one), one)
    return list(found.values())


def _rest(standing: list[Any], less: list[Any]) -> list[Any]:
    gone = {_identity(one) for one in less}
    return [one for one in standing if _identity(one) not in gone]


def _identity(one: Any) -> tuple[str, str]:
    """Return what makes a label the same: system and code, of a profile its whole address."""
    if isinstance(one, dict):
        return one.get("system", ""), one.get("code", "")
    return "", one or ""  # null where a profile is but an extension
