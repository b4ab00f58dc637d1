"""A search taken apart: clauses, order, and the parameters that choose what the answer holds.

https://hl7.org/fhir/R4/search.html#return
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gateway.errors import InvalidRequestError, Issue, NotSupportedError
from gateway.fhir.clinical import clinical
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions import audit_view, include, published_view
from gateway.interactions.door import Door
from gateway.interactions.history import DEFAULT_COUNT, counted
from gateway.interactions.names import parse_name, safe
from gateway.interactions.several import param_of
from gateway.store.query import Campuses, Clause, Sort

MAX_SORTS: Final = 8
TOTALS: Final = frozenset({"none", "estimate", "accurate"})
SORTABLE: Final = frozenset({"token", "reference", "date", "string", "number", "quantity", "uri"})


@dataclass(slots=True)
class Asked:
    """A search taken apart. Type "" is every type, or those in `types`.

    `named` are those that `_type` names, wherever it stands among the parameters.
    """

    type: str
    named: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    clauses: list[Clause] = field(default_factory=list)
    sort: tuple[Sort, ...] = ()
    count: int = DEFAULT_COUNT
    total: str = "none"
    summary: str = ""
    linked: bool = True
    explain: bool = False
    whole: bool = False  # with what a search leaves out unless asked
    includes: list[include.Include] = field(default_factory=list)
    applied: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[Issue] = field(default_factory=list)
    newly: bool = False  # with parameters that older data may not be indexed for
    nobody: bool = False  # a clause that nothing can match

    @property
    def counts(self) -> bool:
        """Whether a number alone is asked for."""
        return self.summary == "count" or self.count == 0

    @property
    def is_plain(self) -> bool:
        """Whether no more is asked for than a page."""
        return self.total == "none" and not (self.counts or self.explain or self.nobody)


def _sort(door: Door, asked: Asked, value: str) -> None:
    kept, name = door.params.kept, ("_sort", asked.type, asked.named, value)
    found = kept.get(name)
    if found is None:
        found = kept[name] = _sorts(door, asked, value)
    asked.sort = found


def _sorts(door: Door, asked: Asked, value: str) -> tuple[Sort, ...]:
    sorts = []
    # A key that comes again orders nothing more.
    keys: dict[str, str] = {}
    for text in value.split(","):
        keys.setdefault(text.removeprefix("-"), text)
    if len(keys) > MAX_SORTS:
        raise NotSupportedError(f"_sort takes at most {MAX_SORTS} keys.", expression="http._sort")
    for text in keys.values():
        descending, code = text.startswith("-"), text.removeprefix("-")
        if code in {"_lastUpdated", "_id"}:
            sorts.append(Sort("row" if code == "_lastUpdated" else "id", descending=descending))
            continue
        name = parse_name(code)
        if name.modifier or name.chain:
            raise NotSupportedError("_sort takes names of parameters.", expression="http._sort")
        param = param_of(door.params, asked.named or (asked.type,), name, "_sort")
        if param.kind not in SORTABLE or not param.expression:
            raise NotSupportedError(f"_sort cannot order by {safe(code)}.", expression="http._sort")
        kind = clinical(asked.type) if asked.type else None
        by_date = kind is not None and param.stores == kind.date
        sorts.append(Sort(param.kind, param.stores, descending, is_date=by_date))  # type: ignore[arg-type]
    return tuple(sorts[: _telling(asked, sorts)])


def _telling(asked: Asked, sorts: Sequence[Sort]) -> int:
    """Return after how many keys no two versions are equal any more."""
    if asked.type == audit_view.TYPE or TYPE_IDS.get(asked.type) in published_view.TYPE_NUMBERS:
        # Those beside the stored ones may have been updated, or be called, as others are.
        return len(sorts)
    alone = {"row", "id"} if asked.type else {"row"}
    return next((at for at, one in enumerate(sorts, 1) if one.kind in alone), len(sorts))


def _count(door: Door, asked: Asked, value: str) -> None:
    del door
    asked.count = counted(value)


def _total(door: Door, asked: Asked, value: str) -> None:
    del door
    asked.total = _one_of("_total", value, TOTALS)


def _total_method(door: Door, asked: Asked, value: str) -> None:
    """Take another server's name of `_total`, which the client fhirpy uses."""
    _total(door, asked, "accurate" if value == "count" else value)


def _summary(door: Door, asked: Asked, value: str) -> None:
    del door
    if value not in {"count", "false"}:
        raise NotSupportedError("_summary takes count or false.", expression="http._summary")
    asked.summary = value


def _linked(door: Door, asked: Asked, value: str) -> None:
    del door
    asked.linked = _one_of("_linked", value, frozenset({"true", "false"})) == "true"


def _explained(door: Door, asked: Asked, value: str) -> None:
    del door
    asked.explain = _one_of("_explain", value, frozenset({"true", "false"})) == "true"


def _detail(door: Door, asked: Asked, value: str) -> None:
    del door
    asked.whole = _one_of("_detail", value, frozenset({"full", "summary"})) == "full"


def _campus(door: Door, asked: Asked, value: str) -> None:
    found = [campus.id for code in value.split(",") if (campus := door.directory.campus(code))]
    if "consortium" in value.split(","):
        found.append(0)
    if found:
        asked.clauses.append(Campuses(tuple(found)))
    else:
        asked.nobody = True


def named_types(params: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return the types that `_type` names, none where it is wrong: that is told where it stands."""
    found: dict[str, None] | None = None
    for name, value in params:
        if name == "_type":
            one = dict.fromkeys(value.split(","))
            found = {type_: None for type_ in one if found is None or type_ in found}
    named = tuple(found or ())
    return named if all(one in TYPE_IDS for one in named) else ()


def _type(door: Door, asked: Asked, value: str) -> None:
    del door
    named = tuple(dict.fromkeys(value.split(",")))
    if asked.type or any(one not in TYPE_IDS for one in named):
        raise InvalidRequestError(
            "_type takes names of resource types, in a search over all types.",
            expression="http._type",
        )
    asked.types = tuple(one for one in named if not asked.types or one in asked.types)
    asked.nobody = asked.nobody or not asked.types


def _one_of(name: str, value: str, allowed: frozenset[str]) -> str:
    if value not in allowed:
        raise InvalidRequestError(
            f"{name} takes one of {', '.join(sorted(allowed))}.", expression=f"http.{name}"
        )
    return value


CONTROLS: Final[Mapping[str, Callable[[Door, Asked, str], None]]] = {
    "_campus": _campus,
    "_count": _count,
    "_detail": _detail,
    "_explain": _explained,
    "_linked": _linked,
    "_sort": _sort,
    "_summary": _summary,
    "_total": _total,
    "_totalMethod": _total_method,
    "_type": _type,
}
"""Parameters that are no criteria of a resource's own."""
REPEATED: Final = frozenset({"_campus", "_type"})
"""Those that narrow further where they come again."""
