"""What is asked of recognition and what it answers, the same through every door (DESIGN §4)."""

from dataclasses import dataclass, field
from typing import Final, Literal

import msgspec

from gateway.recognition.catalogue.model import Code

Outcome = Literal[
    "shall-recognise",
    "may-recognise",
    "reference-only",
    "reread",
    "context-critical",
    "not-eligible",
]
OUTCOMES: Final[tuple[Outcome, ...]] = (
    "shall-recognise",
    "may-recognise",
    "reread",
    "reference-only",
    "context-critical",
    "not-eligible",
)
USABLE: Final = frozenset({"shall-recognise", "may-recognise"})
RULES: Final = ("ID", "STATUS", "TIME", "SCOPE", "QC", "COMP", "DATA", "NEG", "ACC", "CRIT")
Word = Literal["pass", "fail", "unknown"]


class Verdict(msgspec.Struct, frozen=True):
    """What one rule says of one result. `evidence` is versioned references or texts."""

    id: str
    verdict: Word
    evidence: tuple[str, ...] = ()


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One ordered item as a door got it.

    `ref` is what the caller calls it ("ServiceRequest/d1"), `codes` all codings of it. `occurrence`
    is microseconds, None where it is now.
    """

    ref: str = ""
    codes: tuple[Code, ...] = ()
    text: str = ""
    specimen: str = ""
    body_site: str = ""
    laterality: str = ""
    technique: str = ""
    occurrence: int | None = None
    repeating: bool = False
    subject: str = ""


class PatientAsked(msgspec.Struct, frozen=True, kw_only=True):
    """How a door names the patient: by business identifiers, or by one of our Patients' ids.

    A name, birth date or sex that is given must agree with what is stored.
    """

    identifiers: tuple[Code, ...] = ()
    id: str = ""
    name: str = ""
    birth_date: str = ""
    gender: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `at` (microseconds) makes it a trial: neither counted nor answerable.

    `encounter` is what tells one visit from the next, `encounter_class` a code of v3-ActCode (AMB,
    IMP, EMER, ...); each is "" where unknown.
    """

    patient: PatientAsked
    orders: tuple[Asked, ...]
    encounter_class: str = ""
    encounter: str = ""
    at: int | None = None
    doctor: str = ""
    department: str = ""
    door: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The prior result of a decision; `reference` has its version. Times are microseconds."""

    reference: str
    campus: int
    code: str
    title: str = ""
    anchor: int | None = None
    anchor_kind: str = ""
    mark: str = ""
    values: tuple[tuple[str, str, str], ...] = ()


class Reason(msgspec.Struct, frozen=True):
    """Why an outcome is what it is: a code of `urn:hutong:cs:recognition-reason` with its words."""

    code: str
    display: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one ordered item.

    `others` are further results that were judged and are not the best, each with its verdicts.
    `otherwise` is what a context-critical one would be if no critical value were open.
    """

    id: str
    asked: Asked
    outcome: Outcome
    reason: Reason
    item: str = ""
    item_name: str = ""
    result: Result | None = None
    valid_until: int | None = None
    rules: tuple[Verdict, ...] = ()
    residual: tuple[Code, ...] = ()
    residual_names: tuple[str, ...] = ()
    own: bool = False
    price: int | None = None
    others: tuple[tuple[Result, tuple[Verdict, ...]], ...] = ()
    catalogue: int = 0
    otherwise: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """A campus that has fallen silent, since when (microseconds)."""

    campus: int
    code: str
    name: str
    since: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which campuses an answer covers: all those included, by code, and the silent among them."""

    included: tuple[str, ...] = ()
    silent: tuple[Silence, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The decisions in the order of the question; none where the patient is not identified.

    `identified` is False where nobody was checked: unknown, doubtful or contradictory.
    """

    identified: bool
    decisions: tuple[Decision, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    patients: tuple[str, ...] = ()
