"""What a reference value may mean: `Patient/1`, an id, an address of our own or outside.

https://hl7.org/fhir/R4/search.html#reference
"""

import re
from functools import lru_cache
from typing import Final

from gateway.errors import InvalidRequestError, NotSupportedError
from gateway.fhir.clinical import clinical
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.expressions import routes
from gateway.fhir.searchparams import SearchParam
from gateway.interactions.door import Door
from gateway.interactions.names import Name
from gateway.store.query import Clause, Patients, References

FEW: Final = 8
"""Types that an id is looked up in one by one: what is found so is remembered."""
ADDRESSES: Final = frozenset({"canonical", "uri"})
"""Types of what is kept as it is written."""
VERSION: Final = "/_history/"
_RESTFUL: Final = re.compile(r".*/([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}")

Target = tuple[int, str]
"""A type and an id; type 0 is an address outside."""


def about(type_: str, param: SearchParam, targets: tuple[Target, ...]) -> Clause:
    """Return the clause of a reference; over the clinical rows where all targets are Patients."""
    kind = clinical(type_)
    patient = TYPE_IDS["Patient"]
    if (
        kind is not None
        and set(param.stores) == set(kind.patient)
        and all(type_id == patient for type_id, _ in targets)
    ):
        return Patients(param.stores, tuple(id_ for _, id_ in targets), patient)
    return References(param.stores, targets)


def reference_targets(door: Door, param: SearchParam, name: Name, value: str) -> list[Target]:
    """Return what a reference value may mean."""
    inner = value.removeprefix(f"{door.base}/") if door.base else value
    if VERSION in inner:
        raise InvalidRequestError(
            f"{name.code} takes a reference without a version.", expression=f"http.{name.code}"
        )
    type_, slash, id_ = inner.partition("/")
    if slash and type_ in TYPE_IDS and "/" not in id_:
        # A parameter may share its index rows with one that leads to more types.
        if type_ not in param.targets or name.modifier not in {"", type_, "above", "below"}:
            return []
        # A canonical is kept as it is written.
        written = (inner, f"{door.base}/{inner}") if _kinds(param.expression) & ADDRESSES else ()
        return [(TYPE_IDS[type_], id_), *((0, one) for one in written)]
    if slash or ":" in inner:
        return [(0, inner)] if _may_lead(param, name, inner) else []
    types = (name.modifier,) if name.modifier in TYPE_IDS else param.targets
    ids = [(TYPE_IDS[target], inner) for target in types if target in TYPE_IDS]
    # An id alone can name several types: only those count that anything has referred to.
    if len(ids) > FEW:
        named = {number for number, _ in door.store.fetch("keys_named", (inner,))}
        return [one for one in ids if one[0] in named] or ids[:1]
    return [one for one in ids if door.store.fetch("key_id", one)] or ids[:1]


def _may_lead(param: SearchParam, name: Name, address: str) -> bool:
    """Return whether an address outside may be that of a type that is asked for."""
    asked = {name.modifier} & TYPE_IDS.keys() or set(param.targets if param.filtered else ())
    if not asked:
        return True
    found = _RESTFUL.fullmatch(address)
    # What an address tells no type of may be of any that the parameter leads to.
    return found[1] in asked if found and found[1] in TYPE_IDS else not param.filtered


def refuse_addresses(param: SearchParam, place: str, what: str) -> None:
    """Pass a parameter that leads to resources; a canonical is an address, and no more."""
    if is_address(param):
        raise NotSupportedError(
            f"{what} does not follow {param.code}: what it selects are canonical addresses. Search"
            " by the address.",
            expression=f"http.{place}",
        )


def is_address(param: SearchParam) -> bool:
    """Return whether all that a reference parameter selects are canonicals."""
    return _kinds(param.expression) <= ADDRESSES


@lru_cache(1_024)
def _kinds(expression: str) -> frozenset[str]:
    return frozenset(way.type for way in routes(expression))
