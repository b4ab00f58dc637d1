"""Alerts of ingest, as statements that ride in a batch; a place names no patient.

DESIGN §3, "An alert": one open row a kind and place, counted.
"""

from gateway.store.records import Statement


def alert(kind: str, place: str, campus: int, text: str, at: int) -> Statement:
    """Return the statement that raises an alert, or counts one that is open."""
    return "alert_raise", (kind, place, campus, text, at, at)


def settled(kind: str, place: str, at: int) -> Statement:
    """Return the statement that closes an alert whose cause is gone."""
    return "alert_close", (at, kind, place)
