"""What the index keeps of a resource: the values that its search parameters select.

One function a resource type is made of the expressions of all its parameters, so that an element
that several of them name is visited once. https://hl7.org/fhir/R4/search.html
"""

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.fhir.expressions import Route, Step, routes
from gateway.fhir.leaves import LEAVES, Date, Reference, String, Token
from gateway.fhir.searchparams import SearchParam, search_params

KINDS: Final = frozenset({"token", "reference", "date", "string"})
# These are columns of the resource's own row.
FROM_THE_ROW: Final = frozenset({"_id", "_lastUpdated"})


@dataclass(frozen=True, slots=True)
class Extracted:
    """Index rows of one resource, each once; a parameter is named by its id."""

    tokens: list[Token]  # system or "", code
    references: list[Reference]  # type and id, or "" and a URL
    dates: list[Date]  # first tick, tick after the last
    strings: list[String]  # as written

    def __len__(self) -> int:
        """Return how many index rows there are."""
        return len(self.tokens) + len(self.references) + len(self.dates) + len(self.strings)


def extract(resource: Mapping[str, object], zone: ZoneInfo, base: str = "") -> Extracted:
    """Return what search finds of a checked resource; `zone` is that of its zone-less times.

    References that begin with `base`, our own address, are those to our own resources.
    """
    tokens: list[Token] = []
    references: list[Reference] = []
    dates: list[Date] = []
    strings: list[String] = []
    _extractor(str(resource["resourceType"]))(
        resource, zone, base, (tokens, references, dates, strings)
    )
    return Extracted(
        list(dict.fromkeys(tokens)),
        list(dict.fromkeys(references)),
        list(dict.fromkeys(dates)),
        list(dict.fromkeys(strings)),
    )


Lists = tuple[list[Token], list[Reference], list[Date], list[String]]
Extractor = Callable[[Mapping[str, object], ZoneInfo, str, Lists], None]


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
    # The source is made of the committed tables alone, never of what anybody sends.
    exec(source(resource_type), names)  # noqa: S102
    made: Extractor = names["extract"]
    return made


def source(resource_type: str) -> str:
    """Return the Python source of a type's extractor."""
    root = _Node()
    lines = [
        "def extract(v0, zone, base, lists):",
        "    tokens, references, dates, strings = lists",
    ]
    for param in indexed(resource_type):
        ways = routes(param.expression)
        if ways[0].truth:
            lines.append(f"    {_truth(param, ways)}")
            continue
        for way in ways:
            if (param.kind, way.type) not in LEAVES:
                continue
            node = root
            for step in way.steps:
                node = node.below.setdefault(step, _Node())
            node.found.append((param, way))
    return "\n".join([*lines, *_lines(root, 0, "    ")])


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
    for param, way in node.found:
        more = {"date": ", zone"}.get(param.kind, "")
        if way.type == "Reference":
            more = ", base"
        call = f"{param.kind}_{way.type}(v{depth}, {param.id}, {param.kind}s{more})"
        if way.resolves:
            # Only a literal reference tells its type; of others nothing is kept.
            yield f"{indent}if v{depth}.get('reference', '').startswith('{way.resolves}/'):"
            yield f"{indent}    {call}"
        else:
            yield f"{indent}{call}"
    yield from _lines(node, depth, indent)


def _truth(param: SearchParam, ways: tuple[Route, ...]) -> str:
    """Return the line for "exists and is not false", which every resource answers."""
    values = " or ".join(f"v0.get({way.steps[0].key!r})" for way in ways)
    return f"tokens.append(({param.id}, '', 'true' if {values} else 'false'))"
