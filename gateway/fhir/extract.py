"""What the index keeps of a resource: the values that its search parameters select.

One function a resource type is made of the expressions of all its parameters, so that an element
that several of them name is visited once. https://hl7.org/fhir/R4/search.html
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from gateway.fhir import passages
from gateway.fhir.composites import compose, composites
from gateway.fhir.expressions import Route, Step, routes
from gateway.fhir.leaves import (
    LEAVES,
    Date,
    Reference,
    Said,
    String,
    Token,
    Uri,
    identified,
    leads,
)
from gateway.fhir.measures import Measure
from gateway.fhir.positions import Position, located
from gateway.fhir.searchparams import SearchParam, presence, search_params
from gateway.fhir.taking import Take

T = TypeVar("T")

KINDS: Final = frozenset({"token", "reference", "date", "string", "number", "quantity", "uri"})
# These are columns of the resource's own row.
FROM_THE_ROW: Final = frozenset({"_id", "_lastUpdated"})


class Extracted(msgspec.Struct, frozen=True, gc=False):
    """Index rows of one resource, each once; a parameter is named by its id."""

    tokens: list[Token]  # system or "", code
    references: list[Reference]  # type and id, or "" and a URL
    dates: list[Date]  # first tick, tick after the last
    strings: list[String]  # as written
    measures: list[Measure]  # numbers, quantities, composites
    uris: list[Uri]
    texts: list[tuple[int, str]]  # all that is said of a parameter, a line each
    present: int  # which parameters have a value: see `searchparams.presence`
    holds: list[int]  # which custom parameters have a value
    positions: list[Position]  # where a place is, on a sphere of radius 1

    def __len__(self) -> int:
        """Return how many index rows there are."""
        own = len(self.tokens) + len(self.references) + len(self.dates) + len(self.strings)
        own += len(self.measures) + len(self.uris) + len(self.texts)
        return own + len(self.holds) + len(self.positions)


NO_MORE: Final[Mapping[int, Take]] = MappingProxyType({})


def extract(
    resource: Mapping[str, object],
    zone: ZoneInfo,
    base: str = "",
    more: Mapping[int, Take] = NO_MORE,
) -> Extracted:
    """Return what search finds of a checked resource; `zone` is that of its zone-less times.

    References that begin with `base`, our own address, are those to our own resources. `more` are
    the custom parameters of its type.
    """
    type_ = str(resource["resourceType"])
    lists: Lists = ([], [], [], [], [], [], [])
    present = _extractor(type_)(resource, zone, base, lists)
    tokens, references, dates, strings, measures, uris, said = lists
    if composites(type_):
        before = len(measures)
        compose(resource, base, measures)
        for one in measures[before:]:
            present |= presence(one.param)
    holds = [number for number, take in more.items() if take(resource, zone, base, lists)]
    positions = located(resource)
    for number, *_ in positions:
        present |= presence(number)
    texts = _joined(said)
    whole = search_params(type_)
    if told := passages.narrative(resource):
        texts.append((whole["_text"].id, told))
        present |= whole["_text"].present
    if words := passages.content(resource):
        texts.append((whole["_content"].id, words))
        present |= whole["_content"].present
    return Extracted(
        _once(tokens),
        _once(references),
        _once(dates),
        _once(strings),
        _once(measures),
        _once(uris),
        texts,
        present,
        holds,
        positions,
    )


def _once(rows: list[T]) -> list[T]:
    """Return each row once; of most kinds a resource has one or none."""
    return list(dict.fromkeys(rows)) if len(rows) > 1 else rows


def extract_more(
    resource: Mapping[str, object], zone: ZoneInfo, base: str, more: Mapping[int, Take]
) -> Extracted:
    """Return what custom parameters alone find."""
    lists: Lists = ([], [], [], [], [], [], [])
    holds = [number for number, take in more.items() if take(resource, zone, base, lists)]
    tokens, references, dates, strings, measures, uris, said = lists
    return Extracted(
        _once(tokens),
        _once(references),
        _once(dates),
        _once(strings),
        _once(measures),
        _once(uris),
        _joined(said),
        0,
        holds,
        [],
    )


def joined(found: Extracted, more: Extracted) -> Extracted:
    """Return what both found of one resource."""
    return Extracted(
        [*found.tokens, *more.tokens],
        [*found.references, *more.references],
        [*found.dates, *more.dates],
        [*found.strings, *more.strings],
        [*found.measures, *more.measures],
        [*found.uris, *more.uris],
        [*found.texts, *more.texts],
        found.present | more.present,
        [*found.holds, *more.holds],
        [*found.positions, *more.positions],
    )


def _joined(said: list[Said]) -> list[tuple[int, str]]:
    """Return for each parameter all that is said, each text once."""
    found: dict[int, dict[str, None]] = {}
    for param, words in said:
        found.setdefault(param, {})[words] = None
    return [(param, "\n".join(words)[: passages.MOST]) for param, words in found.items()]


Lists = tuple[
    list[Token],
    list[Reference],
    list[Date],
    list[String],
    list[Measure],
    list[Uri],
    list[Said],
]
Extractor = Callable[[Mapping[str, object], ZoneInfo, str, Lists], int]


@dataclass(slots=True)
class _Node:
    """An element on the way to values, and what is found where it stands."""

    below: "dict[Step, _Node]" = field(default_factory=dict)
    found: list[tuple[SearchParam, Route]] = field(default_factory=list)


def indexed(resource_type: str) -> Iterator[SearchParam]:
    """Yield the parameters that have index rows of their own."""
    for param in search_params(resource_type).values():
        if (
            param.kind in KINDS
            and param.stores == (param.id,)
            and param.expression
            and param.code not in FROM_THE_ROW
        ):
            yield param


@functools.cache
def _extractor(resource_type: str) -> Extractor:
    names: dict[str, Any] = {f"{kind}_{type_}": leaf for (kind, type_), leaf in LEAVES.items()}
    names |= {"leads": leads, "identified": identified}
    # The source is made of the committed tables alone, never of what anybody sends.
    exec(source(resource_type), names)  # noqa: S102
    made: Extractor = names["extract"]
    return made


def source(resource_type: str) -> str:
    """Return the Python source of a type's extractor."""
    root = _Node()
    lines = [
        "def extract(v0, zone, base, lists):",
        "    tokens, references, dates, strings, measures, uris, said = lists",
        "    present = 0",
    ]
    told = [one for one in search_params(resource_type).values() if one.filtered]
    for param in (*indexed(resource_type), *told):
        ways = routes(param.expression)
        if ways[0].truth:
            lines.append(f"    {_truth(param, ways)}")
            continue
        for way in ways:
            node = root
            for step in way.steps:
                node = node.below.setdefault(step, _Node())
            node.found.append((param, way))
    return "\n".join([*lines, *_lines(root, 0, "    "), "    return present"])


