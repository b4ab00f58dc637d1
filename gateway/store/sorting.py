"""Orders that no walk gives: what matches is read, up to a number, and sorted here.

By one date the index of dates says each version's; by anything else the index rows that the version
lists itself (`res.keys`).
"""

from collections.abc import Sequence

from gateway.store.clauses import marks
from gateway.store.janitor import Keys, decode_keys
from gateway.store.plan import Plan
from gateway.store.query import Place, Query, Sort
from gateway.store.records import UNDATED
from gateway.store.statements import STATEMENTS
from gateway.store.walks import Hit, Run, where_at


def unsorted(query: Query, plan: Plan, mark: int, run: Run, most: int) -> list[Hit]:
    """Return so many of what matches, each with the place that it has in the order."""
    one, where = query.sort[0], f"FROM {plan.source} WHERE {where_at(plan.where)} LIMIT ?"
    values = (*plan.values, mark, mark, most)
    if one.kind == "date" and len(query.sort) == 1:
        # The index of dates gives a version's own in less than its list takes to be taken apart.
        # The plus: else PostgreSQL may look for the row along all dates, from the last.
        date = (
            f"SELECT {'max' if one.descending else 'min'}(+d.lo) FROM sp_date d"
            f" WHERE d.row = r.row AND d.param IN ({marks(len(one.params))}) AND d.hi > d.lo"
        )
        found = run(f"SELECT {distinct(plan)}r.row, ({date}) {where}", (*one.params, *values))
        return [((lo, row), row) for row, lo in found]
    names = Names(run)
    return [
        ((*(names.value(sort, row, decode_keys(keys)) for sort in query.sort), row), row)
        for row, keys in run(f"SELECT {distinct(plan)}r.row, r.keys {where}", values)
    ]


def distinct(plan: Plan) -> str:
    """Return what takes a row once; where none comes twice, reading may stop with the limit."""
    return "DISTINCT " if plan.distinct else ""


def in_order(query: Query, keyed: list[Hit]) -> list[Hit]:
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


class Names:
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
