"""`_include` and `_revinclude`: whole, never cut, each entry's access judged again.

https://hl7.org/fhir/R4/search.html#include
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.access.actor import Actor
from gateway.errors import InvalidRequestError, NotSupportedError
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.clauses import Name, known, parse_name
from gateway.interactions.door import Door
from gateway.store.stored import Stored


@dataclass(frozen=True, slots=True)
class Include:
    """One parameter: from `source` through `params` to `targets`."""

    reverse: bool
    source: str
    params: tuple[int, ...]
    targets: frozenset[str]


def parse(name: Name, value: str) -> Include:
    """Return what `_include=Type:param[:Target]` asks for."""
    if name.modifier or name.chain:
        raise NotSupportedError(
            f"{name.code} is supported without modifiers.", expression=f"http.{name.code}"
        )
    source, _, rest = value.partition(":")
    code, _, target = rest.partition(":")
    if source not in TYPE_IDS or not code or (target and target not in TYPE_IDS):
        raise InvalidRequestError(
            f"{name.code} takes Type:parameter[:Type].", expression=f"http.{name.code}"
        )
    if code == "*":
        raise NotSupportedError(
            f"{name.code} takes one parameter by name.", expression=f"http.{name.code}"
        )
    param = known(source, parse_name(code))
    if param.kind != "reference":
        raise InvalidRequestError(
            f"{name.code} takes a reference parameter.", expression=f"http.{name.code}"
        )
    # A parameter may share its index rows with one that leads to more types.
    targets = frozenset(param.targets) & ({target} if target else TYPE_IDS.keys())
    return Include(name.code == "_revinclude", source, param.stores, targets)


def expand(
    door: Door, actor: Actor, matches: Sequence[Stored], includes: Iterable[Include]
) -> list[Stored]:
    """Return what the matches include, each once, and only what the caller may read."""
    viewer = door.viewer(actor)
    seen = {one.key for one in matches}
    found: list[Stored] = []
    for one in includes:
        for match in matches:
            for stored in _one(door, one, match):
                if stored.key in seen or not actor.may(stored.type, "r"):
                    continue
                seen.add(stored.key)
                if not stored.deleted and door.store.may_read(stored, viewer):
                    found.append(stored)
    return found


def _one(door: Door, include: Include, match: Stored) -> Iterable[Stored]:
    if include.reverse:
        if match.type not in include.targets:
            return
        for stored in door.store.referring(match.key, include.params):
            if stored.type == include.source:
                yield stored
        return
    if match.type != include.source:
        return
    for key in door.store.targets(match, include.params):
        target = door.store.by_integer(key)
        if target is not None and target.type in include.targets:
            yield target
