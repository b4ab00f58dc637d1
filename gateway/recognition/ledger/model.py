"""What is said of a decision, and what is kept of it."""

from dataclasses import dataclass
from typing import Final, Literal, get_args

Said_ = Literal["viewed", "recognised", "not-recognised", "quoted", "revoked"]
ANSWERS: Final[tuple[str, ...]] = get_args(Said_)
"""What a physician may answer (DESIGN §4, façade)."""
RELYING: Final = frozenset({"viewed", "recognised", "quoted"})
"""Whoever answered so relied on the result and is told of what befalls it."""
OFFERED: Final = frozenset({"shall-recognise", "may-recognise", "reread", "context-critical"})
"""Outcomes under which a result may be recognised, and is counted as a reminder."""
UNANSWERED_AFTER: Final = 24 * 3_600_000_000
"""Microseconds after which a reminder without an answer is one that nobody answered."""
TOLD: Final = ("printed", "shown", "spoken")
"""How it was explained to the patient why an examination is repeated."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. `at` (microseconds) is when it was given, None for now.

    `key` tells two equal answers apart where the caller numbers its own. `by_hook` marks feedback
    on a card: it is taken as it is. `explained` tells how the patient was told, one of TOLD.
    """

    outcome: str
    reason: str = ""
    text: str = ""
    person: str = ""
    at: int | None = None
    key: str = ""
    by_hook: bool = False
    explained: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger. `said` is when it happened, `at` when it was written down."""

    decision: str
    kind: str
    at: int
    said: int
    person: str
    reason: str
    text: str
    ticket: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer.

    `repeated`: it was there already. `stale`: why the decision holds no more, where that was taken
    all the same; `task` is the Task that recalls it.
    """

    entry: Entry
    repeated: bool = False
    stale: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """The parts of a recorded decision that the ledger reads; Patients by id, results by name."""

    id: str
    reminder: str
    at: int
    campus: int
    patient: str
    item: str
    outcome: str
    result: str | None
    result_version: int | None
    source: int | None
    valid_until: int | None
