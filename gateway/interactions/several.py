"""Parameters that several types have in common: `/fhir?_type=Patient,Practitioner&name=…`.

https://hl7.org/fhir/R4/search.html#type: what is searched by must be of all the types named. Each
type has index rows of its own, so what is asked of one is asked of each; where the same values are
looked for it stays one look into the index.
"""

import dataclasses
from collections.abc import Sequence
from itertools import chain
from typing import Final, TypeVar

from msgspec.structs import replace

from gateway.errors import InvalidRequestError
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import SearchParam
from gateway.interactions.names import HAS, Name, known, safe
from gateway.interactions.parameters import Parameters
from gateway.interactions.resolve import MANY_TYPES, Asker, resolve
from gateway.store.query import (
    Clause,
    Dates,
    Either,
    Holds,
    Near,
    Not,
    Pairs,
    Patients,
    Quantities,
    References,
    Strings,
    Texts,
    Tokens,
    Types,
    Uris,
)

_INDEXED: Final = (
    *(Dates, Holds, Near, Pairs, Quantities, References, Strings, Texts, Tokens, Uris),
)
_CLINICAL: Final = {Tokens: {"is_code": False}, Dates: {"is_date": False}}
_Item = TypeVar("_Item")


def params_of(
    params: Parameters, types: Sequence[str], name: Name, place: str = ""
) -> list[SearchParam]:
    """Return the parameter of each type; an error names the type that has none, or another."""
    found = [known(params, one, name, place) for one in types]
    for type_, one in zip(types, found, strict=True):
        if one.kind != found[0].kind:
            raise InvalidRequestError(
                f"{safe(name.code)} is a {found[0].kind} of {types[0]}, a {one.kind} of {type_}:"
                " ask of one of them.",
                expression=f"http.{place or safe(name.code)}",
            )
    return found


def param_of(params: Parameters, types: Sequence[str], name: Name, place: str) -> SearchParam:
    """Return the parameter with the index rows of all these types."""
    if len(types) == 1:
        return known(params, types[0], name, place)
    found = params_of(params, types, name, place)
    return dataclasses.replace(found[0], stores=_together([one.stores for one in found]))


async def resolve_each(asker: Asker, types: Sequence[str], name: Name, value: str) -> Clause:
    """Return the clause of a parameter that all these types have."""
    if name.chain and len(types) > MANY_TYPES:
        raise InvalidRequestError(
            f"A chain leads from at most {MANY_TYPES} types.", expression=f"http.{safe(name.code)}"
        )
    if name.code != HAS:
        params_of(asker.door.params, types, name)
    found = [_unbound(await resolve(asker, one, name, value)) for one in types]
    return _joined(found) or _either(types, found)


def _unbound(clause: Clause) -> Clause:
    """Return a clause without what the clinical rows of one type would answer."""
    match clause:
        case Patients(params=params, ids=ids, type=type_):
            return References(params, tuple((type_, id_) for id_ in ids))
        case Not(clause=inner):
            return Not(_unbound(inner))
        case Either(alternatives=each):
            return Either(tuple(tuple(map(_unbound, one)) for one in each))
        case _:
            return replace(clause, **_CLINICAL.get(type(clause), {}))


def _joined(found: Sequence[Clause]) -> Clause | None:
    """Return one clause that asks the same of all types, None where they are asked different."""
    first = found[0]
    if all(one == first for one in found):
        return first
    inner = [one.clause for one in found if isinstance(one, Not)]
    if len(inner) == len(found):
        joined = _joined(inner)
        return Not(joined) if joined else None
    each = [one for one in found if isinstance(one, _INDEXED)]
    if len(each) < len(found):
        return None
    params = _together([one.params for one in each])
    same = [replace(one, params=params) for one in each]
    return same[0] if all(one == same[0] for one in same) else None


def _either(types: Sequence[str], found: Sequence[Clause]) -> Clause:
    """Return the clause of each type for what is of it."""
    either = Either(
        tuple(
            (Types((TYPE_IDS[type_],)), clause) for type_, clause in zip(types, found, strict=True)
        )
    )
    codes = [one for one in found if isinstance(one, Tokens)]
    if len(codes) < len(found):
        return either
    # One of all these codes is there, whatever the type: that is what an index is entered by.
    params, values = ([one.params for one in codes], [one.values for one in codes])
    return Either(((Tokens(_together(params), _together(values)), either),))


def _together(each: Sequence[tuple[_Item, ...]]) -> tuple[_Item, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(each)))
