"""What the maps of one ECG share: who speaks, and what was noted on the way."""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

from adapters.ecg import ECGRecording
from mappers.base import Account, Draft, Note, Resource, Skip, Source
from mappers.names import TAG, identifier_system
from mappers.times import Moment, moment

INFORMATION = frozenset(
    {"assumed-charset", "assumed-unit", "assumed-zone", "padding-ignored", "wave-boundaries"}
)
"""Notes that raise no alert."""
SENT_SYSTEMS = {"MDC": "urn:oid:2.16.840.1.113883.6.24", "LN": "http://loinc.org"}
"""Code systems as files name them."""


class Context:
    """One ECG being mapped."""

    def __init__(self, recording: ECGRecording, source: Source) -> None:
        self.recording = recording
        self.source = source
        self.campus = source.campus
        self._tags = [tag for tag in source.options.get("tags", "").split(",") if tag]
        self._notes: dict[tuple[str, str], Note] = {}
        for one in recording.remarks:
            self.note(one.code, one.place)

    def note(self, code: str, place: str) -> None:
        """Note something about a place, once."""
        severity = "information" if code in INFORMATION else "warning"
        self._notes.setdefault((code, place), Note(code, place, severity))

    def notes(self) -> tuple[Note, ...]:
        """Return what was noted, in order."""
        return tuple(self._notes.values())

    def moment(self, text: str, place: str) -> Moment | None:
        """Return a time; one that does not exist is noted."""
        text = text.strip()
        if not text:
            return None
        zone = self.recording.zone
        found = moment(text, self.source.zone)
        if found is not None and found.assumed and zone:
            found = moment(text + zone, self.source.zone) or found
        if found is None:
            self.note("bad-time", place)
        elif found.assumed:
            self.note("assumed-zone", "effectiveTime")
        return found

    def system(self, kind: str, campus: str = "") -> str:
        """Return the identifier system of a kind of number, of this campus or of another."""
        return identifier_system(campus or self.campus, kind)

    def sent_system(self, name: str) -> str:
        """Return the code system of a name in the file; one that only the campus knows is its."""
        known = SENT_SYSTEMS.get(name)
        return known or (f"urn:hutong:{self.campus}:cs:{quote(name, safe='')}" if name else "")

    def resource(self, kind: str, tags: Iterable[str] = ()) -> Resource:
        """Return the beginning of a resource."""
        resource: Resource = {"resourceType": kind}
        if all_tags := [*self._tags, *tags]:
            resource["meta"] = {"tag": [{"system": TAG, "code": tag} for tag in all_tags]}
        return resource

    def account(self, drafts: Iterable[Draft]) -> Account:
        """Return the account of the file."""
        found = self.recording
        facts = Counter(draft.key.type for draft in drafts)
        if facts:
            facts["lead"] = sum(len(one.leads) for one in found.series)
            facts["measurement"] = len(found.measurements)
            facts["statement"] = len(found.statements)
        skips = tuple(Skip(one.place, one.code) for one in found.skips)
        return Account(dict(found.received), +facts, skips)
