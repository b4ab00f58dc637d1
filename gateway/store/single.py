"""A search asked of one version: does it match? Nothing is walked; every clause is a condition.

For subscriptions, which look at each version once, also at one that was followed by another since.
"""

from typing import Final

from gateway.store.clauses import Fetch, visible
from gateway.store.conditions import Condition, Scope, condition
from gateway.store.plan import flat
from gateway.store.query import Query

SELECT: Final = "SELECT 1 FROM res r WHERE r.row = ? AND r.op <> 2 AND "


def statement(query: Query, row: int, fetch: Fetch) -> Condition:
    """Return the statement that has a row where the version in a row matches, and its values."""
    scope = Scope(query.type, fetch, query.viewer)
    conditions = [
        visible(query.viewer),
        *(condition(clause, scope) for clause in flat(query.clauses)),
    ]
    text = " AND ".join(text for text, _ in conditions)
    return SELECT + text, (row, *(value for _, values in conditions for value in values))
