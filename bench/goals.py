"""What a figure has to reach on two cores (`floor`), and what it should (`aim`).

Reads and searches are told as their ratio to the yardstick, writes as a number a second. Behind
PostgreSQL each answer is a way to another process and back, so there less is asked.
"""

import os
from typing import Final

GOALS: Final = {
    "read": (0.45, 0.65),
    "search": (0.22, 0.4),
    "identifier": (0.25, 0.4),
    "create": (1_100, 1_800),
    "transaction": (90, 180),
    "bulk": (3_500, 6_000),
}
GOALS_OF_POSTGRESQL: Final = {
    "read": (0.16, 0.25),
    "search": (0.09, 0.2),
    "create": (700, 1_000),
    "transaction": (80, 180),
    "bulk": (2_500, 6_000),
}
LATEST: Final = {
    **dict.fromkeys(("chain-to-one", "chain-to-some", "has-some"), 50),
    **dict.fromkeys(("chain-to-many", "has-many"), 300),
}
"""Milliseconds of 99 in 100 first pages to one caller: over up to 1,000 resources; over more."""


def goal(name: str) -> dict[str, float]:
    """Return what is asked of a benchmark, nothing where nothing is."""
    goals = GOALS_OF_POSTGRESQL if "HUTONG_DATABASE_URL" in os.environ else GOALS
    if name not in goals:
        return {}
    floor, aim = goals[name]
    return {"floor": floor, "aim": aim}


def goal_of_query(name: str) -> dict[str, float]:
    """Return what is asked of a query of queries.json, nothing where nothing is."""
    if name in LATEST:
        return {"alone_p99_floor_ms": LATEST[name]}
    return goal("search" if name.startswith("patient-code-date") else name)
