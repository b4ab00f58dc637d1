"""What the asking campus's own table says of another's result (recognition.md §6).

Laboratories of one county disagree on what is critical, so whoever takes over a result judges it
again. Nearly every result is passed at a glance, by the same screen as on the way in.
"""

from datetime import UTC, date, datetime

from gateway.access.actor import Actor
from gateway.fhir.codec import decode, decode_exact
from gateway.interactions.door import Door
from gateway.recognition.decide.model import Anchor
from gateway.recognition.gather.index import Memory
from gateway.store.stored import Stored
from gateway.workflow.critical.ages import About, about
from gateway.workflow.critical.judge import judge
from gateway.workflow.critical.registry import tables_of

CALM, JUDGED = "not", "critical"


class OwnTable:
    """The county's table and the asking campus's, over one patient's results."""

    def __init__(self, door: Door, actor: Actor, patient: str, memory: Memory) -> None:
        self._door = door
        self._tables = tables_of(door)
        self._campus = actor.campus
        self._patient = patient
        self._memory = memory

    def level(self, stored: Stored, anchor: Anchor | None) -> str:
        """Return not, unjudged, critical; closed where that was critical and was dealt with."""
        screen = self._tables.screen
        by = self._memory.number(screen)
        if self._memory.of(stored, by, lambda: screen.is_calm(decode(stored.json()))):
            return CALM
        tables = self._tables.of(self._campus)
        resource = decode_exact(stored.json())
        found = judge(tables, resource, self._about(anchor)).level
        if found != JUDGED:
            return found
        name = f"{stored.type}/{stored.id}"
        tasks = [task for (task,) in self._door.store.fetch("critical_known", (name, name)) if task]
        return "closed" if tasks else JUDGED

    def _about(self, anchor: Anchor | None) -> About:
        stored = self._door.store.current("Patient", self._patient)
        return about(stored.resource() if stored else None, self._day(anchor))

    def _day(self, anchor: Anchor | None) -> date | None:
        if anchor is None:
            return None
        at = datetime.fromtimestamp(anchor.start / 1_000_000, UTC)
        return at.astimezone(self._door.zone).date()
