"""The reader of a page: what language they read, where they sit, what time it is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.web.display.campus import Mark, code_of
from gateway.web.display.element import Resource
from gateway.web.sources import Campus
from gateway.web.speech import Speech


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: language, time, own campus code; and the campuses whose chips they see."""

    say: Speech
    now: datetime
    own: str
    campuses: Mapping[str, Campus]

    @property
    def zone(self) -> str:
        """The name of the zone that times are shown in, "" if it has none."""
        return str(getattr(self.now.tzinfo, "key", ""))

    @property
    def names(self) -> str:
        """The campuses that were asked."""
        return ", ".join(campus.mark for campus in self.campuses.values())

    def mark_of(self, resource: Resource) -> Mark:
        """Return the chip of the campus that owns a resource."""
        return self.mark(code_of(resource))

    def mark(self, code: str) -> Mark:
        """Return the chip of a campus; one that left keeps its code."""
        campus = self.campuses.get(code)
        if campus is None:
            return Mark(code, code or self.say("来源不详"), code, "other")
        if campus.silent_since is not None:
            return Mark(code, campus.mark, campus.name, "silent")
        return Mark(code, campus.mark, campus.name, "own" if code == self.own else "other")
