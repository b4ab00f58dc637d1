"""Orders by several keys of more matches than are sorted here: walked by the first of them.

What is equal in the first key is sorted here by the others; a page ends with the group in which it
is full.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from typing import Final

from msgspec.structs import replace

from gateway.errors import CostlyError
from gateway.store import ordered
from gateway.store.clauses import marks
from gateway.store.janitor import decode_keys
from gateway.store.plan import Plan
from gateway.store.query import Query
from gateway.store.sorting import Names, in_order
from gateway.store.walks import Hit, Run

LAST: Final = 2**63 - 1
PORTION: Final = 500


def is_walked(query: Query, plan: Plan) -> bool:
    """Return whether an index gives the order by the first of several keys."""
    return len(query.sort) > 1 and ordered.is_walked(query.sort[:1], plan)


def page(query: Query, plan: Plan, mark: int, run: Run, most: int) -> list[Hit]:
    """Return up to count + 1 rows after `query.after`, in order, each with its place.

    CostlyError where more than `most` are equal in the first key.
    """
    names = Names(run)
    walk = ordered.walk(_by_the_first(query), plan, mark, run, names.value)
    found: list[Hit] = []
    for _, group in groupby(walk, key=lambda one: one[0][0]):
        rows = [row for _, row in islice(group, most + 1)]
        if len(rows) > most:
            raise CostlyError(
                f"More than {most} matches are equal in the first key that they are sorted by;"
                " narrow the search, or sort by one key."
            )
        found += in_order(query, list(_placed(query, rows, run, names)))
        if len(found) > query.count:
            break
    return found[: query.count + 1]


def _by_the_first(query: Query) -> Query:
    """Return the query by its first key alone, from the first that is equal in it to the place."""
    first, after = query.sort[0], query.after
    if after is not None:
        after = after[0], LAST if first.descending else -1
    return replace(query, sort=(first,), after=after)


def _placed(query: Query, rows: Sequence[int], run: Run, names: Names) -> Iterator[Hit]:
    """Yield rows with the places that all keys give them."""
    for at in range(0, len(rows), PORTION):
        part = rows[at : at + PORTION]
        kept = run(f"SELECT row, keys FROM res WHERE row IN ({marks(len(part))})", part)
        for row, keys in kept:
            found = decode_keys(keys)
            yield (*(names.value(one, row, found) for one in query.sort), row), row
