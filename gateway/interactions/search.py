"""FHIR search on a type.

https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from msgspec.structs import replace as changed

from gateway.access.actor import Actor
from gateway.errors import CostlyError, InvalidRequestError, Issue, NotSupportedError
from gateway.fhir.clinical import clinical
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions import audit_view, clauses, detached, include, paging
from gateway.interactions.clauses import Name, parse_name
from gateway.interactions.door import Door, require
from gateway.interactions.history import DEFAULT_COUNT, counted
from gateway.interactions.record import record
from gateway.interactions.results import Page
from gateway.store.query import Campuses, Clause, Patients, Query, References, Sort

PATIENT = TYPE_IDS["Patient"]
CHAINED: Final = frozenset({"identifier"})
MAX_SORTS: Final = 8
TOTALS: Final = frozenset({"none", "estimate", "accurate"})


@dataclass(slots=True)
class Asked:
    """A search taken apart."""

    type: str
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
    nobody: bool = False  # a chain that leads nowhere


async def search(
    door: Door, actor: Actor, type_: str, params: list[tuple[str, str]], *, lenient: bool = False
) -> Page:
    """Return a page of matches, with what they include."""
    require(actor, type_, "s")
    token = None
    if pages := [value for name, value in params if name == "_page"]:
        token = paging.open_token(door, actor, type_, pages[0])
        params = token.params
    asked = await parse(door, actor, type_, params, lenient=lenient)
    if token:
        asked.count = token.count
    linked = _link(door, asked) if asked.linked else set()
    page = await _page(door, actor, asked, token, params)
    if not asked.whole and not detached.asked(asked.applied):
        page.matches[:] = [detached.subset(one) for one in page.matches]
        page.includes[:] = [detached.subset(one) for one in page.includes]
    page.notes.extend(asked.skipped)
    if linked and not pages:
        _tell_links(door, actor, page, linked)
    query = "&".join(f"{name}={value}" for name, value in params)
    await record(door, actor, "E", (*page.matches, *page.includes), query)
    return page


async def _page(
    door: Door,
    actor: Actor,
    asked: Asked,
    token: paging.Token | None,
    params: list[tuple[str, str]],
) -> Page:
    query = Query(
        type=TYPE_IDS[asked.type],
        viewer=door.viewer(actor),
        clauses=tuple(asked.clauses),
        sort=asked.sort,
        count=asked.count,
        mark=token.mark if token else 0,
        after=token.after if token else None,
    )
    notes = [_explain(door, query, asked)] if asked.explain else []
    if asked.nobody:
        return Page([], notes=notes, applied=asked.applied, total=0)
    if asked.summary == "count" or asked.count == 0:
        count = await door.store.count(query)
        return Page([], notes=notes, applied=asked.applied, total=count)
    if asked.type == audit_view.TYPE:
        found = await audit_view.merged(door, actor, query, params)
    else:
        found = await door.store.search(query)
    if found.withheld:
        text = f"{found.withheld} of this page can no longer be shown."
        notes.append(Issue("information", "informational", text))
    more = ""
    total: int | None = None
    if found.more and found.last is not None:
        issued = token.issued if token else 0
        seal = paging.Token(found.mark, asked.count, found.last, issued, asked.applied)
        more = paging.seal(door, actor, asked.type, seal)
    elif not token:
        total = len(found.matches)
    if total is None and asked.total == "accurate":
        total = await door.store.count(query)
    includes = include.expand(door, actor, found.matches, asked.includes)
    return Page(found.matches, includes, notes, more, asked.applied, total)


async def parse(
    door: Door, actor: Actor, type_: str, params: list[tuple[str, str]], *, lenient: bool
) -> Asked:
    """Return the search that parameters ask for."""
    asked = Asked(type_)
    for text, value in params:
        name = parse_name(text)
        try:
            if name.text in _CONTROLS:
                _CONTROLS[name.text](door, asked, value)
            elif name.code in {"_include", "_revinclude"}:
                asked.includes.append(include.parse(name, value))
            elif name.chain:
                await _chain(door, actor, asked, name, value)
            else:
                asked.clauses.append(clauses.clause(door, type_, name, value))
        except InvalidRequestError as error:
            if not lenient:
                raise
            asked.skipped += [replace(issue, severity="warning") for issue in error.issues]
            continue
        asked.applied.append((text, value))
    return asked


def _sort(door: Door, asked: Asked, value: str) -> None:
    del door
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
        param = clauses.known(asked.type, name)
        kind = clinical(asked.type)
        sorts.append(
            Sort(
                param.kind,  # type: ignore[arg-type]
                param.stores,
                descending,
                is_date=kind is not None and param.stores == kind.date,
            )
        )
    asked.sort = tuple(sorts)


def _count(door: Door, asked: Asked, value: str) -> None:
    del door
    asked.count = counted(value)


def _total(door: Door, asked: Asked, value: str) -> None:
    del door
    asked.total = _one_of("_total", value, TOTALS)


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


def _one_of(name: str, value: str, allowed: frozenset[str]) -> str:
    if value not in allowed:
        raise InvalidRequestError(
            f"{name} takes one of {', '.join(sorted(allowed))}.", expression=f"http.{name}"
        )
    return value


_CONTROLS = {
    "_campus": _campus,
    "_count": _count,
    "_detail": _detail,
    "_explain": _explained,
    "_linked": _linked,
    "_sort": _sort,
    "_summary": _summary,
    "_total": _total,
}


async def _chain(door: Door, actor: Actor, asked: Asked, name: Name, value: str) -> None:
    """Add the clause of `patient.identifier=…`: the Patients first, then what refers to them."""
    param = clauses.known(asked.type, name)
    if (
        param.kind != "reference"
        or name.chain not in CHAINED
        or name.modifier not in {"", "Patient"}
        or "Patient" not in param.targets
    ):
        raise NotSupportedError(
            "Chains lead from a reference to a Patient's identifier.",
            expression=f"http.{name.code}",
        )
    require(actor, "Patient", "s")
    inner = clauses.clause(door, "Patient", Name(name.chain, name.chain), value)
    query = Query(PATIENT, door.viewer(actor), (inner,), count=clauses.MAX_VALUES)
    found = await door.store.search(query)
    if found.more:
        raise CostlyError(
            "The chain leads to too many Patients; narrow it.", expression=f"http.{name.code}"
        )
    if not found.matches:
        asked.nobody = True
    targets = tuple((PATIENT, one.id) for one in found.matches)
    asked.clauses.append(clauses.about(asked.type, param, targets))


def _link(door: Door, asked: Asked) -> set[str]:
    """Widen references to Patients by their link sets; return the Patients and Persons added."""
    added: set[str] = set()
    for index, clause in enumerate(asked.clauses):
        if isinstance(clause, Patients):
            ids, persons = door.store.link_set(clause.ids)
            fresh = ids - set(clause.ids)
            if fresh:
                asked.clauses[index] = changed(clause, ids=(*clause.ids, *sorted(fresh)))
        elif isinstance(clause, References):
            given = [id_ for type_, id_ in clause.targets if type_ == PATIENT]
            ids, persons = door.store.link_set(given) if given else (set(), set())
            fresh = ids - set(given)
            if fresh:
                more = tuple((PATIENT, id_) for id_ in sorted(fresh))
                asked.clauses[index] = changed(clause, targets=(*clause.targets, *more))
        else:
            continue
        if fresh:
            added |= {f"Patient/{id_}" for id_ in fresh} | {f"Person/{id_}" for id_ in persons}
    return added


def _tell_links(door: Door, actor: Actor, page: Page, linked: Iterable[str]) -> None:
    """Say that linked Patients were searched too, and carry them and their Persons."""
    viewer = door.viewer(actor)
    here = {(one.type, one.id) for one in (*page.matches, *page.includes)}
    for name in sorted(linked):
        type_, _, id_ = name.partition("/")
        stored = door.store.current(type_, id_)
        if (
            stored
            and not stored.deleted
            and (type_, id_) not in here
            and actor.may(type_, "r")
            and door.store.may_read(stored, viewer)
        ):
            page.includes.append(stored)
    page.notes.append(
        Issue(
            "information",
            "informational",
            "The search covers certainly linked Patients too; _linked=false switches this off.",
        )
    )


def _explain(door: Door, query: Query, asked: Asked) -> Issue:
    if asked.nobody:
        return Issue("information", "informational", "plan: a chain leads to nobody")
    plan = door.store.explain(query)
    return Issue(
        "information",
        "informational",
        f"plan: walks {plan.driver}, {max(len(plan.where) - 1, 0)} conditions",
    )
