"""Cuts pages out of what a plan finds: walked in order where an index gives it, else sorted.

Up to SORTED rows are sorted; more are walked in an index where one gives the order: the index of
dates, or one of names (`ordered`), by the first of several keys too (`ties`).
"""

from collections.abc import Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Final

from msgspec.structs import replace

from gateway.errors import CostlyError
from gateway.store import ordered, ties
from gateway.store.clauses import marks
from gateway.store.plan import Plan, of_each_type
from gateway.store.query import Query
from gateway.store.results import Found
from gateway.store.sorting import Names, distinct, in_order, unsorted
from gateway.store.statements.resources import SELF_NAMED
from gateway.store.stored import self_named
from gateway.store.walks import (
    Hit,
    Run,
    Walk,
    as_walked,
    date_walk,
    is_parted,
    natural,
    order_of,
    part,
    parted,
    walked,
    where_at,
)

SORTED: Final = 10_000
SORTED_OF_PATIENT: Final = 50_000
"""What one human has is sorted here, however they do it."""
FEW: Final = 300
"""Matches that are sorted at once; of more, those that are near in time are looked for first."""
NEAR: Final = 3_000


def hits(query: Query, plan: Plan, mark: int, run: Run) -> list[Hit]:
    """Return up to count + 1 rows after `query.after`, in order, each with its place."""
    walk = natural(query.sort, plan)
    if walk:
        return _of_types(walk, query, mark, run)
    most = SORTED_OF_PATIENT if plan.driver == "patient" else SORTED
    walk = date_walk(query.sort, plan)
    for limit in (min(FEW, most), most) if walk else (most,):
        found = unsorted(query, plan, mark, run, limit + 1)
        if len(found) <= limit:
            return in_order(query, found)
        if walk and limit < most and (page := _nearby(walk, query, mark, run)):
            return page
    if walk:
        return walked(walk, as_walked(query), mark, run)
    return _by_names(query, plan, mark, run, most)


def _by_names(query: Query, plan: Plan, mark: int, run: Run, most: int) -> list[Hit]:
    """Return the page of an order that an index of names gives; CostlyError if none does."""
    if ordered.is_walked(query.sort, plan):
        return ordered.page(query, plan, mark, run, Names(run).value)
    if ties.is_walked(query, plan):
        return ties.page(query, plan, mark, run, most)
    raise CostlyError(
        f"More than {most} matches to sort so; narrow the search, or sort first by one name, code,"
        " address, date, _id or _lastUpdated."
    )


def _of_types(walk: Walk, query: Query, mark: int, run: Run) -> list[Hit]:
    """Return the page that a walk meets next, over several types as a walk of each."""
    each = of_each_type(walk.plan, query.types)
    if len(each) == 1:
        return walked(walk, query, mark, run)
    found = (walked(replace(walk, plan=one), query, mark, run) for one in each)
    return list(islice(merge(*found, key=itemgetter(1), reverse=walk.descending), query.count + 1))


def _nearby(walk: Walk, query: Query, mark: int, run: Run) -> list[Hit]:
    """Return a page that the first NEAR dates of a walk hold, else none: what is common is near.

    Where a version has several dates a walk meets it several times; then it is left to sorting.
    """
    if walk.undated is not None:
        return []
    query = as_walked(query)
    plan, after = walk.plan, (query.after or ())[-2:]
    where = "param = ? AND (lo, row) < (?, ?)" if after else "param = ?"
    dates = f"SELECT lo FROM sp_date WHERE {where} ORDER BY lo DESC, row DESC LIMIT ?"
    ((earliest,),) = run(f"SELECT min(lo) FROM ({dates}) n", (plan.values[0], *after, NEAR))
    if earliest is None:
        return []
    near = replace(plan, where=(*plan.where, "d.lo >= ?"), values=(*plan.values, earliest))
    page = part(replace(walk, plan=near), query, mark, run, "")
    is_whole = len({row for _, row in page}) == query.count + 1
    return page if is_whole else []


def first(query: Query, plan: Plan, run: Run) -> Found | None:
    """Return a first page in one statement, None if it takes more.

    One statement sees one state of the database, so the newest row it sees is the page's mark.
    """
    walk = natural(query.sort, plan)
    if walk is None or walk.undated is not None or plan.driver == "id":
        return None
    if (plan.distinct and not is_parted(walk)) or len(of_each_type(plan, query.types)) > 1:
        return None
    key, row, order = order_of(walk)
    most = query.count + 1
    if plan.distinct:
        where = " AND ".join((*plan.arm_where, "r.dead IS NULL"))
        text, values = parted(walk, where, plan.arm_values, most)
        source = f"({text}) c CROSS JOIN res r ON r.row = c.row"
        where = "1 = 1"
    else:
        source, values = plan.source, plan.values
        where = " AND ".join((*plan.where, "r.dead IS NULL"))
    type_ = "" if query.type else "r.type, "
    found = run(
        f"SELECT (SELECT max(row) FROM res), {key}, {row}, {type_}{SELF_NAMED}"
        f" FROM {source} WHERE {where} ORDER BY {order} LIMIT ?",
        (*values, most),
    )
    if not found:
        return Found([], more=False, last=None, mark=0, withheld=0)
    more = len(found) > query.count
    if more:
        found.pop()
    mark, *last = found[-1][:3] if walk.paired else found[-1][:2]
    if query.type:
        matches = [self_named(query.type, *one[2:]) for one in found]
    else:
        matches = [self_named(one[3], one[2], *one[4:]) for one in found]
    return Found(matches, more=more, last=tuple(last), mark=mark, withheld=0)


def count(plan: Plan, mark: int, run: Run, most: int = 0) -> int:
    """Return how many rows a plan finds, counted up to a number (0: all)."""
    if not most:
        what = "DISTINCT r.row" if plan.distinct else "*"
        sql = f"SELECT count({what}) FROM {plan.source} WHERE {where_at(plan.where)}"
        return int(run(sql, (*plan.values, mark, mark))[0][0])
    inner = f"SELECT {distinct(plan)}r.row FROM {plan.source} WHERE {where_at(plan.where)} LIMIT ?"
    found = run(f"SELECT count(*) FROM ({inner}) n", (*plan.values, mark, mark, most))
    return int(found[0][0])


def keys(plan: Plan, mark: int, run: Run, what: tuple[int, Sequence[int]]) -> list[int]:
    """Return up to so many keys of what a plan finds, or that it refers to through parameters."""
    most, through = what
    if not through:
        # At one mark a resource has one version.
        one = f"{distinct(plan)}r.key"
        sql = f"SELECT {one} FROM {plan.source} WHERE {where_at(plan.where)} LIMIT ?"
        return [key for (key,) in run(sql, (*plan.values, mark, mark, most))]
    sql = (
        f"SELECT DISTINCT f.value FROM {plan.source} CROSS JOIN sp_reference f ON f.row = r.row"
        f" WHERE {where_at(plan.where)} AND f.param IN ({marks(len(through))}) LIMIT ?"
    )
    return [key for (key,) in run(sql, (*plan.values, mark, mark, *through, most))]
