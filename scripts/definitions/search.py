"""Search parameters, one row a resource type: each with its own part of the expression."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from definitions.elements import Row
from definitions.sources import Resource, read, resources, write

COLUMNS = "number code kind targets expression url stores components"
ALL_TYPES = "Resource"

# A list of nearly all types is meant for any: those of R4 leave out one or the other at random.
_ANY_LENGTH = 140

_FILTER = re.compile(r"\.where\(resolve\(\) is (\w+)\)")
_TYPE = re.compile(r"\(*([A-Z]\w+)")
_CAST = re.compile(r"\(?([\w.]+)(?: as Reference\)|\.as\(Reference\))?")


@dataclass(frozen=True, slots=True)
class Param:
    """One search parameter of one type."""

    number: int
    code: str
    kind: str
    targets: tuple[str, ...]
    parts: tuple[str, ...]
    url: str
    stores: tuple[int, ...] = ()
    components: tuple[tuple[str, str], ...] = ()  # of a composite: definition, expression

    @property
    def shapes(self) -> frozenset[str]:
        """Return what the parts select, whatever type a reference points to."""
        return frozenset(_FILTER.sub("", part) for part in self.parts)


def by_type(folder: Path, tables: Path) -> dict[str, list[Param]]:
    """Return the parameters of each type, their numbers those of the tables that exist."""
    found: dict[str, list[Param]] = defaultdict(list)
    for resource in resources(folder, "search-parameters.json"):
        for base in resource["base"]:
            name = ALL_TYPES if base == "DomainResource" else base
            found[name].append(_param(resource, base))
    return {
        name: _numbered(tables / f"{name}.csv", _named(params)) for name, params in found.items()
    }


def _param(resource: Resource, base: str) -> Param:
    named = [
        # InsurancePlan-name leaves its type out.
        part if _TYPE.match(part) else f"{base}.{part}"
        for part in _split(resource.get("expression", ""))
    ]
    parts = tuple(part for part in named if part.lstrip("(").partition(".")[0] == base)
    if not parts and "expression" in resource:
        raise ValueError(f"{resource['id']} has no expression for {base}")
    targets = tuple(resource.get("target", ()))
    components = tuple(
        (one["definition"], one["expression"]) for one in resource.get("component", ())
    )
    return Param(
        0,
        resource["code"],
        resource["type"],
        targets,
        parts,
        resource["url"],
        components=components,
    )


def _named(params: list[Param]) -> list[Param]:
    """Return the parameters, components by the code of the parameter that defines them."""
    codes = {param.url: param.code for param in params}
    return [
        replace(
            param,
            components=tuple((codes[url], _relative(url, text)) for url, text in param.components),
        )
        for param in params
    ]


def _relative(url: str, text: str) -> str:
    """Return a component's expression; R4 has the two of DocumentReference-relationship crossed."""
    crossed = {"DocumentReference-relatesto": "target", "DocumentReference-relation": "code"}
    return crossed.get(url.rpartition("/")[2], text).replace("DateTime", "dateTime")


def _split(expression: str) -> Iterator[str]:
    """Yield the members of a union."""
    for part in expression.split("|"):
        if part.count("(") != part.count(")"):
            raise ValueError(f"a union within parentheses: {expression}")
        if part.strip():
            yield part.strip()


def _numbered(path: Path, params: list[Param]) -> list[Param]:
    """Return the parameters with the numbers that they had; the new ones come after those."""
    known = {row["code"]: int(row["number"]) for row in read(path)}
    last = max(known.values(), default=0)
    numbered = []
    for param in sorted(params, key=lambda param: param.code):
        if param.code not in known:
            last += 1
        numbered.append(replace(param, number=known.get(param.code, last)))
    return sorted(numbered, key=lambda param: param.number)


def completed(params: list[Param], elements: Mapping[str, Row]) -> list[Param]:
    """Return the parameters with the targets they can have and whose rows answer them."""
    narrowed = [replace(param, targets=_targets(param, elements)) for param in params]
    return [replace(param, stores=_stores(param, narrowed)) for param in narrowed]


def _targets(param: Param, elements: Mapping[str, Row]) -> tuple[str, ...]:
    """Return the types that the parameter's references can name in this resource type."""
    if param.kind != "reference":
        return ()
    possible: set[str] = set()
    for part in param.parts:
        named = _FILTER.search(part)
        element = elements.get(path_of(part))
        if named is not None:
            possible.add(named[1])
        elif element is not None and element.targets:
            possible.update(element.targets)
        else:
            return param.targets
    return tuple(target for target in param.targets if target in possible) or param.targets


def path_of(part: str) -> str:
    """Return the element path of a member that does nothing but name a reference."""
    found = _CAST.fullmatch(_FILTER.sub("", part))
    return found[1] if found is not None else ""


def _stores(param: Param, params: list[Param]) -> tuple[int, ...]:
    """Return the numbers of the parameters whose index rows answer this one.

    The same elements are indexed once: under the parameter that takes every target type, `subject`
    before others. A union of what other parameters index has no rows of its own.
    """
    if param.kind in {"composite", "special"} or not param.parts:
        return (param.number,)
    whole = [
        other
        for other in params
        if other.kind == param.kind and other.parts and not _FILTER.search(other.parts[0])
    ]
    twins = [other for other in whole if other.shapes == param.shapes]
    if len(param.shapes) > 1:
        members = [other for other in whole if other.shapes < param.shapes]
        if frozenset().union(*(other.shapes for other in members)) == param.shapes:
            return tuple(other.number for other in members)
    if not twins:
        return (param.number,)
    return (min(twins, key=lambda other: (other.code != "subject", other.number)).number,)


def write_params(path: Path, params: list[Param]) -> None:
    """Write the parameters of one type."""
    write(
        path,
        COLUMNS,
        (
            [
                param.number,
                param.code,
                param.kind,
                "*" if len(param.targets) > _ANY_LENGTH else " ".join(param.targets),
                " | ".join(param.parts),
                param.url.removeprefix("http://hl7.org/fhir/SearchParameter/"),
                " ".join(map(str, param.stores)),
                "; ".join(f"{code} = {text}" for code, text in param.components),
            ]
            for param in params
        ),
    )


def strict_paths(params: list[Param]) -> set[str]:
    """Return the elements behind `patient` and `subject`, whose target type must be right."""
    return {
        path_of(part)
        for param in params
        if param.code in {"patient", "subject"} and param.kind == "reference"
        for part in param.parts
    } - {""}