def _lines(node: _Node, depth: int, indent: str) -> Iterator[str]:
    """Yield the visits to the members of the value in the variable of this depth."""
    for key in dict.fromkeys(step.key for step in node.below):
        steps = [(step, below) for step, below in node.below.items() if step.key == key]
        value, values = f"v{depth + 1}", f"all{depth}"
        many = steps[0][0].many
        yield f"{indent}{values if many else value} = v{depth}.get({key!r})"
        yield f"{indent}if {values if many else value} is not None:"
        if not many:
            yield from _visit(steps[0][1], depth + 1, f"{indent}    ")
            continue
        yield f"{indent}    for {value} in {values}:"
        for step, below in steps:
            yield f"{indent}        if {_test(step, value, values)}:"
            yield from _visit(below, depth + 1, f"{indent}            ")


def _test(step: Step, value: str, values: str) -> str:
    if step.index is not None:
        return f"{value} is {values}[{step.index}]"
    if step.member:
        return f"{value}.get({step.member!r}) == {step.value!r}"
    return f"{value} is not None"


def _visit(node: _Node, depth: int, indent: str) -> Iterator[str]:
    bits = 0
    for param, way in node.found:
        if way.resolves:
            # Of a reference that does not tell its type nothing is kept.
            yield f"{indent}if leads(v{depth}, '{way.resolves}', base):"
            yield f"{indent}    present |= {presence(param.id)}"
            # One that shares the rows of another has its identifiers alone.
            alone = f"identified(v{depth}, {param.id}, tokens)"
            yield f"{indent}    {alone if param.filtered else _call(param, way, depth)}"
            continue
        bits |= presence(param.id)
        if (param.kind, way.type) in LEAVES:
            yield f"{indent}{_call(param, way, depth)}"
    if bits:
        yield f"{indent}present |= {bits}"
    yield from _lines(node, depth, indent)


# What a leaf fills besides the value and the parameter, by kind and by type.
_FILLS: Final[Mapping[str, str]] = {
    "token": "tokens",
    "reference": "references",
    "date": "dates, zone",
    "string": "strings",
    "number": "measures",
    "quantity": "measures",
    "uri": "uris",
}
_FILLS_BY_TYPE: Final[Mapping[tuple[str, str], str]] = {
    ("token", "CodeableConcept"): "tokens, said",
    ("token", "Coding"): "tokens, said",
    ("token", "Identifier"): "tokens, said, measures",
    ("reference", "Reference"): "references, base, tokens",
}


def _call(param: SearchParam, way: Route, depth: int) -> str:
    fills = _FILLS_BY_TYPE.get((param.kind, way.type)) or _FILLS[param.kind]
    return f"{param.kind}_{way.type}(v{depth}, {param.id}, {fills})"


def _truth(param: SearchParam, ways: tuple[Route, ...]) -> str:
    """Return the line for "exists and is not false", which every resource answers."""
    values = " or ".join(f"v0.get({way.steps[0].key!r})" for way in ways)
    return (
        f"tokens.append(({param.id}, '', 'true' if {values} else 'false'));"
        f" present |= {presence(param.id)}"
    )
