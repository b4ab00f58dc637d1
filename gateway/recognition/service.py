"""Recognition as every door asks it: one engine, one decision id (DESIGN §4, "recognition")."""

from dataclasses import dataclass

from gateway.access.actor import Actor
from gateway.interactions.door import Door
from gateway.recognition.books import Books
from gateway.recognition.model import Answer, Coverage, Decision, PatientAsked, Request


@dataclass(frozen=True, slots=True)
class Summary:
    """What a patient has that may be recognised: usable results by category of the catalogue.

    `critical` counts the groups of results with an open critical value.
    """

    usable: dict[str, int]
    critical: int
    coverage: Coverage
    patients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A recorded decision with who asked; `request` is the question without its other orders."""

    id: str
    reminder: str
    at: int
    campus: int
    patient: str
    placed: str
    decision: Decision
    request: Request
    now: int = 0


class Recognition:
    """Judges ordered items against what all campuses have; one a process."""

    def __init__(self, door: Door, catalogues: Books) -> None:
        self._door = door
        self._catalogues = catalogues

    async def check(self, actor: Actor, request: Request) -> Answer:
        """Judge each order and record the decisions, durable; a trial (`at`) is not recorded."""
        raise NotImplementedError

    async def look(self, actor: Actor, request: Request) -> Answer:
        """Judge each order and record nothing; the ids are those that `check` would give."""
        raise NotImplementedError

    async def summary(self, actor: Actor, patient: PatientAsked) -> Summary | None:
        """Return what of a patient's results is usable now, None where nobody is identified."""
        raise NotImplementedError

    def stored(self, actor: Actor, id_: str) -> StoredDecision | None:
        """Return a decision that the actor's campus was given."""
        raise NotImplementedError

    async def replay(self, actor: Actor, id_: str) -> Decision:
        """Decide again from the facts that were pinned; NotFoundError."""
        raise NotImplementedError
