"""What pages ask and do beyond reading results; `app` gives the real ones.

Critical values that wait for an answer, orders that are checked for results to be recognised, and
the rates of both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from gateway.recognition.ledger.states import State
from gateway.recognition.model import Decision, Verdict
from gateway.web.display.element import Resource
from gateway.web.sources import Human

if TYPE_CHECKING:
    from gateway.access.actor import Actor
    from gateway.recognition.catalogue.model import Item
    from gateway.recognition.statistics.facts import Period
    from gateway.recognition.statistics.report import Query, Report
    from gateway.workflow.critical.figures import Figures

UNANSWERED = State()
Refusal = Literal["empty", "wrong", "first", "newer", "elsewhere", "disposition"]


class RefusedError(Exception):
    """An act that did not happen.

    The number is another one, somebody was first, a newer value came, it is another campus's to
    do, or what was done about it must be said.
    """

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


class StaleError(Exception):
    """A decision that holds no more; `why` is a code of RECALL_REASON."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Alarm:
    """A `critical-ack` Task: the results it names, the newest last, and the person, if seen.

    `report` is the id of the report that bears the newest result, "" if there is none.
    """

    task: Resource
    results: tuple[Resource, ...]
    human: Human | None = None
    report: str = ""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """An answer to a critical value.

    `seen` is what the form was about, `key` tells a second press from a second answer.
    """

    value: str
    comment: str = ""
    seen: str = ""
    key: str = ""


class Criticals(Protocol):
    """Critical values as the reader's campus is told of them."""

    async def waiting(self, actor: "Actor") -> tuple[str, ...]:
        """Return the ids of the Tasks that the reader's campus must answer."""
        ...

    async def open(self, actor: "Actor", patient_id: str = "") -> tuple[Alarm, ...]:
        """Return what is open, the earliest deadline first; of one person's link set if named."""
        ...

    async def one(self, actor: "Actor", task_id: str) -> Alarm:
        """Return one Task, closed ones too; NotFoundError."""
        ...

    async def acknowledge(self, actor: "Actor", task_id: str, said: ReadBack) -> None:
        """Close the Task by a read-back; RefusedError."""
        ...

    async def called(self, actor: "Actor", task_id: str, whom: str, key: str) -> None:
        """Record that the laboratory told somebody by telephone."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How one result stands: the decision on its item, whether it is that decision's result.

    `rules` are what the rules say of this result, `mark` what was proven of it.
    """

    decision: Decision
    is_chosen: bool
    mark: str = ""
    rules: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Standings:
    """How results stand, by `Type/id`; those of no item of the catalogue are left out.

    Nothing was judged where the person is not `identified` as the reader's campus's own.
    """

    identified: bool = False
    by_name: Mapping[str, Standing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be ordered: items of the catalogue, stored drafts by id, the encounter's class."""

    items: tuple[str, ...] = ()
    drafts: tuple[str, ...] = ()
    encounter_class: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """What is said of one ordered item, and what was answered to it by whom."""

    decision: Decision
    category: str = ""
    name_en: str = ""
    state: State = UNANSWERED
    person: str = ""
    at: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """The hints of a question; nothing was checked where the person is not `identified`."""

    identified: bool
    hints: tuple[Hint, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a decision: `explained` tells how the patient was told, "" where not."""

    outcome: str
    reason: str = ""
    text: str = ""
    explained: str = ""
    key: str = ""


class Recognitions(Protocol):
    """Mutual recognition as the reader's campus may ask it."""

    async def standings(
        self, actor: "Actor", patient_id: str, results: Sequence[Resource]
    ) -> Standings:
        """Return how results stand: one question for all of them."""
        ...

    async def items(self, actor: "Actor", text: str) -> "tuple[Item, ...]":
        """Return the items of the catalogue that words or a code fit."""
        ...

    async def named(self, actor: "Actor", codes: Sequence[str]) -> "tuple[Item, ...]":
        """Return the items of these codes."""
        ...

    async def drafts(self, actor: "Actor", patient_id: str) -> tuple[Resource, ...]:
        """Return the drafted orders of the reader's campus for this person."""
        ...

    async def check(
        self, actor: "Actor", patient_id: str, wanted: Wanted, *, record: bool
    ) -> Checked:
        """Judge what is to be ordered; what is recorded counts as a reminder."""
        ...

    async def hint(self, actor: "Actor", decision_id: str) -> Hint:
        """Return a recorded decision of the reader's campus; NotFoundError."""
        ...

    async def answer(self, actor: "Actor", decision_id: str, said: Reply) -> None:
        """Record an answer; StaleError where the decision holds no more."""
        ...

    async def path_of(self, actor: "Actor", reference: str) -> str:
        """Return the address of the page that shows a result."""
        ...


class Rates(Protocol):
    """What became of recognition and of critical values, as the reader's campus may see it."""

    async def recognition(self, actor: "Actor", query: "Query") -> "Report":
        """Return the figures of a period."""
        ...

    async def critical(self, actor: "Actor", period: "Period") -> "tuple[Figures, ...]":
        """Return the figures of critical values: of all, then by campus."""
        ...


@dataclass(frozen=True, slots=True)
class Acts:
    """All of it."""

    criticals: Criticals
    recognitions: Recognitions
    rates: Rates
