"""The store's SQL, written for SQLite, in PostgreSQL's words.

Both understand all of it but three things: how a value's place is marked, that SQLite orders a join
by writing it as a CROSS JOIN with a condition, and what a function is called.
https://www.sqlite.org/optoverview.html#manual_control_of_query_plans_using_cross_join
"""

import re
from functools import lru_cache
from itertools import count
from typing import Final

_TOKENS: Final = re.compile(
    r"""(?P<quoted>'[^']*')|(?P<mark>\?)|(?P<instr>\binstr\()|(?P<blob>\bAS\ BLOB\b)
    |CROSS\ JOIN\s+(?P<joined>\w+(?:\s+(?!ON\b)\w+)?)\s+ON\b""",
    re.VERBOSE,
)


@lru_cache(maxsize=4096)
def translated(sql: str) -> str:
    """Return a statement as PostgreSQL takes it; its values are numbered."""
    numbers = count(1)

    def told(found: re.Match[str]) -> str:
        if found["mark"]:
            return f"${next(numbers)}"
        if found["instr"]:
            return "strpos("
        if found["blob"]:
            return "AS bytea"
        if found["joined"]:
            # `join_collapse_limit = 1` keeps the order, as CROSS JOIN does on SQLite.
            return f"JOIN {found['joined']} ON"
        return found["quoted"]

    return _TOKENS.sub(told, sql)
