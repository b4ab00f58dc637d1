"""Studies for the pages: over the door like all else, the objects beside the resource.

DESIGN §1: whoever may read a study's resource may read its objects.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from adapters.dicom.syntax import NATIVE
from gateway.access.actor import Actor
from gateway.errors import NotFoundError
from gateway.imaging import retrieve
from gateway.imaging.decode import DECODED
from gateway.imaging.render import View
from gateway.imaging.retrieve import Facts
from gateway.imaging.stored_object import StoredObject
from gateway.imaging.studies import find
from gateway.interactions.door import Door
from gateway.interactions.read import read
from gateway.interactions.search import search
from gateway.store.objects import Objects
from gateway.web.display.element import Resource, part, parts, target, text
from gateway.web.sources import Picture, Series, WholeStudy

PORTION: Final = "200"
SHOWN: Final = NATIVE | DECODED
"""Transfer syntaxes whose pictures are drawn here."""
MAX_FRAMES: Final = 2000
DAY: Final = len("2026-11-22")

Params = list[tuple[str, str]]


class Studies:
    """Studies as each reader may see them."""

    def __init__(self, door: Door, objects: Objects) -> None:
        self._door = door
        self._objects = objects

    async def whole(self, actor: Actor, uid: str) -> WholeStudy:
        """Return one study with its pictures; NotFoundError."""
        study = await self._study(actor, uid)
        subject = target(part(study, "subject"))
        by_series: dict[str, list[StoredObject]] = {}
        for one in _objects(self._door, uid):
            by_series.setdefault(one.series, []).append(one)
        told = {text(one, "uid"): one for one in parts(study, "series")}
        return WholeStudy(
            study=study,
            subject=(await read(self._door, actor, "Patient", subject)).resource(),
            series=tuple(_in_order(by_series, told)),
            reports=tuple(await self._reports(actor, study, subject)),
            others=await self.between(actor, subject, "", ("", "")),
        )

    async def picture(
        self, actor: Actor, place: tuple[str, str, str], number: int, view: View
    ) -> bytes:
        """Return a frame of one object; `place` is its study, series and instance."""
        one = await self._object(actor, place)
        return await retrieve.picture(self._objects, one, number, view)

    async def facts(self, actor: Actor, place: tuple[str, str, str], number: int) -> Facts:
        """Return what is to be known of a frame of one object."""
        one = await self._object(actor, place)
        return await retrieve.facts(self._objects, one, number)

    async def between(
        self, actor: Actor, patient_id: str, campus: str, span: tuple[str, str]
    ) -> tuple[Resource, ...]:
        """Return the studies of a link set that began before one time, not before another.

        "" bounds nothing; studies without a time come with the oldest.
        """
        newest, oldest = span
        first = [("patient", patient_id), ("_sort", "-started"), ("_count", PORTION)]
        first += [("_campus", campus)] if campus else []
        bounds = [("started", f"lt{newest}")] if newest else []
        bounds += [("started", f"ge{oldest}")] if oldest else []
        found = await self._all(actor, [*first, *bounds])
        if newest and not oldest:
            # The search has no :missing.
            found += (one for one in await self._all(actor, first) if "started" not in one)
        return tuple(found)

    async def _object(self, actor: Actor, place: tuple[str, str, str]) -> StoredObject:
        study, series, sop = place
        await self._study(actor, study)
        for one in _objects(self._door, study):
            if (one.series, one.sop) == (series, sop):
                return one
        raise NotFoundError("There is no such series or instance.")

    async def _reports(self, actor: Actor, study: Resource, subject: str) -> list[Resource]:
        """Return the reports that name the study or answer its order, newest first.

        R4 has no search parameter for DiagnosticReport.imagingStudy: those since then are read.
        """
        since = [("date", f"ge{text(study, 'started')[:DAY]}")] if "started" in study else []
        found = await search(
            self._door,
            actor,
            "DiagnosticReport",
            [("patient", subject), ("_sort", "-date"), ("_count", PORTION), *since],
        )
        resources = (stored.resource() for stored in found.matches)
        return [one for one in resources if _is_of(one, study)]

    async def _all(self, actor: Actor, params: Params) -> list[Resource]:
        found: list[Resource] = []
        while True:
            page = await search(self._door, actor, "ImagingStudy", params)
            found += (stored.resource() for stored in page.matches)
            if not page.next:
                return found
            params = [("_page", page.next)]

    async def _study(self, actor: Actor, uid: str) -> Resource:
        found = find(self._door, uid)
        if found is None or found.in_error:
            raise NotFoundError("There is no such study.")
        return (await read(self._door, actor, "ImagingStudy", found.id)).resource()


def _is_of(report: Resource, study: Resource) -> bool:
    """Return whether a report names a study or answers its order."""
    if any(target(one) == text(study, "id") for one in parts(report, "imagingStudy")):
        return True
    orders = {target(one) for one in parts(study, "basedOn")}
    return any(target(one) in orders for one in parts(report, "basedOn"))


def _objects(door: Door, uid: str) -> list[StoredObject]:
    return [StoredObject(*row) for row in door.store.fetch("objects_of_study", (uid, 0))]


def _in_order(
    by_series: Mapping[str, Sequence[StoredObject]], told: Mapping[str, Resource]
) -> Iterable[Series]:
    """Yield the series as the resource orders them, then any that it does not name yet."""
    for uid in sorted(by_series, key=lambda one: list(told).index(one) if one in told else 2**31):
        ordered = sorted(by_series[uid], key=_number)
        first = ordered[0].instance
        pictures = [each for one in ordered for each in _pictures(one)]
        yield Series(
            uid=uid,
            number=first.series_number,
            modality=first.modality,
            description=first.series_description,
            pictures=tuple(pictures),
            others=sum(not one.instance.rows for one in ordered),
        )


def _pictures(one: StoredObject) -> Iterable[Picture]:
    """Yield the frames of an object; what has no rows is no image."""
    told = one.instance
    if not told.rows:
        return
    frames = told.number_of_frames
    count = int(frames) if frames.isascii() and frames.isdigit() and len(frames) < 7 else 1  # noqa: PLR2004
    shown = told.transfer_syntax_uid in SHOWN
    for frame in range(1, min(max(count, 1), MAX_FRAMES) + 1):
        yield Picture(one.sop, frame, told.instance_number, shown, told.bits_allocated)


def _number(one: StoredObject) -> tuple[int, str]:
    number = one.instance.instance_number
    return int(number) if number.isascii() and number.isdigit() else 2**31, one.sop
