"""The store's SQL, written for SQLite, in PostgreSQL's words.

Both understand nearly all of it: what differs is how the place of a value is marked, that SQLite
orders a join by writing it as a CROSS JOIN with a condition, and what a function is called.
https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_cross_join
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_TOKENS: Final = re.compile(
    r"""(?P<quoted>'[^']*')
    |(?P<prefix>\bfolded\ >=\ \?\ AND\ folded\ <\ \?)
    |(?P<listed>\b(?:NOT\ )?IN\ \(\?(?:,\ ?\?)+\))
    |(?P<mark>\?)
    |(?P<instr>\binstr\()
    |(?P<blob>\bAS\ BLOB\b)
    |(?P<newest>\bcoalesce\(max\(row\),\ 0\)\ FROM\ res\b)
    |(?P<tip>\(SELECT\ max\(row\)\ FROM\ res\))
    |CROSS\ JOIN\ res\ (?P<target>\w+)\ ON\ (?P=target)\.key\ IN
        \ \((?P<walked>WITH\ RECURSIVE\ linked\b[^?']*?SELECT\ patient\ FROM\ linked)\)
    |CROSS\ JOIN\s+(?P<joined>\w+(?:\s+(?!ON\b)\w+)?)\s+ON\b""",
    re.VERBOSE,
)
_EXISTS: Final = re.compile(r"\bEXISTS\s*\(")
_BRACKETS: Final = re.compile(r"'[^']*'|[()]")
# By the beginning, which is all that an index of texts has room for, and then by the whole.
_PREFIX: Final = (
    "left(folded, 400) >= left({0}, 400) AND left(folded, 400) < {1}"
    " AND folded >= {0} AND folded < {1}"
)
# A row that is joined by equality is looked up by the index behind the wall too. A condition with a
# query in it is not: it might tell what the wall hides, so it is tried on all that may be seen.
_LATERAL: Final = "JOIN LATERAL ({1}) {0}_of ON true JOIN res {0} ON {0}.key = {0}_of.patient"
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


@dataclass(frozen=True, slots=True)
class Told:
    """A statement in PostgreSQL's words, and how many values each of its places takes."""

    text: str
    places: tuple[int, ...]
    total: int
    plain: bool  # each place takes one value


@lru_cache(maxsize=4096)
def translated(sql: str) -> Told:
    """Return a statement as PostgreSQL takes it; its values are numbered.

    A list of values is one value, an array: however many they are, the statement stays the same and
    is prepared once.
    """
    places: list[int] = []

    def numbered(count: int) -> str:
        places.append(count)
        return f"${len(places)}"

    def told(found: re.Match[str]) -> str:
        kind, text = str(found.lastgroup), found[0]
        if kind == "mark":
            return numbered(1)
        if kind == "listed":
            how = "<> ALL" if text.startswith("NOT") else "= ANY"
            return f"{how} ({numbered(text.count('?'))})"
        if kind == "walked":
            return _LATERAL.format(found["target"], found["walked"])
        if kind == "prefix":
            return _PREFIX.format(numbered(1), numbered(1))
        return _WORDS[kind](found[kind])

    text = _TOKENS.sub(told, _row_by_row(sql))
    return Told(text, tuple(places), sum(places), plain=max(places, default=1) == 1)


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
