"""What stands beside a study: its reports, and other studies of the same region of that person."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.web.display.campus import Mark
from gateway.web.display.element import Resource, part, parts, text
from gateway.web.display.reader import Reader
from gateway.web.display.report import statuses
from gateway.web.display.report import title as title_of_report
from gateway.web.display.status import Status
from gateway.web.display.study import modalities, title, uid_of
from gateway.web.display.time import Moment, instant, moment

MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Other:
    """A study to compare with; `newer` says whether it was made after the one that is shown."""

    path: str
    title: str
    modality: str
    at: Moment | None
    mark: Mark
    newer: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A report of the study, with what it concludes."""

    path: str
    title: str
    at: Moment | None
    mark: Mark
    statuses: tuple[Status, ...]
    conclusion: str


def reports(found: Iterable[Resource], reader: Reader) -> tuple[Told, ...]:
    """Return the reports of a study, as they come."""
    return tuple(
        Told(
            f"/reports/{text(one, 'id')}",
            title_of_report(reader, one),
            moment(reader.say, text(one, "issued"), reader.now),
            reader.mark_of(one),
            statuses(reader, one),
            text(one, "conclusion"),
        )
        for one in found
    )


def others(study: Resource, found: Iterable[Resource], reader: Reader) -> tuple[Other, ...]:
    """Return the studies of the same region, newest first."""
    like = [one for one in found if text(one, "id") != text(study, "id") and is_like(study, one)]
    like.sort(key=lambda one: _began(one, reader), reverse=True)
    return tuple(
        Other(
            f"/studies/{uid_of(one)}",
            title(reader.say, one),
            modalities(one),
            moment(reader.say, text(one, "started"), reader.now),
            reader.mark_of(one),
            _began(one, reader) > _began(study, reader),
        )
        for one in like[:MOST]
    )


def is_like(one: Resource, other: Resource) -> bool:
    """Return whether two studies are of one region; where one tells none, of one modality."""
    here, there = regions(one), regions(other)
    if here and there:
        return not here.isdisjoint(there)
    return not _kinds(one).isdisjoint(_kinds(other))


def regions(study: Resource) -> frozenset[str]:
    """Return the regions of a study: code or word, whichever was sent."""
    sites = [part(one, "bodySite") for one in parts(study, "series")]
    told = (text(one, "code") or text(one, "display").casefold() for one in sites)
    return frozenset(one for one in told if one)


def _kinds(study: Resource) -> frozenset[str]:
    return frozenset(text(one, "code") for one in parts(study, "modality"))


def _began(study: Resource, reader: Reader) -> float:
    at = instant(text(study, "started"), reader.now)
    return at.timestamp() if at else 0.0
