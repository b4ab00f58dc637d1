"""The rates of recognition and critical values behind the door."""

from gateway.access.actor import Actor
from gateway.access.audit import event
from gateway.errors import ForbiddenError
from gateway.interactions.door import Door
from gateway.recognition.books import Books
from gateway.recognition.statistics.facts import Period
from gateway.recognition.statistics.report import Query, Report, report
from gateway.workflow.critical.figures import Figures, figures


class DoorRates:
    """Figures as the door shows them to each reader."""

    def __init__(self, door: Door, catalogues: Books) -> None:
        self._door = door
        self._catalogues = catalogues

    async def recognition(self, actor: Actor, query: Query) -> Report:
        """Return the figures of a period."""
        found = await report(self._door, self._catalogues, actor, query)
        await self._door.recorder.add(event(actor, "R", ["recognition/statistics"]))
        return found

    async def critical(self, actor: Actor, period: Period) -> tuple[Figures, ...]:
        """Return the figures of critical values: of all, then by campus."""
        try:
            return tuple(await figures(self._door, actor, period.start, period.end))
        except ForbiddenError:
            return ()
