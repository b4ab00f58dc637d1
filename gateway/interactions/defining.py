"""SearchParameters that come, change and go: what follows for what is searched by.

https://hl7.org/fhir/R4/searchparameter.html. Anybody may store a draft; one that is `active` costs
everybody an index, so an administrator makes it so. The definition is judged and numbered with the
write itself; its rows are built, or taken out, by `gateway.interactions.reindex` afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final

import msgspec

from gateway.access.actor import Actor
from gateway.errors import ConflictError, ForbiddenError, UnprocessableError
from gateway.fhir.custom import Definition, DefinitionError, define, params
from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.fhir.searchparams import SearchParam, search_params
from gateway.interactions.asked import CONTROLS
from gateway.interactions.door import Door
from gateway.interactions.following import Event, Followed
from gateway.interactions.names import HAS, NOT_SERVED
from gateway.interactions.parameters import BUILDING, GOING, SETTING, Custom

TYPE: Final = "SearchParameter"
ACTIVE: Final = "active"
RESERVED: Final = frozenset({*CONTROLS, *NOT_SERVED, HAS, "_include", "_revinclude", "_list"})


def follow(door: Door, actor: Actor, events: Sequence[Event]) -> Followed:
    """Return what is written besides SearchParameters."""
    found = Followed()
    mine = [event for event in events if event.type == TYPE]
    if not mine:
        return found
    plan = _Plan(door)
    for event in mine:
        plan.take(actor, event)
    found.statements += plan.statements
    if plan.statements:
        found.statements.append(("setting_put", (SETTING, str(plan.next_generation))))
        found.notices.append(("config", ""))
    return found


class _Plan:
    """The definitions as they will stand, and how they become so."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.next_generation = int(door.params.generation or 0) + 1
        ((self._last,),) = door.store.fetch("param_last")
        self._standing = {one.number: one for one in door.params.customs() if one.state < GOING}
        self.statements: list[tuple[str, tuple[object, ...]]] = []

    def take(self, actor: Actor, event: Event) -> None:
        """Take one SearchParameter that is about to be written or deleted."""
        after = event.after if event.after and event.after.get("status") == ACTIVE else None
        old = next((one for one in self._standing.values() if one.id == event.id), None)
        if after is None and old is None:
            return
        if not (event.trusted or actor.has("admin")):
            raise ForbiddenError(
                "A search parameter in use is the administrator's to change; store it as draft."
            )
        if old is not None:
            del self._standing[old.number]
        new = self._defined(after) if after else None
        if new is not None and old is not None and new.substance == old.definition.substance:
            self._keep(old, new)
            return
        if old is not None:
            self._retire(old)
        if new is not None:
            self._add(event.id, new)

    def _defined(self, resource: Mapping[str, Any]) -> Definition:
        try:
            found = define(resource, self._code_of, self._params)
        except DefinitionError as error:
            place = f"{TYPE}.{error.place}"
            raise UnprocessableError(f"{place}: {error}.", expression=place) from error
        self._refuse_taken(found)
        return found

    def _refuse_taken(self, new: Definition) -> None:
        if new.code in RESERVED:
            raise ConflictError(f"{new.code} has a meaning of its own.", expression=f"{TYPE}.code")
        if new.url in _official() or any(
            one.definition.url == new.url for one in self._standing.values()
        ):
            raise ConflictError(
                "A search parameter of this url is in use.", expression=f"{TYPE}.url"
            )
        taken = [base for base in new.bases if new.code in self._params(base)]
        if taken:
            raise ConflictError(
                f"{taken[0]} has a search parameter {new.code} already.",
                expression=f"{TYPE}.code",
            )

    def _params(self, type_: str) -> Mapping[str, SearchParam]:
        own = {
            param.code: param
            for one in self._standing.values()
            for param in params(one.number, one.definition)
            if param.base == type_
        }
        return {**search_params(type_), **own}

    def _code_of(self, canonical: str) -> str:
        url = canonical.partition("|")[0]
        own = {one.definition.url: one.definition.code for one in self._standing.values()}
        return own.get(url) or _official().get(url, "")

    def _keep(self, old: Custom, new: Definition) -> None:
        """Let what finds the same go on, with what else its definition says."""
        if new.code != old.definition.code:
            self._refuse_needed(old)
        self._standing[old.number] = replace(old, definition=new)
        self.statements.append(("param_set", (_text(new), old.number)))

    def _retire(self, old: Custom) -> None:
        self._refuse_needed(old)
        self.statements.append(("param_retire", (old.number,)))

    def _refuse_needed(self, old: Custom) -> None:
        """Pass only what no composite is made of."""
        code, bases = old.definition.code, set(old.definition.bases)
        for one in self._standing.values():
            its = one.definition
            if bases & set(its.bases) and code in (name for name, _ in its.components):
                raise ConflictError(
                    f"The composite {its.code} is made of it.", expression=f"{TYPE}.code"
                )

    def _add(self, id_: str, new: Definition) -> None:
        self._last += 1
        self._standing[self._last] = Custom(self._last, id_, BUILDING, new)
        self.statements.append(("param_add", (self._last, id_, _text(new))))


@cache
def _official() -> Mapping[str, str]:
    """Return the url of each of R4's own parameters, with its code."""
    each = (param for type_ in RESOURCE_TYPES for param in search_params(type_).values())
    return {param.url: param.code for param in each}


def _text(definition: Definition) -> str:
    return msgspec.json.encode(definition).decode()
