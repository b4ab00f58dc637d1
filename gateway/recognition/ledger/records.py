"""The ledger's rows, read and written."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from gateway.recognition.ledger.model import OFFERED, RELYING, Entry, Said, Stand
from gateway.recognition.ledger.states import state
from gateway.recognition.recording import unpack
from gateway.store.protocol import Store
from gateway.store.records import Statement

COLUMNS = len(Stand.__slots__)


def stand(store: Store, id_: str) -> Stand | None:
    """Return a recorded decision."""
    rows = store.fetch("ledger_decision", (id_,))
    return Stand(*rows[0]) if rows else None


def offers(store: Store, one: Stand) -> bool:
    """Return whether a decision's result may be recognised.

    An open critical value makes no result fit that would not be fit without it.
    """
    if one.outcome != "context-critical":
        return one.outcome in OFFERED
    rows = store.fetch("decision", (one.id,))
    return bool(rows) and unpack(rows[0][-1]).decision.otherwise in OFFERED


def entries(store: Store, id_: str) -> list[Entry]:
    """Return what was answered to a decision and what befell it, as written down."""
    return [Entry(*row) for row in store.fetch("ledger_events", (id_,))]


def reminders(store: Store, reminder: str) -> list[Entry]:
    """Return the same for a reminder, whichever of its decisions was answered."""
    return [Entry(*row) for row in store.fetch("ledger_events_of", (reminder,))]


def written(entry: Entry, token: int) -> Statement:
    """Return the statement that keeps an entry; the same ticket is kept once."""
    values = (
        entry.decision,
        entry.kind,
        entry.at,
        entry.said,
        entry.person,
        token,
        entry.reason,
        entry.text,
        entry.ticket,
    )
    return "ledger_add", values


def ticket(decision: str, said: Said, after: str) -> str:
    """Return what makes an answer the same as another; `after` is the entry that stood before."""
    moment = "" if said.at is None else str(said.at)
    parts = (decision, said.outcome, said.reason, said.text, said.person, moment, said.key, after)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def relying(rows: Iterable[Sequence[Any]]) -> list[Stand]:
    """Return the decisions by which somebody goes, of all that was answered on a result.

    What was recognised by one decision of a reminder may have been revoked by another.
    """
    stands: dict[str, Stand] = {}
    answered: dict[str, list[Entry]] = {}
    for row in rows:
        one = Stand(*row[:COLUMNS])
        kind, said, mark = row[COLUMNS:]
        answered.setdefault(one.reminder, []).append(
            Entry(one.id, kind, said, said, "", "", "", mark)
        )
        if kind in RELYING:
            stands[one.id] = one
    return [one for one in stands.values() if state(answered[one.reminder]).relied]
