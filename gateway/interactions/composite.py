"""Composite parameters: `code-value-quantity=LOINC|718-7$lt120`.

https://hl7.org/fhir/R4/search.html#composite. Over the whole resource they are what their parts
ask for together, over a group that repeats a row of the index, and `combo-` is either.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.errors import InvalidRequestError
from gateway.fhir.composites import groups, whole
from gateway.fhir.searchparams import SearchParam
from gateway.interactions.values import dollars
from gateway.store.query import (
    Amount,
    Clause,
    Either,
    Holds,
    Missing,
    Not,
    Pairs,
    Patients,
    Quantities,
    References,
    Tokens,
)

Read = Callable[[str, str], Clause]
"""Makes the clause of one part: its code, its text."""


def composite(
    known: Mapping[str, SearchParam], param: SearchParam, values: Sequence[str], read: Read
) -> Clause:
    """Return the clause of a composite; of several values any. `known` are all of its type."""
    rooted = _rooted(param)
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
            codes = [code for code, _ in _stored(known, param).components]
            pairs += _pairs([read(code, part) for code, part in zip(codes, parts, strict=True)])
    if pairs:
        alternatives.append((Pairs(_stored(known, param).stores, tuple(pairs)),))
    either = Either(tuple(alternatives))
    if not whole(param) or known[rooted[0]].kind != "token":
        return either
    # Whatever else holds, one of the codes is there: that is what an index can be entered by.
    code, _ = param.components[0]
    firsts = [read(code, dollars(value)[0]) for value in values]
    found = [pair for one in firsts if isinstance(one, Tokens) for pair in one.values]
    return Either(((Tokens(known[code].stores, tuple(dict.fromkeys(found))), either),))


def _rooted(param: SearchParam) -> list[str]:
    """Return the parts of a composite as the whole resource has them."""
    if param.number:
        return [code for code, _ in param.components]
    return [code.replace("combo-", "") for code, _ in param.components]


def _stored(known: Mapping[str, SearchParam], param: SearchParam) -> SearchParam:
    """Return the composite with rows of its own that a `combo-` looks into."""
    return param if param.number else known[param.code.replace("combo-", "component-")]


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
        case Patients(ids=ids, type=type_):
            return [("reference", (type_, id_)) for id_ in ids]
        case Quantities(amounts=amounts):
            found: list[Amount] = list(amounts)
            return found
        case _:
            raise TypeError(type(clause).__name__)


def lacks(known: Mapping[str, SearchParam], param: SearchParam, *, missing: bool) -> Clause:
    """Return the clause of `:missing`: a composite is there if all its parts are."""
    ways: list[tuple[Clause, ...]] = []
    if whole(param):
        ways.append(tuple(has(known[code]) for code in _rooted(param)))
    if any(groups(param)):
        ways.append((has(_stored(known, param)),))
    there = Either(tuple(ways))
    return Not(there) if missing else there


def has(param: SearchParam) -> Clause:
    """Return the clause that there is a value."""
    return Holds(param.stores) if param.number else Missing((param.present,), missing=False)
