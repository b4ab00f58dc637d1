"""Which criteria a version may match: looked up by what it holds, so that the rest cost nothing."""

from collections.abc import Iterator

from gateway.events.criteria import Criterion
from gateway.events.facts import Facts, Key
from gateway.events.subscriber import Subscriber


class Index:
    """The criteria of one topic and type, each with whom it is for."""

    def __init__(self) -> None:
        self._members: dict[Criterion, dict[str, Subscriber]] = {}
        self._keyed: dict[Key, dict[Criterion, None]] = {}
        self._always: dict[Criterion, None] = {}
        self._places: dict[Criterion, tuple[Key, ...] | None] = {}

    def add(self, criterion: Criterion, subscriber: Subscriber) -> None:
        """Take a subscriber."""
        self._members.setdefault(criterion, {})[subscriber.id] = subscriber
        self.place(criterion)

    def drop(self, criterion: Criterion, subscriber: Subscriber) -> None:
        """Forget a subscriber."""
        members = self._members.get(criterion, {})
        members.pop(subscriber.id, None)
        if not members:
            self._members.pop(criterion, None)
            self._take_out(criterion)

    def place(self, criterion: Criterion) -> None:
        """Have criteria of this index found by what they were compiled to just now."""
        if criterion not in self._members:
            return
        self._take_out(criterion)
        keys = self._places[criterion] = criterion.compiled.keys
        if keys is None:
            self._always[criterion] = None
        for key in keys or ():
            self._keyed.setdefault(key, {})[criterion] = None

    def _take_out(self, criterion: Criterion) -> None:
        for key in self._places.pop(criterion, None) or ():
            criteria = self._keyed[key]
            criteria.pop(criterion, None)
            if not criteria:
                del self._keyed[key]
        self._always.pop(criterion, None)

    def candidates(self, facts: Facts) -> Iterator[tuple[Criterion, dict[str, Subscriber]]]:
        """Yield the criteria that a version may match, with whom they are for."""
        found = dict(self._always)
        if self._keyed:
            for key in facts.keys:
                found |= self._keyed.get(key, {})
        for criterion in found:
            yield criterion, self._members[criterion]

    def __bool__(self) -> bool:
        """Return whether anybody is in it."""
        return bool(self._members)
