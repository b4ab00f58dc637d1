"""The search parameters that are served: R4's own, and those that are defined here.

Held in memory and read anew as `gateway.access.directory` is, so that what was defined, built or
retired counts in every process within one second.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Protocol

import msgspec
from typing_extensions import override

from gateway.fhir.custom import Definition, params
from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.fhir.searchparams import SearchParam, search_params
from gateway.fhir.taking import Take, take

SETTING: Final = "search-parameters"
"""Names the state of the definitions: a write that was prepared under another is stale."""
REINDEX: Final = ("reindex",)
PENDING: Final = [("pending",)]
"""What a migration that brings new index tables leaves behind."""
STALE_AFTER: Final = 0.5
BUILDING, ACTIVE, GOING, GONE = range(4)
WHOLE: Final = 100
KEPT: Final = 1_024

_decode = msgspec.json.Decoder(Definition).decode


class Settings(Protocol):
    """The part of a store that is read."""

    def fetch(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a named read statement."""

    def subscribe(self, topic: str, listener: Callable[[str, str], None]) -> None:
        """Call the listener with each notice of a topic."""


@dataclass(frozen=True, slots=True)
class Custom:
    """One definition as it stands: `id` is that of its SearchParameter."""

    number: int
    id: str
    state: int
    definition: Definition
    base: int = 0
    after: int = 0
    done: int = 0
    total: int = 0

    @property
    def percent(self) -> int:
        """How far it is built."""
        if self.state != BUILDING:
            return WHOLE
        return min(WHOLE - 1, self.done * WHOLE // self.total) if self.total else 0


class Parameters:
    """Answers for search parameters."""

    def __init__(self, store: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._due = 0.0
        self._lacking = False
        self._generation: str | None = None
        self._customs: dict[int, Custom] = {}
        self._shape: object = None
        self._own: dict[str, dict[str, SearchParam]] = {}
        self._all: dict[str, Mapping[str, SearchParam]] = {}
        self._takes: dict[str, Mapping[int, Take]] = {}
        self._kept: dict[object, Any] = {}
        store.subscribe("config", self._changed)

    def of(self, type_: str) -> Mapping[str, SearchParam]:
        """Return code -> parameter of a type; "" is every type."""
        self._fresh()
        found = self._all.get(type_)
        if found is None:
            found = self._all[type_] = self._made(type_) if type_ else self._everywhere()
        return found

    def takes(self, type_: str) -> Mapping[int, Take]:
        """Return how the custom parameters of a type are taken out of a resource."""
        self._fresh()
        found = self._takes.get(type_)
        if found is None:
            known = self.of(type_)
            made = {one.id: take(one, known) for one in self._own.get(type_, {}).values()}
            found = {id_: one for id_, one in made.items() if one is not None}
            self._takes[type_] = found
        return found

    @property
    def kept(self) -> dict[object, Any]:
        """What somebody made of the definitions, to be found again as long as they are the same."""
        self._fresh()
        if len(self._kept) > KEPT:
            self._kept.clear()
        return self._kept

    def percent(self, param: SearchParam) -> int:
        """Return how far a parameter is built: 100 where it may be searched by."""
        custom = self._customs.get(param.number)
        return custom.percent if custom else WHOLE

    def customs(self) -> list[Custom]:
        """Return the definitions, those that are going too."""
        self._fresh()
        return list(self._customs.values())

    @property
    def version(self) -> object:
        """Something equal as long as the same parameters are served."""
        return tuple((one.number, one.state, one.definition) for one in self.customs())

    @property
    def generation(self) -> str | None:
        """What must still stand when what was prepared is written."""
        self._fresh()
        return self._generation

    def lacking(self) -> bool:
        """Return whether some resources lack index rows."""
        self._fresh()
        return self._lacking

    def forget(self) -> None:
        """Read anew what is asked next."""
        self._due = 0.0

    def _changed(self, _topic: str, _text: str) -> None:
        self._due = 0.0

    def _fresh(self) -> None:
        now = self._clock()
        if now < self._due:
            return
        self._read()
        self._due = now + STALE_AFTER

    def _read(self) -> None:
        self._lacking = self._store.fetch("setting", REINDEX) == PENDING
        # The generation first: whatever changes between the two makes a write stale, not wrong.
        found = self._store.fetch("setting", (SETTING,))
        rows = self._store.fetch("params_live") if found else []
        self._generation = found[0][0] if found else None
        shape = [row[:4] for row in rows]
        if shape == self._shape:
            for row in rows:
                number = row[0]
                before = self._customs[number]
                self._customs[number] = replace(
                    before, base=row[4], after=row[5], done=row[6], total=row[7]
                )
            return
        self._shape = shape
        self._customs = {
            number: Custom(number, id_, state, _decode(text), *way)
            for number, id_, state, text, *way in rows
        }
        self._own, self._all, self._takes, self._kept = {}, {}, {}, {}
        for one in self._customs.values():
            for param in params(one.number, one.definition) if one.state < GOING else ():
                self._own.setdefault(param.base, {})[param.code] = param

    def _made(self, type_: str) -> Mapping[str, SearchParam]:
        official, own = search_params(type_), self._own.get(type_)
        return MappingProxyType({**official, **own}) if own else official

    def _everywhere(self) -> Mapping[str, SearchParam]:
        """Return the parameters of every type, each with the index rows of all types."""
        found = {}
        each = [self.of(type_) for type_ in RESOURCE_TYPES]
        for code, one in self.of("Binary").items():
            of_all = [params.get(code) for params in each]
            stores = tuple(param.id for param in of_all if param and param.number == one.number)
            if len(stores) == len(each):
                found[code] = replace(one, base="", stores=stores)
        return MappingProxyType(found)


class AsBuilt(Parameters):
    """The same for whoever looks at what is written now, which has the rows of them all."""

    @override
    def percent(self, param: SearchParam) -> int:
        """Return that every parameter may be asked for, also while what was there before waits."""
        return WHOLE
