"""The facts that a decision rests on, small and frozen; they are kept with it and decide again.

Times are microseconds since 1970 UTC, references have their version.
"""

from typing import Final

import msgspec

from gateway.recognition.catalogue.model import Item
from gateway.recognition.model import Asked, Outcome, Reason, Verdict, Word

HOUR: Final = 3_600_000_000
AHEAD: Final = 300_000_000
"""How far a clock may be ahead of ours."""
ISSUED: Final = "issued"
AGAINST: Final[tuple[Word, ...]] = ("fail", "unknown")
"""What speaks against a result, the worst first."""


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """The recognition mark of a result; `claimed` is one that came without evidence.

    `told` is its print (全国HR), `level` the catalogue's requirement that its evidence meets.
    """

    scope: str = ""
    evidence: int = 0
    expires: int | None = None
    recalled: int | None = None
    claimed: str = ""
    told: str = ""
    level: str = ""


class Anchor(msgspec.Struct, frozen=True, omit_defaults=True):
    """From when a result counts: the span that its time covers, the end exclusive.

    `kind` is collection, performed or issued, `zone` the one that was assumed.
    """

    start: int
    end: int
    kind: str
    zone: str = ""


class Fact(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One prior result: a report, a single observation, or a study of images.

    `item` is what it is a result of. `reports` are (reference, status) of the reports that an
    observation is in. `specimen` holds codes of HL7 table 0487. `signs` are what comments and the
    specimen's state say against the result. `instances` counts images that can be retrieved, -1
    where that is not known; `images_of` is the item that they are of where it is another one,
    `beside` their Patients where those are others.
    `critical` is what the asking campus's own table says: critical, not, unjudged, or closed
    where it was critical and was dealt with. `parts` are the analytes in a report.
    """

    reference: str
    campus: int
    code: str
    patient: str
    item: str = ""
    title: str = ""
    status: str = ""
    reports: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    anchor: Anchor | None = None
    loinc: bool = False
    specimen: tuple[str, ...] = ()
    value: str = ""
    numeric: bool = False
    unit: str = ""
    absent: str = ""
    signs: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    method: str = ""
    instrument: str = ""
    instances: int = -1
    images_of: str = ""
    beside: tuple[str, ...] = ()
    mark: Mark | None = None
    critical: str = ""
    parts: "tuple[Fact, ...]" = ()

    @property
    def name(self) -> str:
        """The reference without its version."""
        return self.reference.partition("/_history/")[0]


class Open(msgspec.Struct, frozen=True, omit_defaults=True):
    """An open critical value: its Task, its analyte group, the results that raised it.

    `codes` are theirs, `system|code`: a table may call a group as it likes.
    """

    task: str
    group: str
    results: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


class Circumstances(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is the same for every item of a request.

    `own` are the asking campus's Patients of the link set, `people` the whole link set.
    `suspended` are those whose data contradict another's. `silent` holds since when a campus has
    been silent. `placed` is the encounter, else the day.
    """

    now: int
    campus: int
    code: str
    zone: str
    own: tuple[str, ...]
    people: tuple[str, ...]
    suspended: tuple[str, ...] = ()
    birth_date: str = ""
    encounter_class: str = ""
    placed: str = ""
    silent: dict[int, int] = {}
    open: tuple[Open, ...] = ()


class Facts(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """All that one decision rests on, but for the catalogue's version, which is kept by number."""

    circumstances: Circumstances
    asked: Asked
    catalogue: int = 0
    item: str = ""
    found: tuple[Fact, ...] = ()


class Case(msgspec.Struct, frozen=True, gc=False):
    """What the rules judge a result by: the item it is of, and the circumstances.

    `moment` is when the order is to be carried out. `ordered` is the item that was ordered, of
    which `item` may be a part.
    """

    circumstances: Circumstances
    asked: Asked
    item: Item
    ordered: Item
    moment: int
    window: int | None
    states: tuple[str, ...]


class Judged(msgspec.Struct, frozen=True, gc=False):
    """A result with what the rules say of it."""

    fact: Fact
    rules: tuple[Verdict, ...]
    outcome: Outcome
    reason: Reason
    blocks: bool = False
    """Whether older results of the item may no longer be recognised because of this one."""
    kept: tuple[str, ...] = ()
    """The analytes of a panel that may be recognised."""
    valid_until: int | None = None
    otherwise: Outcome | None = None
    """What it would be if no critical value were open."""
