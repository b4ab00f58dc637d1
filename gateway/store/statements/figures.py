"""Statements on what is counted for monitoring: each is answered by the end of an index."""

STATEMENTS = {
    "inbox_figures": """
        SELECT (SELECT coalesce(max(id), 0) FROM inbox),
               (SELECT count(*) FROM inbox WHERE state = 2)""",
}
