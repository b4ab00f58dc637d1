"""Walks a plan in order and cuts pages out of it, by keyset, never by offset.

A walk goes by the clinical date within a patient, by row otherwise. Another order is made from the
index rows that each version lists (`res.keys`), up to SORTED rows; more are walked in an
index where one gives the order: the date index, or one of names (`ordered`).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from gateway.errors import CostlyError
from gateway.store import ordered
from gateway.store.clauses import Rows, marks
from gateway.store.conditions import exists
from gateway.store.janitor import Keys, decode_keys
from gateway.store.plan import Plan
from gateway.store.query import Place, Query, Sort
from gateway.store.records import UNDATED
from gateway.store.results import Found
from gateway.store.statements import STATEMENTS
from gateway.store.statements.resources import STORED
from gateway.store.stored import Stored

SORTED: Final = 10_000
SORTED_OF_PATIENT: Final = 50_000
"""What one human has is sorted here, however they do it."""
FEW: Final = 300
"""Matches that are sorted at once; of more, those that are near in time are looked for first."""
NEAR: Final = 3_000

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


def hits(query: Query, plan: Plan, mark: int, run: Run) -> list[Hit]:
    """Return up to count + 1 rows after `query.after`, in order, each with its place."""
    walk = natural(query.sort, plan)
    if walk:
        return _walk(walk, query, mark, run)
    most = SORTED_OF_PATIENT if plan.driver == "patient" else SORTED
    walk = _date_walk(query.sort, plan)
    for limit in (min(FEW, most), most) if walk else (most,):
        found = _unsorted(query, plan, mark, run, limit + 1)
        if len(found) <= limit:
            return _sorted(query, found)
        if walk and limit < most and (page := _nearby(walk, query, mark, run)):
            return page
    if not walk:
        if ordered.is_walked(query.sort, plan):
            return ordered.page(query, plan, mark, run, _Names(run).value)
        raise CostlyError(
            f"More than {most} matches to sort by several keys, references or amounts; narrow the"
            " search, or sort by one name, code, address, date, _id or _lastUpdated."
        )
    return _walk(walk, _as_walked(query), mark, run)


def _as_walked(query: Query) -> Query:
    """Return the query with its place as a walk has it: the page before may have been sorted."""
    if query.after is None:
        return query
    first, *rest = query.after
    return replace(query, after=(UNDATED if first is None else first, *rest))


def _nearby(walk: Walk, query: Query, mark: int, run: Run) -> list[Hit]:
    """Return a page that the first NEAR dates of a walk hold, else none: what is common is near.

    Where a version has several dates a walk meets it several times; then it is left to sorting.
    """
    if walk.undated is not None:
        return []
    query = _as_walked(query)
    plan, after = walk.plan, (query.after or ())[-2:]
    where = "param = ? AND (lo, row) < (?, ?)" if after else "param = ?"
    dates = f"SELECT lo FROM sp_date WHERE {where} ORDER BY lo DESC, row DESC LIMIT ?"
    ((earliest,),) = run(f"SELECT min(lo) FROM ({dates}) n", (plan.values[0], *after, NEAR))
    if earliest is None:
        return []
    near = replace(plan, where=(*plan.where, "d.lo >= ?"), values=(*plan.values, earliest))
    page = _part(replace(walk, plan=near), query, mark, run, "")
    is_whole = len({row for _, row in page}) == query.count + 1
    return page if is_whole else []


def first(query: Query, plan: Plan, run: Run) -> Found | None:
    """Return a first page in one statement, None if it takes more.

    One statement sees one state of the database, so the newest row it sees is the page's mark.
    """
    walk = natural(query.sort, plan)
    if walk is None or walk.undated is not None or plan.driver == "id":
        return None
    if plan.distinct and not _is_parted(walk):
        return None
    key, row, order = _order(walk)
    most = query.count + 1
    if plan.distinct:
        where = " AND ".join((*plan.arm_where, "r.dead IS NULL"))
        text, values = _parted(walk, where, plan.arm_values, most)
        source = f"({text}) c CROSS JOIN res r ON r.row = c.row"
        where = "1 = 1"
    else:
        source, values = plan.source, plan.values
        where = " AND ".join((*plan.where, "r.dead IS NULL"))
    found = run(
        f"SELECT (SELECT max(row) FROM res), {key}, {row}, {STORED}, r.label"
        f" FROM {source} CROSS JOIN key k ON k.id = r.key"
        f" WHERE {where} ORDER BY {order} LIMIT ?",
        (*values, most),
    )
    if not found:
        return Found([], more=False, last=None, mark=0, withheld=0)
    more = len(found) > query.count
    if more:
        found.pop()
    mark, *last = found[-1][:3] if walk.paired else found[-1][:2]
    matches = [Stored(*one[3:]) for one in found]
    return Found(matches, more=more, last=tuple(last), mark=mark, withheld=0)


def count(plan: Plan, mark: int, run: Run, most: int = 0) -> int:
    """Return how many rows a plan finds, counted up to a number (0: all)."""
    if not most:
        what = "DISTINCT r.row" if plan.distinct else "*"
        sql = f"SELECT count({what}) FROM {plan.source} WHERE {_where(plan.where)}"
        return int(run(sql, (*plan.values, mark, mark))[0][0])
    inner = f"SELECT {_distinct(plan)}r.row FROM {plan.source} WHERE {_where(plan.where)} LIMIT ?"
    found = run(f"SELECT count(*) FROM ({inner}) n", (*plan.values, mark, mark, most))
    return int(found[0][0])


def keys(plan: Plan, mark: int, run: Run, what: tuple[int, Sequence[int]]) -> list[int]:
    """Return up to so many keys of what a plan finds, or that it refers to through parameters."""
    most, through = what
    if not through:
        # At one mark a resource has one version.
        sql = f"SELECT {_distinct(plan)}r.key FROM {plan.source} WHERE {_where(plan.where)} LIMIT ?"
        return [key for (key,) in run(sql, (*plan.values, mark, mark, most))]
    sql = (
        f"SELECT DISTINCT f.value FROM {plan.source}"
        f" CROSS JOIN sp_reference f ON f.row = r.row AND f.param IN ({marks(len(through))})"
        f" WHERE {_where(plan.where)} LIMIT ?"
    )
    return [key for (key,) in run(sql, (*through, *plan.values, mark, mark, most))]


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


def _date_walk(sort: Sequence[Sort], plan: Plan) -> Walk | None:
    """Return a walk over the date index, with everything else as conditions."""
    if len(sort) > 1 or not sort[0].is_date or plan.driver == "id":
        return None
    where, values = plan.where, plan.values
    if plan.driver != "type":
        driver = Rows(plan.driver, where[0], ())
        where = (exists(driver), *where[1:])
    walked = Plan(
        "date",
        "sp_date d CROSS JOIN res r ON r.row = d.row",
        ("d.param = ?", *where),
        (sort[0].params[0], *values),
    )
    undated = None if sort[0].descending else UNDATED
    return Walk("d.lo", sort[0].descending, walked, paired=True, undated=undated)


def _where(conditions: Sequence[str]) -> str:
    # A version that was current at the mark: later pages keep the places of the first.
    return " AND ".join((*conditions, "r.row <= ?", "(r.dead IS NULL OR r.dead > ?)"))


def _walk(walk: Walk, query: Query, mark: int, run: Run) -> list[Hit]:
    """Return the page that the walk meets next."""
    if walk.undated is None:
        return _part(walk, query, mark, run, "")
    found: list[Hit] = []
    if query.after is None or query.after[0] != walk.undated:
        beyond = ">" if walk.undated < 0 else "<"
        found = _part(walk, query, mark, run, f" AND {walk.key} {beyond} {walk.undated}")
        query = replace(query, after=None, count=query.count - len(found))
    if query.count >= 0:
        found += _part(walk, query, mark, run, f" AND {walk.key} = {walk.undated}")
    return found


def _part(walk: Walk, query: Query, mark: int, run: Run, condition: str) -> list[Hit]:
    plan, most = walk.plan, query.count + 1
    key, row, order = _order(walk)
    values: tuple[object, ...] = (mark, mark)
    if query.after is not None:
        after = "<" if walk.descending else ">"
        if walk.paired:
            condition += f" AND ({key}, {row}) {after} (?, ?)"
        else:
            condition += f" AND {key} {after} ?"
        values += query.after[-2:] if walk.paired else query.after[-1:]
    if _is_parted(walk):
        where = _where(plan.arm_where) + condition
        text, its = _parted(walk, where, (*plan.arm_values, *values), most)
        return [(tuple(one), one[-1]) for one in run(text, its)]
    columns = f"{key}, {row}" if walk.paired else key
    distinct = "DISTINCT " if plan.distinct or key == "d.lo" else ""
    found = run(
        f"SELECT {distinct}{columns} FROM {plan.source} WHERE {_where(plan.where)}{condition}"
        f" ORDER BY {order} LIMIT ?",
        (*plan.values, *values, most),
    )
    return [(tuple(one), one[-1]) for one in found]


def _order(walk: Walk) -> tuple[str, str, str]:
    """Return a walk's key, its row, and the order that both give.

    The row is as the walked index has it: by that of `res` SQLite would sort all of it.
    """
    way = "DESC" if walk.descending else "ASC"
    row = f"{walk.key.partition('.')[0]}.row"
    order = f"{walk.key} {way}, {row} {way}" if walk.paired else f"{walk.key} {way}"
    return walk.key, row, order


def _is_parted(walk: Walk) -> bool:
    return walk.key == "c.lo" and bool(walk.plan.arms)


def _parted(
    walk: Walk, where: str, values: tuple[object, ...], most: int
) -> tuple[str, tuple[object, ...]]:
    """Return a walk over several patients or codes: the first of each, of these the first.

    As one walk by `IN` all that they have would be read and sorted for each page.
    """
    *_, order = _order(walk)
    arm = (
        f"SELECT * FROM (SELECT c.lo, c.row FROM {walk.plan.source} WHERE {where}"
        f" ORDER BY {order} LIMIT ?) a"
    )
    # What is in several of them is one.
    arms = " UNION ".join([arm] * len(walk.plan.arms))
    its = [value for one in walk.plan.arms for value in (*one, *values, most)]
    return f"SELECT c.lo, c.row FROM ({arms}) c ORDER BY {order} LIMIT ?", (*its, most)


def _unsorted(query: Query, plan: Plan, mark: int, run: Run, most: int) -> list[Hit]:
    """Return so many of what matches, each with the place that it has in the order."""
    one, where = query.sort[0], f"FROM {plan.source} WHERE {_where(plan.where)} LIMIT ?"
    values = (*plan.values, mark, mark, most)
    if one.kind == "date" and len(query.sort) == 1:
        # The index of dates gives a version's own in less than its list takes to be taken apart.
        # The plus: else PostgreSQL may look for the row along all dates, from the last.
        date = (
            f"SELECT {'max' if one.descending else 'min'}(+d.lo) FROM sp_date d"
            f" WHERE d.row = r.row AND d.param IN ({marks(len(one.params))}) AND d.hi > d.lo"
        )
        found = run(f"SELECT {_distinct(plan)}r.row, ({date}) {where}", (*one.params, *values))
        return [((lo, row), row) for row, lo in found]
    names = _Names(run)
    return [
        ((*(names.value(sort, row, decode_keys(keys)) for sort in query.sort), row), row)
        for row, keys in run(f"SELECT {_distinct(plan)}r.row, r.keys {where}", values)
    ]


def _distinct(plan: Plan) -> str:
    """Return what takes a row once; where none comes twice, reading may stop with the limit."""
    return "DISTINCT " if plan.distinct else ""


def _sorted(query: Query, keyed: list[Hit]) -> list[Hit]:
    """Return the page out of rows that are sorted here; rows without the value come last.

    Rows that are equal stand as the walk over the date index has them, so that a search may go on
    with either.
    """
    keyed.sort(key=lambda one: one[1], reverse=query.sort[0].descending)
    for index in reversed(range(len(query.sort))):
        descending = query.sort[index].descending
        present = [one for one in keyed if one[0][index] is not None]
        absent = [one for one in keyed if one[0][index] is None]
        present.sort(key=lambda one: (one[0][index],), reverse=descending)
        keyed = present + absent
    start = 0
    if query.after is not None:
        after = tuple(None if value == UNDATED else value for value in query.after)
        start = sum(not _before(after, place, query.sort) for place, _ in keyed)
    return keyed[start : start + query.count + 1]


def _before(left: Place, right: Place, sort: Sequence[Sort]) -> bool:
    """Return whether the place on the left comes before the one on the right."""
    for one, a, b in zip((*sort, sort[0]), left, right, strict=True):
        if a == b:
            continue
        if a is None or b is None:
            return b is None
        return bool((a > b) if one.descending else (a < b))  # type: ignore[operator]
    return False


class _Names:
    """Sort values of a version, from its own list of index rows."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._texts: dict[tuple[str, int], str] = {}

    def value(self, sort: Sort, row: int, keys: Keys) -> float | str | None:
        """Return the lowest (or for descending the highest) value, None where there is none."""
        pick = max if sort.descending else min
        if sort.kind == "row":
            return row
        if sort.kind == "date":
            return pick(
                (lo for param, lo, hi in keys.dates if param in sort.params and hi > lo),
                default=None,
            )
        if sort.kind in {"number", "quantity"}:
            return _amount(sort, keys)
        table, pairs = {
            "token": ("sort_term", keys.tokens),
            "reference": ("sort_key", keys.references),
            "string": ("sort_word", keys.strings),
            "uri": ("sort_uri", keys.uris),
        }.get(sort.kind, ("sort_id", [(0, row)]))
        texts = [
            self._text(table, value) for param, value in pairs if param in sort.params or not param
        ]
        return pick(texts, default=None)

    def _text(self, statement: str, value: int) -> str:
        name = statement, value
        if name not in self._texts:
            self._texts[name] = str(self._run(STATEMENTS[statement], (value,))[0][0])
        return self._texts[name]


def _amount(sort: Sort, keys: Keys) -> float | None:
    """Return the number to sort by: in base units where there are, else as written."""
    pick = max if sort.descending else min
    found = [one for one in keys.quantities if one[0] in sort.params]
    based = [one for one in found if one[2]]
    return pick((one[4] if sort.descending else one[3] for one in based or found), default=None)
