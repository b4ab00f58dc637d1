"""Search parameter expressions, resolved to the ways that lead to their values in JSON.

The part of FHIRPath that R4's own parameters use: paths, unions, `as` in both forms, `where` on a
member or on the type that a reference points to, an index, and "exists and is not false"; and
what others write for the same, `extension('…')` and `ofType(…)`.
https://hl7.org/fhir/R4/searchparameter.html and https://hl7.org/fhirpath/N1/
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gateway.fhir.structures import PRIMITIVES, Element, structure

_TRUTH = re.compile(r"([\w.]+)\.exists\(\) and \1 != false")
_CAST = re.compile(r"\(?((?:[\w.]|\([^()]*\))+) as (\w+)\)?((?:\.\w+)*)")
_UNION = re.compile(r"\|(?=(?:[^']*'[^']*')*[^']*$)")
_STEP = re.compile(
    r"(?:^|\.)(?:(?:as|ofType)\((?P<cast>\w+)\)"
    r"|extension\('(?P<url>[^']*)'\)"
    r"|where\(resolve\(\) is (?P<resolves>\w+)\)"
    r"|where\((?P<member>\w+)='(?P<value>[^']*)'\)"
    r"|(?P<child>\w+))(?:\[(?P<index>\d+)\])?"
)


class ExpressionError(Exception):
    """The expression is none that is known here, or names what does not exist."""


@dataclass(frozen=True, slots=True)
class Step:
    """One member on the way; of an array every item, those with a member equal, or one by index."""

    key: str
    many: bool
    member: str = ""
    value: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One way through JSON from a resource to values of one type."""

    steps: tuple[Step, ...]
    type: str
    resolves: str = ""  # the only type that the reference may point to
    truth: bool = False  # the value is whether there is one other than false


def routes(expression: str) -> tuple[Route, ...]:
    """Return the ways to all that an expression selects."""
    return tuple(route for member in members(expression) for route in _member(member))


def members(expression: str) -> list[str]:
    """Return what a union joins."""
    return [member.strip() for member in _UNION.split(expression)]


def _member(text: str) -> Sequence[Route]:
    if found := _TRUTH.fullmatch(text):
        return [replace(route, truth=True) for route in _path(found[1])]
    if found := _CAST.fullmatch(text):
        # `as` on a path that repeats picks the values of the type, as R4's own parameters mean it.
        return _path(f"{found[1]}.as({found[2]}){found[3]}")
    return _path(text)


def _path(text: str) -> Sequence[Route]:
    found = list(_STEP.finditer(text))
    if not found or "".join(step[0] for step in found) != text:
        raise ExpressionError(f"not understood from here on: {_rest(text, found)}")
    root, *steps = found
    ways = [Route((), root["child"] or "")]
    for step in steps:
        ways = [longer for way in ways for longer in _longer(way, step)]
        if not ways:
            raise ExpressionError(f"nothing is selected from here on: {text[step.start() :]}")
    return ways


def _rest(text: str, found: Sequence[re.Match[str]]) -> str:
    """Return the text from the first step that is none."""
    at, before = 0, 0
    for step in found:
        if step.start() != at:
            break
        before, at = at, step.end()
    return text[before if text[at : at + 1] == "(" else at :] or text


def _longer(way: Route, step: re.Match[str]) -> Iterator[Route]:
    if step["child"]:
        yield from _below(way, step)
    elif step["url"] is not None:
        yield from _extended(way, step["url"])
    elif step["cast"]:
        if way.type == step["cast"]:
            yield way
    elif step["resolves"]:
        yield replace(way, resolves=step["resolves"])
    elif way.steps:
        *before, last = way.steps
        last = replace(last, member=step["member"], value=step["value"])
        yield replace(way, steps=(*before, last))


def _below(way: Route, step: re.Match[str]) -> Iterator[Route]:
    index = int(step["index"]) if step["index"] else None
    for element in _elements(way.type):
        if element.name in {step["child"], f"{step['child']}[x]"}:
            last = Step(element.key, element.many, index=index)
            yield replace(way, steps=(*way.steps, last), type=element.type)


def _extended(way: Route, url: str) -> Iterator[Route]:
    """Yield the way on to extensions of one kind; those of a primitive stand beside it."""
    last = Step("extension", many=True, member="url", value=url)
    if way.type in PRIMITIVES and way.steps and way.steps[-1].key[0] != "_":
        *before, own = way.steps
        beside = replace(own, key=f"_{own.key}")
        yield replace(way, steps=(*before, beside, last), type="Extension")
    elif any(element.name == "extension" for element in _elements(way.type)):
        yield replace(way, steps=(*way.steps, last), type="Extension")


def kinds(base: str, steps: Sequence[Step]) -> Iterator[str]:
    """Yield the type of what each step leads to."""
    type_ = base
    for step in steps:
        if step.key[0] == "_":
            type_ = "Element"
        elif step.key == "extension":
            type_ = "Extension"
        else:
            type_ = structure(type_)[step.key].type
        yield type_


def _elements(type_: str) -> Iterator[Element]:
    """Yield what is in a value; a primitive has nothing that JSON keeps in its place."""
    try:
        found = structure(type_)
    except (FileNotFoundError, KeyError):
        return
    yield from found.values()
