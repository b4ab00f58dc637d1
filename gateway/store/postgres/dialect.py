"""The store's SQL, written for SQLite, in PostgreSQL's words.

Both understand nearly all of it: what differs is how the place of a value is marked, that SQLite
orders a join by writing it as a CROSS JOIN with a condition, and what a function is called.
https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_cross_join
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from typing import Final

_TOKENS: Final = re.compile(
    r"""(?P<quoted>'[^']*')
    |(?P<mark>\?)
    |(?P<instr>\binstr\()
    |(?P<blob>\bAS\ BLOB\b)
    |(?P<newest>\bcoalesce\(max\(row\),\ 0\)\ FROM\ res\b)
    |(?P<tip>\(SELECT\ max\(row\)\ FROM\ res\))
    |CROSS\ JOIN\s+(?P<joined>\w+(?:\s+(?!ON\b)\w+)?)\s+ON\b""",
    re.VERBOSE,
)
_WORDS: Final[dict[str, Callable[[str], str]]] = {
    "quoted": str,
    "instr": lambda _: "strpos(",
    "blob": lambda _: "AS bytea",
    # Of all rows, though some may be behind the wall.
    "newest": lambda _: "coalesce(last_row(), 0)",
    "tip": lambda _: "last_row()",
    # `join_collapse_limit = 1` keeps the order, as CROSS JOIN does on SQLite.
    "joined": lambda table: f"JOIN {table} ON",
}


@lru_cache(maxsize=4096)
def translated(sql: str) -> str:
    """Return a statement as PostgreSQL takes it; its values are numbered."""
    numbers = count(1)

    def told(found: re.Match[str]) -> str:
        kind = str(found.lastgroup)
        return f"${next(numbers)}" if kind == "mark" else _WORDS[kind](found[kind])

    return _TOKENS.sub(told, sql)
