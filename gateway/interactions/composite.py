"""Composite parameters: `code-value-quantity=LOINC|718-7$lt120`.

https://hl7.org/fhir/R4/search.html#composite. Over the whole resource they are what their parts
ask for together, over a group that repeats a row of the index, and `combo-` is either.
"""

from collections.abc import Callable, Sequence
from typing import Any

from gateway.errors import InvalidRequestError
from gateway.fhir.composites import groups, whole
from gateway.fhir.searchparams import SearchParam, search_params
from gateway.interactions.values import dollars
from gateway.store.query import (
    Amount,
    Clause,
    Either,
    Missing,
    Not,
    Pairs,
    Quantities,
    References,
    Tokens,
)

Read = Callable[[str, str], Clause]
"""Makes the clause of one part: its code, its text."""


def composite(param: SearchParam, values: Sequence[str], read: Read) -> Clause:
    """Return the clause of a composite; of several values any."""
    rooted = [code.replace("combo-", "") for code, _ in param.components]
    alternatives: list[tuple[Clause, ...]] = []
    pairs: list[Any] = []
    for value in values:
        parts = dollars(value)
        if len(parts) != len(param.components) or not all(parts):
            shape = "$".join(code for code, _ in param.components)
            raise InvalidRequestError(
                f"{param.code} takes {shape}.", expression=f"http.{param.code}"
            )
        if whole(param):
            alternatives.append(tuple(map(read, rooted, parts)))
        if any(groups(param)):
            codes = [code for code, _ in _stored(param).components]
            pairs += _pairs([read(code, part) for code, part in zip(codes, parts, strict=True)])
    if pairs:
        alternatives.append((Pairs(_stored(param).stores, tuple(pairs)),))
    either = Either(tuple(alternatives))
    if not whole(param):
        return either
    # Whatever else holds, one of the codes is there: that is what an index can be entered by.
    return Either(((_first(param, read, values), either),))


def _first(param: SearchParam, read: Read, values: Sequence[str]) -> Clause:
    code, _ = param.components[0]
    firsts = [read(code, dollars(value)[0]) for value in values]
    pairs = [pair for one in firsts if isinstance(one, Tokens) for pair in one.values]
    return Tokens(search_params(param.base)[code].stores, tuple(dict.fromkeys(pairs)))


def _stored(param: SearchParam) -> SearchParam:
    """Return the composite with rows of its own that a `combo-` looks into."""
    return search_params(param.base)[param.code.replace("combo-", "component-")]


def _pairs(clauses: Sequence[Clause]) -> list[Any]:
    """Return every first value with every second one, and the third of three."""
    first, second, *third = (_parts(one) for one in clauses)
    return [
        (one, other, more)
        for one in first
        for other in second
        for more in (third[0] if third else [None])
    ]


def _parts(clause: Clause) -> list[Any]:
    match clause:
        case Tokens(values=pairs):
            return [("token", pair) for pair in pairs]
        case References(targets=targets):
            return [("reference", target) for target in targets]
        case Quantities(amounts=amounts):
            found: list[Amount] = list(amounts)
            return found
        case _:
            raise TypeError(type(clause).__name__)


def lacks(param: SearchParam, *, missing: bool) -> Clause:
    """Return the clause of `:missing`: a composite is there if all its parts are."""
    bits: list[tuple[int, ...]] = []
    params = search_params(param.base)
    if whole(param):
        rooted = [code.replace("combo-", "") for code, _ in param.components]
        bits.append(tuple(params[code].present for code in rooted))
    if any(groups(param)):
        bits.append((_stored(param).present,))
    each = [Missing(one, missing=missing) for one in bits]
    if len(each) == 1:
        return each[0]
    if not missing:
        return Either(tuple((one,) for one in each))
    return Not(Either(tuple((Not(one),) for one in each)))
