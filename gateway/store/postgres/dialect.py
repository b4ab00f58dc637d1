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
    |(?P<prefix>\bfolded\ >=\ \?\ AND\ folded\ <\ \?)
    |(?P<mark>\?)
    |(?P<instr>\binstr\()
    |(?P<blob>\bAS\ BLOB\b)
    |(?P<newest>\bcoalesce\(max\(row\),\ 0\)\ FROM\ res\b)
    |(?P<tip>\(SELECT\ max\(row\)\ FROM\ res\))
    |CROSS\ JOIN\s+(?P<joined>\w+(?:\s+(?!ON\b)\w+)?)\s+ON\b""",
    re.VERBOSE,
)
_EXISTS: Final = re.compile(r"\bEXISTS\s*\(")
_BRACKETS: Final = re.compile(r"'[^']*'|[()]")
# By the beginning, which is all that an index of texts has room for, and then by the whole.
_PREFIX: Final = (
    "left(folded, 400) >= left(${0}, 400) AND left(folded, 400) < ${1}"
    " AND folded >= ${0} AND folded < ${1}"
)
_WORDS: Final[dict[str, Callable[[str], str]]] = {
    "quoted": str,
    "instr": lambda _: "strpos(",
    "blob": lambda _: "AS bytea",
    # Of all rows, though some may be behind the wall.
    "newest": lambda _: "coalesce(last_row(), 0)",
    "tip": lambda _: "(SELECT last_row())",
    # `join_collapse_limit = 1` keeps the order, as CROSS JOIN does on SQLite.
    "joined": lambda table: f"JOIN {table} ON",
}


@lru_cache(maxsize=4096)
def translated(sql: str) -> str:
    """Return a statement as PostgreSQL takes it; its values are numbered."""
    numbers = count(1)

    def told(found: re.Match[str]) -> str:
        kind = str(found.lastgroup)
        if kind == "prefix":
            return _PREFIX.format(next(numbers), next(numbers))
        return f"${next(numbers)}" if kind == "mark" else _WORDS[kind](found[kind])

    return _TOKENS.sub(told, _row_by_row(sql))


def _row_by_row(sql: str) -> str:
    """Return the statement with every EXISTS asked for one row at a time, as SQLite does it.

    Else the server may read a whole index into a hash first, or turn the walk around; OFFSET is
    what keeps it (`simplify_EXISTS_query` in subselect.c).
    """
    done = ""
    while found := _EXISTS.search(sql):
        end = _end(sql, found.end())
        inner = _row_by_row(sql[found.end() : end])
        done += f"{sql[: found.end()]}{inner} OFFSET 0"
        sql = sql[end:]
    return done + sql


def _end(sql: str, start: int) -> int:
    """Return where the bracket that was opened before is closed."""
    depth = 1
    for found in _BRACKETS.finditer(sql, start):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if not depth:
            return found.start()
    return len(sql)
