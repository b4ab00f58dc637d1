"""What the segment maps of one message share: its source, its header, and its notes."""

from collections import Counter
from collections.abc import Iterable

from adapters.hl7v2 import MSH, NULL, Segment
from mappers.base import Account, Draft, Note, Resource, Skip, Source
from mappers.names import TAG, identifier_system
from mappers.times import Moment, later, moment

INFORMATION = frozenset({"assumed-zone", "not-mapped", "quality-control", "status-from-results"})
"""Notes that raise no alert."""

PROCESSING = {"T": "training", "D": "debugging"}
"""MSH-11, table 0103; production needs no tag."""


def place(segment: Segment) -> str:
    """Return the name of a segment in notes, `OBX[3]`."""
    return f"{segment.name}[{segment.number}]"


class QuarantineError(Exception):
    """The message cannot be taken; it never leaves this package."""

    def __init__(self, code: str, place: str) -> None:
        super().__init__(f"{code} at {place}")
        self.note = Note(code, place)


class Context:
    """One message being mapped: what is known of it, and what is noted on the way."""

    def __init__(self, msh: MSH, source: Source) -> None:
        self.source = source
        self.campus = source.campus
        self._zone = source.zone
        tags = [PROCESSING.get(msh.processing_id.processing_id, "")]
        tags += source.options.get("tags", "").split(",")
        self._tags = [tag for tag in tags if tag]
        self._notes: dict[tuple[str, str], Note] = {}
        self._skips: list[Skip] = []
        self._counts: Counter[str] = Counter()
        sent = self.moment(msh.date_time_of_message, "MSH-7")
        self.sent = sent
        self.clock = sent.clock if sent else ""
        """Clock of what has no time of its own."""
        self._latest = later(self.clock) if self.clock else ""

    def note(self, code: str, place: str) -> None:
        """Note something about a place, once."""
        severity = "information" if code in INFORMATION else "warning"
        self._notes.setdefault((code, place), Note(code, place, severity))

    def skip(self, segment: Segment, reason: str) -> None:
        """Account for a segment that becomes nothing."""
        self._skips.append(Skip(place(segment), reason))

    def moment(self, text: str, place: str) -> Moment | None:
        """Return a time; one that does not exist is noted."""
        text = text.strip()
        if not text or text == NULL:
            return None
        found = moment(text, self._zone)
        if found is None:
            self.note("bad-time", place)
        elif found.assumed:
            self.note("assumed-zone", "MSH")
        return found

    def fact(self, moment: Moment | None, place: str) -> str:
        """Return the clock of a fact that was so at a time, "" if it tells none.

        A day after the message that tells it is a slip: kept as written, but as a clock it would
        outdo every correction to come.
        """
        if moment is None:
            return ""
        if self._latest and moment.clock > self._latest:
            self.note("future-time", place)
            return ""
        return moment.clock

    def system(self, kind: str, campus: str = "") -> str:
        """Return the identifier system of a kind of number, of this campus or of another."""
        return identifier_system(campus or self.campus, kind)

    def authority(self, *names: str) -> str:
        """Return the CODE of the campus that one of the names stands for, "" if none does."""
        authorities = self.source.authorities
        return next((authorities[name] for name in names if name and name in authorities), "")

    def nth(self, value: str) -> int:
        """Return how often a value was asked for in this message."""
        self._counts[value] += 1
        return self._counts[value]

    def resource(self, kind: str, tags: Iterable[str] = ()) -> Resource:
        """Return the beginning of a resource, tagged as the whole message is."""
        resource: Resource = {"resourceType": kind}
        if all_tags := [*self._tags, *tags]:
            resource["meta"] = {"tag": [{"system": TAG, "code": tag} for tag in all_tags]}
        return resource

    def unmapped(self, segment: Segment, fields: Iterable[int]) -> None:
        """Note the valued fields of a segment that its map has no place for."""
        values = segment.fields
        size = len(values)
        for field in fields:
            if field >= size:
                return
            if values[field]:
                self.note("not-mapped", f"{segment.name}-{field}")

    def notes(self) -> tuple[Note, ...]:
        """Return what was noted, in order."""
        return tuple(self._notes.values())

    def account(self, segments: Iterable[Segment], drafts: Iterable[Draft]) -> Account:
        """Return the account of the message."""
        received = Counter(segment.name for segment in segments)
        facts = Counter(draft.key.type for draft in drafts)
        return Account(dict(received), dict(facts), tuple(self._skips))
