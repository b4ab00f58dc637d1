"""Segments of an ORU or ORM to patients and their order groups, by position.

A segment belongs to what stands before it, never to "the nearest one of its kind".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from adapters.hl7v2 import Segment
from mappers.hl7v2.context import Context, QuarantineError, place

DETAILS = ("RXO", "RQD", "RQ1", "ODS", "ODT")
"""Order detail segments of an ORM that ask for something else than an examination."""


@dataclass(slots=True, eq=False)
class Noted:
    """A segment and the NTE behind it."""

    segment: Segment
    notes: list[Segment] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Result(Noted):
    """An OBX, the further lines of its text, and the SPM it stands behind."""

    lines: list[Segment] = field(default_factory=list)
    sample: Noted | None = None


@dataclass(slots=True, eq=False)
class Group(Noted):
    """An OBR and what belongs to it."""

    orc: Segment | None = None
    timing: Segment | None = None
    results: list[Result] = field(default_factory=list)
    samples: list[Noted] = field(default_factory=list)

    def sample_of(self, result: Result) -> Noted | None:
        """Return the specimen of a result: the only one, else the one it stands behind."""
        return self.samples[0] if len(self.samples) == 1 else result.sample


@dataclass(slots=True)
class Person:
    """A PID and what belongs to it."""

    segment: Segment
    visit: Segment | None = None
    groups: list[Group] = field(default_factory=list)
    samples: list[Noted] = field(default_factory=list)
    """Those before the first OBR: they serve every OBR that has none of its own."""
    details: int = 0
    """Orders for something else than an examination."""


class Grouper:
    """Reads the segments of one message once, in order."""

    def __init__(self, context: Context, kind: Literal["ORU", "ORM"]) -> None:
        self._context = context
        self._kind = kind
        self._persons: list[Person] = []
        self._group: Group | None = None
        self._common: Noted | None = None
        self._inherited: Segment | None = None
        self._timing: Segment | None = None
        self._owner: Noted | None = None

    def persons(self, segments: Iterable[Segment]) -> list[Person]:
        """Return the patients of the message; at least one, each with an order."""
        for segment in segments:
            take = TAKERS.get(segment.name)
            if take is not None:
                take(self, segment)
            elif segment.name != "MSH":
                self._context.skip(segment, "not-mapped")
        self._settle_common()
        if not self._persons:
            raise QuarantineError("missing-pid", "PID")
        for person in self._persons:
            if not person.groups and not person.details:
                raise QuarantineError("missing-obr", place(person.segment))
        return self._persons

    def pid(self, segment: Segment) -> None:
        """Begin a patient."""
        self._settle_common()
        self._persons.append(Person(segment))
        self._group = self._owner = self._inherited = self._timing = None

    def pv1(self, segment: Segment) -> None:
        """Add the visit of the patient."""
        if not self._persons or self._persons[-1].visit:
            self._context.skip(segment, "not-mapped")
        else:
            self._persons[-1].visit = segment
        self._owner = None

    def orc(self, segment: Segment) -> None:
        """Begin an order; its details follow."""
        self._person()
        self._settle_common()
        self._common = self._owner = Noted(segment)
        self._group = None

    def obr(self, segment: Segment) -> None:
        """Begin a group."""
        person = self._person()
        group = Group(segment)
        if self._common:
            group.orc, group.notes = self._common.segment, self._common.notes
        elif self._shares_order(segment):
            group.orc = self._inherited
        group.timing, self._timing = self._timing, None
        group.samples = list(person.samples)
        person.groups.append(group)
        self._inherited = group.orc
        self._group = self._owner = group
        self._common = None

    def obx(self, segment: Segment) -> None:
        """Add a result to its group."""
        self._person()
        if self._kind == "ORM":
            self._unmapped(segment)
            return
        if self._group is None:
            # 2.7 allows observations about the patient and about the order here: no report's.
            self._context.skip(segment, "before-obr")
            self._context.note("before-obr", place(segment))
            self._owner = None
            return
        samples = self._group.samples
        result = Result(segment, sample=samples[-1] if samples else None)
        if not self._continues(result):
            self._group.results.append(result)
            self._owner = result

    def spm(self, segment: Segment) -> None:
        """Add a specimen to its group, or to all groups to come."""
        person = self._person()
        if self._kind == "ORM":
            self._unmapped(segment)
            return
        sample = Noted(segment)
        self._owner = sample
        if self._group is None:
            person.samples.append(sample)
            return
        if self._group.samples == person.samples:
            self._group.samples = []
        self._group.samples.append(sample)

    def nte(self, segment: Segment) -> None:
        """Add a comment to what stands before it."""
        if self._owner is None:  # a PID has no place for one
            self._context.skip(segment, "not-mapped")
        else:
            self._owner.notes.append(segment)

    def tq1(self, segment: Segment) -> None:
        """Add the timing of an order; it stands before or behind the OBR."""
        if self._common and not self._timing:
            self._timing = segment
        elif self._group and not self._group.timing:
            self._group.timing = segment
        else:
            self._context.skip(segment, "not-mapped")

    def detail(self, segment: Segment) -> None:
        """Count an order for something else."""
        person = self._person()
        person.details += 1
        common = self._common.segment if self._common else None
        for skipped in (common, self._timing, segment):
            if skipped:
                self._context.skip(skipped, "not-mapped")
        self._common = self._group = self._owner = self._timing = None

    def _person(self) -> Person:
        if not self._persons:
            raise QuarantineError("missing-pid", "PID")
        return self._persons[-1]

    def _unmapped(self, segment: Segment) -> None:
        self._context.skip(segment, "not-mapped")
        self._owner = None

    def _settle_common(self) -> None:
        """Refuse an order without details; in a result it is only left over."""
        common, self._common = self._common, None
        if common is None:
            return
        if self._kind == "ORM":
            raise QuarantineError("missing-obr", place(common.segment))
        for segment in (common.segment, *common.notes, *([self._timing] if self._timing else [])):
            self._context.skip(segment, "not-mapped")
        self._timing = None

    def _shares_order(self, segment: Segment) -> bool:
        """Return whether an OBR without ORC belongs to the last one: no number, or the same."""
        inherited, number = self._inherited, segment.value(2, 1, 1)
        if inherited is None:
            return False
        if not number:
            return not segment.raw(3)
        return number == inherited.value(2, 1, 1)

    def _continues(self, result: Result) -> bool:
        """Return whether an OBX was a further line of the text before it; it is added then."""
        if self._group is None or not self._group.results:
            return False
        last, segment = self._group.results[-1], result.segment
        if segment.raw(2) not in {"TX", "FT"} or last.sample is not result.sample:
            return False
        before = last.segment
        if any(segment.raw(number) != before.raw(number) for number in (2, 3, 4, 11)):
            return False
        last.lines.append(segment)
        self._owner = last
        self._context.skip(segment, "joined")
        return True


Taker = Callable[[Grouper, Segment], None]

TAKERS: dict[str, Taker] = {
    "PID": Grouper.pid,
    "PV1": Grouper.pv1,
    "ORC": Grouper.orc,
    "OBR": Grouper.obr,
    "OBX": Grouper.obx,
    "SPM": Grouper.spm,
    "NTE": Grouper.nte,
    "TQ1": Grouper.tq1,
    **dict.fromkeys(DETAILS, Grouper.detail),
}
