"""Search parameters that are defined here, by SearchParameter resources: judged and taken apart.

https://hl7.org/fhir/R4/searchparameter.html. A definition whose expression is none that an index
can be made of is refused by name: see `gateway.fhir.expressions`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from gateway.fhir.composites import composite_of, groups, whole
from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.fhir.expressions import ExpressionError, Route, kinds, members, routes
from gateway.fhir.leaves import LEAVES
from gateway.fhir.searchparams import Limits, SearchParam, custom_id
from gateway.fhir.structures import structure

KINDS: Final = frozenset(
    {"token", "reference", "date", "string", "number", "quantity", "uri", "composite"}
)
ABSTRACT: Final[Mapping[str, frozenset[str]]] = {
    "Resource": frozenset(),
    "DomainResource": frozenset({"Binary", "Bundle", "Parameters"}),
}
"""Bases that are every type but these."""
NEEDED: Final = ("base", "code", "type", "url")
NORMAL: Final = frozenset({"", "normal"})
LONGEST: Final = 1_000
"""Characters of an expression."""
OURS: Final = frozenset({"extension", "lastUpdated", "security", "versionId"})
"""Members of `meta` that are filled in after a write was judged."""
MOST_WAYS: Final = 200
FIRSTS: Final = frozenset({"token", "reference"})
AMOUNTS: Final = frozenset({"number", "quantity"})
PARTS: Final = frozenset({2, 3})

_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_ROOT: Final = re.compile(r"\(*\s*([A-Z]\w*)\b")
_OF_RESOURCE: Final = "%resource."


class DefinitionError(Exception):
    """What a definition says cannot be searched by; `place` is where it says so."""

    def __init__(self, place: str, text: str) -> None:
        super().__init__(text)
        self.place = place


class Definition(msgspec.Struct, frozen=True):
    """A search parameter as it is kept: for each base the expression of its own."""

    url: str
    code: str
    kind: str
    bases: tuple[str, ...]
    expressions: tuple[str, ...]
    targets: tuple[str, ...] = ()
    components: tuple[tuple[str, str], ...] = ()
    several: bool = True
    repeated: bool = True
    modifiers: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    chains: tuple[str, ...] = ()

    @property
    def substance(self) -> tuple[object, ...]:
        """What its index rows are made by."""
        return self.kind, self.bases, self.expressions, self.components


Named = Callable[[str], str]
"""Returns the code of the parameter that a canonical address names, "" where there is none."""
Params = Callable[[str], Mapping[str, SearchParam]]
"""Returns the parameters of a type."""


def define(resource: Mapping[str, Any], named: Named, known: Params) -> Definition:
    """Return what a SearchParameter defines; DefinitionError."""
    for name in NEEDED:
        if name not in resource:
            raise DefinitionError(name, "has a value, not an extension alone")
    code, kind = resource["code"], resource["type"]
    if not _CODE.fullmatch(code):
        raise DefinitionError("code", "is a letter, then letters, digits, '_' and '-'")
    if kind not in KINDS:
        raise DefinitionError("type", f"'{kind}' is not served; one of {', '.join(sorted(KINDS))}")
    if resource.get("xpathUsage", "") not in NORMAL:
        raise DefinitionError("xpathUsage", "other than normal is not served")
    bases = _bases(resource)
    found = Definition(
        url=resource["url"],
        code=code,
        kind=kind,
        bases=bases,
        expressions=_expressions(resource, bases),
        targets=tuple(filter(None, resource.get("target", ()))),
        components=_components(resource, named) if kind == "composite" else (),
        several=resource.get("multipleOr", True),
        repeated=resource.get("multipleAnd", True),
        modifiers=tuple(resource.get("modifier", ())),
        prefixes=tuple(resource.get("comparator", ())),
        chains=tuple(resource.get("chain", ())),
    )
    for param in params(0, found):
        _try(param, known(param.base))
    return found


def params(number: int, definition: Definition) -> Iterator[SearchParam]:
    """Yield the parameter that a definition is for each of its bases."""
    limits = Limits(
        definition.several,
        definition.repeated,
        frozenset(definition.modifiers),
        frozenset(definition.prefixes),
        frozenset(definition.chains),
    )
    for base, expression in zip(definition.bases, definition.expressions, strict=True):
        id_ = custom_id(number, base)
        yield SearchParam(
            id=id_,
            base=base,
            code=definition.code,
            kind=definition.kind,
            targets=definition.targets or RESOURCE_TYPES,
            expression=expression,
            url=definition.url,
            stores=(id_,),
            components=definition.components,
            number=number,
            limits=limits,
        )


def _bases(resource: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for base in resource["base"]:
        if base in ABSTRACT:
            found.update((one, None) for one in RESOURCE_TYPES if one not in ABSTRACT[base])
        elif base in RESOURCE_TYPES:
            found[base] = None
        else:
            raise DefinitionError("base", "names what is no resource type of R4")
    return tuple(found)


def _expressions(resource: Mapping[str, Any], bases: Sequence[str]) -> tuple[str, ...]:
    """Return for each base what of the union begins with it; a path without a root is of each."""
    text = " ".join(resource.get("expression", "").split())
    if not text or len(text) > LONGEST:
        raise DefinitionError("expression", f"is there, and has at most {LONGEST} characters")
    parts = members(text)
    for part in parts:
        root = _ROOT.match(part)
        if root and root[1] not in {*bases, *ABSTRACT}:
            raise DefinitionError("expression", f"begins with {root[1]}, which is no base of it")
    return tuple(_of_base(parts, base) for base in bases)


def _of_base(parts: Sequence[str], base: str) -> str:
    found = []
    for part in parts:
        root = _ROOT.match(part)
        if root is None:
            found.append(f"{base}.{part}")
        elif root[1] == base or base not in ABSTRACT.get(root[1], {base}):
            found.append(part[: root.start(1)] + base + part[root.end(1) :])
    if not found:
        raise DefinitionError("expression", f"selects nothing of {base}, which is a base")
    return " | ".join(found)


def _components(resource: Mapping[str, Any], named: Named) -> tuple[tuple[str, str], ...]:
    found = []
    for index, one in enumerate(resource.get("component", ())):
        code = named(one.get("definition", ""))
        if not code or "expression" not in one:
            place = f"component[{index}].definition"
            raise DefinitionError(place, "names no search parameter that is served here")
        found.append((code, one["expression"]))
    if len(found) not in PARTS:
        raise DefinitionError("component", "two or three make a composite")
    return tuple(found)


def _try(param: SearchParam, known: Mapping[str, SearchParam]) -> None:
    """Raise where no index can be made of a parameter."""
    try:
        if param.kind == "composite":
            _try_composite(param, known)
        else:
            _try_ways(param, ways(param))
    except ExpressionError as error:
        place = "component" if param.kind == "composite" else "expression"
        raise DefinitionError(place, str(error)) from error


def ways(param: SearchParam) -> tuple[Route, ...]:
    """Return the ways to what a parameter can be searched by."""
    return tuple(
        one for one in routes(param.expression) if one.truth or (param.kind, one.type) in LEAVES
    )


def _try_ways(param: SearchParam, found: Sequence[Route]) -> None:
    if not found or any(not one.steps for one in found):
        raise DefinitionError(
            "expression", f"leads to nothing in {param.base} that a {param.kind} is found in"
        )
    if any(
        [step.key for step in one.steps[:2]] in [["meta", member] for member in OURS]
        for one in found
    ):
        raise DefinitionError(
            "expression", "leads to what the server says: _security, _campus and _lastUpdated do"
        )
    if len(found) > MOST_WAYS:
        raise DefinitionError("expression", f"leads over more than {MOST_WAYS} ways")
    for way in found:
        for at, one in enumerate(way.steps):
            if one.member and not _has(way, param.base, one.member, at):
                raise DefinitionError("expression", "has a where() on what has no such member")


def _has(way: Route, base: str, member: str, at: int) -> bool:
    """Return whether what a way leads to up to a step has a member."""
    *_, type_ = kinds(base, way.steps[: at + 1])
    try:
        return member in structure(type_)
    except (FileNotFoundError, KeyError):
        return False


def _try_composite(param: SearchParam, known: Mapping[str, SearchParam]) -> None:
    for index, (code, _) in enumerate(param.components):
        if code not in known:
            place = f"component[{index}].definition"
            raise DefinitionError(place, f"{code} is no search parameter of {param.base}")
    if not _go_together([known[code].kind for code, _ in param.components]):
        raise DefinitionError(
            "component", "first a token or reference, then one more or one or two numbers"
        )
    if whole(param):
        if any(groups(param)):
            raise DefinitionError("expression", "is either the type itself or one group in it")
        _try_whole(param, known)
        return
    _try_group(param, known)


def _try_group(param: SearchParam, known: Mapping[str, SearchParam]) -> None:
    """Pass a composite over one group whose parts are all found in it."""
    if len(members(param.expression)) != 1 or len(routes(param.expression)) != 1:
        raise DefinitionError("expression", "of a composite leads to one group")
    for index, part in enumerate(composite_of(param, known).parts):
        if not part.ways:
            place = f"component[{index}].expression"
            raise DefinitionError(place, f"leads to nothing that a {part.param.kind} is found in")


def _go_together(kinds: Sequence[str]) -> bool:
    first, *others = kinds
    if len(others) == 1:
        return first in FIRSTS and others[0] in FIRSTS | AMOUNTS
    return first in FIRSTS and {*others} <= AMOUNTS


def _try_whole(param: SearchParam, known: Mapping[str, SearchParam]) -> None:
    """Pass a composite of the whole resource whose parts are what their own definitions select."""
    for index, (code, text) in enumerate(param.components):
        parts = [one.removeprefix(_OF_RESOURCE) for one in members(text)]
        asked = routes(" | ".join(f"{param.base}.{one}" for one in parts))
        theirs = {(one.steps, one.type) for one in routes(known[code].expression)}
        kind = known[code].kind
        if not {(one.steps, one.type) for one in asked if (kind, one.type) in LEAVES} <= theirs:
            place = f"component[{index}].expression"
            raise DefinitionError(place, f"selects something else than {code} does")
