"""What the pages ask for: results behind the one door, and sessions; `app` gives the real ones.

Resources are FHIR dicts whose decimals are `msgspec.Raw`, so that digits stay as stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from gateway.web.display.element import Resource

if TYPE_CHECKING:
    from gateway.access.actor import Actor
    from gateway.imaging.render import View
    from gateway.imaging.retrieve import Facts


@dataclass(frozen=True, slots=True)
class Campus:
    """A member: its code, names, when its last message came, and since when it is silent."""

    code: str
    name: str
    mark: str
    heard: datetime | None = None
    silent_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Human:
    """One person as the campuses know them: the Patients of one link set, the best match first.

    `near` says, in the source language, why one that is not exact was found.
    """

    patients: tuple[Resource, ...]
    near: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Who was found; `more` says whether there are others beyond them."""

    humans: tuple[Human, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Measurement:
    """An observation with the specimen that it was made on."""

    observation: Resource
    specimen: Resource = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """A report of a timeline with the observations that it names."""

    report: Resource
    observations: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class ReportsPage:
    """One page of a timeline, newest first; `older` is the token of the next, "" at the end.

    `studies` are those that began within the time of its reports.
    """

    entries: tuple[ReportEntry, ...]
    older: str = ""
    studies: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class WholeReport:
    """A report with what a reader needs beside it.

    `replaced` holds, by observation id, the version that a corrected observation replaced.
    """

    report: Resource
    subject: Resource
    measurements: tuple[Measurement, ...]
    orders: tuple[Resource, ...] = ()
    replaced: Mapping[str, Resource] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WholeECG:
    """An ECG with all that it names; waveforms come with their samples."""

    report: Resource
    subject: Resource
    waveforms: tuple[Resource, ...]
    measurements: tuple[Resource, ...] = ()
    statements: tuple[Resource, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A frame of an object; `number` is the object's as sent, one not `shown` cannot be drawn."""

    sop: str
    frame: int = 1
    number: str = ""
    shown: bool = True
    bits: int = 16


@dataclass(frozen=True, slots=True)
class Series:
    """A series with its pictures in order; `others` counts its objects that are no images."""

    uid: str
    number: str
    modality: str
    description: str
    pictures: tuple[Picture, ...]
    others: int = 0


@dataclass(frozen=True, slots=True)
class WholeStudy:
    """A study with all that was received of it, its reports, and that person's other studies."""

    study: Resource
    subject: Resource
    series: tuple[Series, ...]
    reports: tuple[Resource, ...] = ()
    others: tuple[Resource, ...] = ()


class Results(Protocol):
    """Results as this reader may see them; what may not be seen raises NotFoundError."""

    async def campuses(self, actor: "Actor") -> tuple[Campus, ...]:
        """Return the active campuses, the order in which they are always shown."""
        ...

    async def find_patients(self, actor: "Actor", text: str) -> Found:
        """Return the people whom a name or a number fits, exact ones first."""
        ...

    async def linked(self, actor: "Actor", patient_id: str) -> Human:
        """Return the person to whom this Patient belongs, this Patient first."""
        ...

    async def reports(self, actor: "Actor", patient_id: str, page: str, campus: str) -> ReportsPage:
        """Return one page of the reports of a Patient's link set; `page` is a token or "".

        `campus` is the code of the only campus whose reports are asked for, or "".
        """
        ...

    async def report(self, actor: "Actor", report_id: str) -> WholeReport:
        """Return one report."""
        ...

    async def ecg(self, actor: "Actor", report_id: str) -> WholeECG:
        """Return one ECG."""
        ...

    async def ecgs(self, actor: "Actor", patient_id: str) -> tuple[Resource, ...]:
        """Return the reports of the ECGs of a Patient's link set, newest first."""
        ...

    async def study(self, actor: "Actor", uid: str) -> WholeStudy:
        """Return one study by its StudyInstanceUID."""
        ...

    async def picture(
        self, actor: "Actor", place: tuple[str, str, str], number: int, view: "View"
    ) -> bytes:
        """Return a frame of the object at study, series, instance; the first frame is 1."""
        ...

    async def facts(self, actor: "Actor", place: tuple[str, str, str], number: int) -> "Facts":
        """Return what is to be known of a frame beside its picture."""
        ...

    async def history(
        self, actor: "Actor", patient_id: str, codes: Sequence[tuple[str, str]]
    ) -> tuple[Measurement, ...]:
        """Return what the link set's observations of these (system, code) say, newest first."""
        ...


class Sessions(Protocol):
    """Who sits at a browser. A session id is a secret that only its cookie holds."""

    async def sign_in(self, token: str, person: str) -> str | None:
        """Return the id of a new session; None if the token does not hold."""
        ...

    async def session(self, session_id: str) -> "Actor | None":
        """Return who that session is; None once it has ended."""
        ...

    async def sign_out(self, session_id: str) -> None:
        """End the session."""
        ...
