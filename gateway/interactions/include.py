"""`_include` and `_revinclude`: each entry's access judged again, never cut in silence.

https://hl7.org/fhir/R4/search.html#include. `:iterate` goes on from what was included; what is
beyond the bound is told in an `outcome` entry.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import InvalidRequestError, Issue, NotSupportedError
from gateway.fhir.definitions import RESOURCE_TYPES, TYPE_IDS
from gateway.interactions.door import Door
from gateway.interactions.names import Name, known, parse_name
from gateway.interactions.parameters import WHOLE, Parameters
from gateway.interactions.targets import refuse_addresses
from gateway.store.stored import Stored

MOST: Final = 1_000
"""Resources that a page includes."""
ROUNDS: Final = 16
"""How far `:iterate` goes."""
ITERATE: Final = frozenset({"iterate", "recurse"})


@dataclass(frozen=True, slots=True)
class Include:
    """One parameter: from `source` through `params` to `targets`; source "" is any type."""

    reverse: bool
    source: str
    params: frozenset[int]
    targets: frozenset[str]
    iterate: bool = False


def parse(params: Parameters, name: Name, value: str, type_: str) -> Include:
    """Return what `_include=Type:param[:Target]` asks for; `type_` is what is searched."""
    if name.modifier not in ITERATE | {""} or name.chain:
        raise NotSupportedError(
            f"{name.code} takes the modifier :iterate alone.", expression=f"http.{name.code}"
        )
    reverse, iterate = name.code == "_revinclude", name.modifier != ""
    if value == "*":
        # What :iterate goes on from is of any type.
        source = "" if reverse or iterate else type_
        return Include(reverse, source, frozenset(), frozenset(TYPE_IDS), iterate)
    source, _, rest = value.partition(":")
    code, _, target = rest.partition(":")
    if source not in TYPE_IDS or not code or (target and target not in TYPE_IDS):
        raise InvalidRequestError(
            f"{name.code} takes Type:parameter[:Type], Type:* or *.",
            expression=f"http.{name.code}",
        )
    if code == "*":
        targets = frozenset({target} if target else TYPE_IDS)
        return Include(reverse, source, frozenset(), targets, iterate)
    param = known(params, source, parse_name(code), name.code)
    if param.kind != "reference":
        raise InvalidRequestError(
            f"{name.code} takes a reference parameter.", expression=f"http.{name.code}"
        )
    refuse_addresses(param, name.code, name.code)
    # A parameter may share its index rows with one that leads to more types.
    targets = frozenset(param.targets) & ({target} if target else TYPE_IDS.keys())
    return Include(reverse, source, frozenset(param.stores), targets, iterate)


def expand(
    door: Door, actor: Actor, matches: Sequence[Stored], includes: Sequence[Include]
) -> tuple[list[Stored], list[Issue]]:
    """Return what the matches include, each once, what the caller may read, and what is told."""
    if not includes:
        return [], []
    gather = _Gathering(door, actor, {one.key for one in matches})
    # The audit and R4's own definitions are not in the index, which is what is followed.
    level: Sequence[Stored] = [one for one in matches if one.key > 0]
    for round_ in range(ROUNDS):
        # What is included leads on only where that is asked for.
        asked = [one for one in includes if one.iterate or not round_]
        level = gather.level(level, asked)
        if not level:
            return gather.found, gather.notes
    if any(one.iterate for one in includes) and gather.level(level, includes):
        gather.tell(f"What :iterate leads to beyond {ROUNDS} steps is left out.")
    return gather.found, gather.notes


class _Gathering:
    """What has been included so far."""

    def __init__(self, door: Door, actor: Actor, seen: set[int]) -> None:
        self._door = door
        self._actor = actor
        self._viewer = door.viewer(actor)
        self._seen = seen
        self.found: list[Stored] = []
        self.notes: list[Issue] = []

    def tell(self, text: str) -> None:
        """Add a warning, once."""
        issue = Issue("warning", "too-costly", text)
        if issue not in self.notes:
            self.notes.append(issue)

    def level(self, here: Sequence[Stored], includes: Iterable[Include]) -> list[Stored]:
        """Return what these include that was not there yet."""
        fresh: list[Stored] = []
        for one in includes:
            for match in here:
                for stored in self._one(one, match):
                    if stored.key in self._seen or not self._may(stored):
                        continue
                    if len(self.found) >= MOST:
                        self.tell(
                            f"More than {MOST} resources would be included; the rest is left out:"
                            " ask with a smaller _count."
                        )
                        return []
                    self._seen.add(stored.key)
                    self.found.append(stored)
                    fresh.append(stored)
        return fresh

    def _may(self, stored: Stored) -> bool:
        return (
            not stored.deleted
            and self._actor.may(stored.type, "r")
            and self._door.store.may_read(stored, self._viewer)
        )

    def _one(self, include: Include, match: Stored) -> Iterator[Stored]:
        store = self._door.store
        if include.reverse:
            if match.type in include.targets:
                params = tuple(include.params) or _referring(
                    self._door.params, include.source, match.type
                )
                for stored in store.referring(match.key, params, MOST + 1, self._viewer):
                    if include.source in {"", stored.type}:
                        yield stored
            return
        if include.source not in {"", match.type}:
            return
        # What is listed may be of a custom parameter that is being built, or was retired.
        leading = include.params or _leading(self._door.params, match.type)
        for key in store.targets(match, leading):
            target = store.by_integer(key)
            if target is not None and target.type in include.targets:
                yield target


def _referring(params: Parameters, source: str, target: str) -> tuple[int, ...]:
    """Return the index rows by which a type, or any, may refer to another."""
    return tuple(
        dict.fromkeys(
            store
            for name in ([source] if source else RESOURCE_TYPES)
            for param in params.of(name).values()
            if param.kind == "reference"
            and target in param.targets
            and params.percent(param) == WHOLE
            for store in param.stores
        )
    )


def _leading(params: Parameters, source: str) -> frozenset[int]:
    """Return the index rows by which a type refers to others."""
    return frozenset(
        store
        for param in params.of(source).values()
        if param.kind == "reference" and params.percent(param) == WHOLE
        for store in param.stores
    )
