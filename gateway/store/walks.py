"""Walks that give an order by themselves: by an index, from a place on, until a page is full.

A walk goes by the clinical date within a patient, by the index of dates, by row otherwise; a page
begins behind the place of the one before, never at a number.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from gateway.store.plan import Plan
from gateway.store.query import Place, Query, Sort
from gateway.store.records import UNDATED

Run = Callable[[str, Sequence[object]], list[Any]]
Hit = tuple[Place, int]


class Walk(msgspec.Struct, frozen=True, gc=False):
    """An order that an index gives: its key expression, and whether it runs downwards.

    `undated` is the key of rows without a date where the index has them first: they come last.
    """

    key: str
    descending: bool
    plan: Plan
    paired: bool  # (key, row) rather than row alone
    undated: int | None = None


def natural(sort: Sequence[Sort], plan: Plan) -> Walk | None:
    """Return the walk that gives this order without sorting, if there is one."""
    if not sort:
        if plan.driver == "patient":
            return Walk("c.lo", descending=False, plan=plan, paired=True)
        return Walk(plan.key, descending=True, plan=plan, paired=False)
    first = sort[0]
    if first.kind == "row" and len(sort) == 1:
        key = "r.row" if plan.driver == "patient" else plan.key
        return Walk(key, descending=first.descending, plan=plan, paired=False)
    if first.is_date and len(sort) == 1 and plan.driver == "patient":
        # The clinical table holds dates negated.
        undated = None if first.descending else -UNDATED
        return Walk("c.lo", not first.descending, plan, paired=True, undated=undated)
    return None


def date_walk(sort: Sequence[Sort], plan: Plan) -> Walk | None:
    """Return a walk over the date index, with everything else as conditions."""
    if len(sort) > 1 or not sort[0].is_date or plan.driver == "id":
        return None
    walked = Plan(
        "date",
        "sp_date d CROSS JOIN res r ON r.row = d.row",
        ("d.param = ?", *plan.conditions),
        (sort[0].params[0], *plan.values),
    )
    undated = None if sort[0].descending else UNDATED
    return Walk("d.lo", sort[0].descending, walked, paired=True, undated=undated)


def where_at(conditions: Sequence[str]) -> str:
    """Return the conditions, and that a version was current at the mark, which is given twice.

    So later pages keep the places of the first.
    """
    return " AND ".join((*conditions, "r.row <= ?", "(r.dead IS NULL OR r.dead > ?)"))


def as_walked(query: Query) -> Query:
    """Return the query with its place as a walk has it: the page before may have been sorted."""
    if query.after is None:
        return query
    first, *rest = query.after
    return replace(query, after=(UNDATED if first is None else first, *rest))


def walked(walk: Walk, query: Query, mark: int, run: Run) -> list[Hit]:
    """Return the page that the walk meets next."""
    if walk.undated is None:
        return part(walk, query, mark, run, "")
    found: list[Hit] = []
    if query.after is None or query.after[0] != walk.undated:
        beyond = ">" if walk.undated < 0 else "<"
        found = part(walk, query, mark, run, f" AND {walk.key} {beyond} {walk.undated}")
        query = replace(query, after=None, count=query.count - len(found))
    if query.count >= 0:
        found += part(walk, query, mark, run, f" AND {walk.key} = {walk.undated}")
    return found


def part(walk: Walk, query: Query, mark: int, run: Run, condition: str) -> list[Hit]:
    """Return up to count + 1 rows that the walk meets next, under a further condition."""
    plan, most = walk.plan, query.count + 1
    key, row, order = order_of(walk)
    values: tuple[object, ...] = (mark, mark)
    if query.after is not None:
        after = "<" if walk.descending else ">"
        if walk.paired:
            condition += f" AND ({key}, {row}) {after} (?, ?)"
        else:
            condition += f" AND {key} {after} ?"
        values += query.after[-2:] if walk.paired else query.after[-1:]
    if is_parted(walk):
        where = where_at(plan.arm_where) + condition
        text, its = parted(walk, where, (*plan.arm_values, *values), most)
        return [(tuple(one), one[-1]) for one in run(text, its)]
    columns = f"{key}, {row}" if walk.paired else key
    distinct = "DISTINCT " if plan.distinct or key == "d.lo" else ""
    found = run(
        f"SELECT {distinct}{columns} FROM {plan.source} WHERE {where_at(plan.where)}{condition}"
        f" ORDER BY {order} LIMIT ?",
        (*plan.values, *values, most),
    )
    return [(tuple(one), one[-1]) for one in found]


def order_of(walk: Walk) -> tuple[str, str, str]:
    """Return a walk's key, its row, and the order that both give.

    The row is as the walked index has it: by that of `res` SQLite would sort all of it.
    """
    way = "DESC" if walk.descending else "ASC"
    row = f"{walk.key.partition('.')[0]}.row"
    order = f"{walk.key} {way}, {row} {way}" if walk.paired else f"{walk.key} {way}"
    return walk.key, row, order


def is_parted(walk: Walk) -> bool:
    """Return whether a walk is made of several, each in the same order."""
    return walk.key == "c.lo" and bool(walk.plan.arms)


def parted(
    walk: Walk, where: str, values: tuple[object, ...], most: int
) -> tuple[str, tuple[object, ...]]:
    """Return a walk over several patients or codes: the first of each, of these the first.

    As one walk by `IN` all that they have would be read and sorted for each page.
    """
    *_, order = order_of(walk)
    arm = (
        f"SELECT * FROM (SELECT c.lo, c.row FROM {walk.plan.source} WHERE {where}"
        f" ORDER BY {order} LIMIT ?) a"
    )
    # What is in several of them is one.
    arms = " UNION ".join([arm] * len(walk.plan.arms))
    its = [value for one in walk.plan.arms for value in (*one, *values, most)]
    return f"SELECT c.lo, c.row FROM ({arms}) c ORDER BY {order} LIMIT ?", (*its, most)
