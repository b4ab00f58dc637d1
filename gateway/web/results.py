"""The pages' data through the FHIR door: every question is a search or a read of the reader's own.

https://hl7.org/fhir/R4/http.html
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import GoneError, NotFoundError
from gateway.fhir.codec import encode
from gateway.fhir.text import fold
from gateway.imaging.render import View
from gateway.imaging.retrieve import Facts
from gateway.interactions.door import Door
from gateway.interactions.history import history
from gateway.interactions.read import read
from gateway.interactions.search import search
from gateway.recognition.coverage import heard, silences
from gateway.store.objects import Objects
from gateway.store.stored import Stored
from gateway.web.display.compare import when
from gateway.web.display.ecg import IMPRESSION, STUDY
from gateway.web.display.element import EMPTY, Resource, codings, part, parts, target, text
from gateway.web.display.name import written
from gateway.web.sources import (
    Campus,
    Found,
    Human,
    Measurement,
    ReportEntry,
    ReportsPage,
    WholeECG,
    WholeReport,
    WholeStudy,
)
from gateway.web.speech import msg
from gateway.web.studies import Studies
from mappers.names import LOINC

PAGE: Final = "50"
HITS: Final = 50
EARLIER: Final = "1000"
SINCE: Final = "~"
"""In the token of a page, before the time that its studies are older than."""
CODES: Final = 500
"""How many codes one search asks for."""

NUMBER: Final = re.compile(r"[\w./-]*\d[\w./-]*", re.ASCII)
ESCAPED: Final = re.compile(r"([\\,|$])")
CORRECTED: Final = frozenset({"corrected", "amended"})
VALUES: Final = ("value", "dataAbsentReason")

Params = list[tuple[str, str]]


class DoorResults:
    """Results as the door shows them to each reader."""

    def __init__(self, door: Door, objects: Objects) -> None:
        self._door = door
        self._studies = Studies(door, objects)

    async def campuses(self, actor: Actor) -> tuple[Campus, ...]:
        """Return the active campuses, the order in which they were added."""
        del actor
        last = heard(self._door.directory)
        silent = silences(self._door.directory, self._door.clock())
        return tuple(
            Campus(
                one.code,
                one.name,
                one.mark,
                self._at(last.get(one.id)),
                self._at(silent.get(one.id)),
            )
            for one in self._door.directory.campuses()
            if one.active and one.verified
        )

    async def find_patients(self, actor: Actor, asked: str) -> Found:
        """Return the people whom a name or a number fits, exact ones first."""
        found: list[Resource] = []
        if NUMBER.fullmatch(asked):
            found = await self._patients(actor, ("identifier", escape(asked.upper())))
            found = found or await self._patients(actor, ("identifier", escape(asked)))
            found = found or await self._patients(actor, ("phone", escape(asked)))
        found = found or await self._patients(actor, ("name", escape(asked)))
        humans: list[Human] = []
        seen: set[str] = set()
        for patient in found[:HITS]:
            if text(patient, "id") not in seen:
                human = await self._human(actor, patient, asked)
                seen |= {text(one, "id") for one in human.patients}
                humans.append(human)
        return Found(tuple(sorted(humans, key=lambda one: bool(one.near))), len(found) > HITS)

    async def linked(self, actor: Actor, patient_id: str) -> Human:
        """Return the person to whom this Patient belongs, this Patient first."""
        own = (await read(self._door, actor, "Patient", patient_id)).resource()
        return Human((own, *await self._others(actor, patient_id)))

    async def reports(self, actor: Actor, patient_id: str, page: str, campus: str) -> ReportsPage:
        """Return one page of the reports of a Patient's link set, of one campus if it is named."""
        first = [("patient", patient_id), ("_sort", "-date"), ("_count", PAGE)]
        first += [("_include", "DiagnosticReport:result")]
        first += [("_campus", campus)] if campus else []
        token, _, newest = page.partition(SINCE)
        params = [("_page", token)] if token else first
        found = await search(self._door, actor, "DiagnosticReport", params)
        results = _by_id(found.includes, "Observation")
        entries = [stored.resource() for stored in found.matches]
        oldest = when({**entries[-1], "issued": ""}) if found.next else ""
        due = bool(newest) or not token
        span = newest, oldest
        return ReportsPage(
            tuple(ReportEntry(one, _named(one, "result", results)) for one in entries),
            f"{found.next}{SINCE}{oldest}" if found.next else "",
            await self._studies.between(actor, patient_id, campus, span) if due else (),
        )

    async def report(self, actor: Actor, report_id: str) -> WholeReport:
        """Return one report with its results, specimens and orders."""
        stored = await read(self._door, actor, "DiagnosticReport", report_id)
        report = stored.resource()
        asked = ("result", "specimen", "based-on")
        params = [("_id", report_id), *(("_include", f"DiagnosticReport:{one}") for one in asked)]
        found = await search(self._door, actor, "DiagnosticReport", params)
        specimens = _by_id(found.includes, "Specimen")
        results = _named(report, "result", _by_id(found.includes, "Observation"))
        subject = target(part(report, "subject"))
        return WholeReport(
            report=report,
            subject=(await read(self._door, actor, "Patient", subject)).resource(),
            measurements=tuple(_measurement(one, specimens) for one in results),
            orders=_named(report, "basedOn", _by_id(found.includes, "ServiceRequest")),
            replaced=await self._replaced(actor, results),
        )

    async def ecg(self, actor: Actor, report_id: str) -> WholeECG:
        """Return one ECG; each result is read, since a search leaves the samples out."""
        report = (await read(self._door, actor, "DiagnosticReport", report_id)).resource()
        subject = target(part(report, "subject"))
        kinds: dict[str, list[Resource]] = {"waveform": [], "statement": [], "measurement": []}
        for reference in parts(report, "result"):
            stored = await read(self._door, actor, "Observation", target(reference))
            observation = stored.resource()
            kinds[_kind(observation)].append(observation)
        return WholeECG(
            report=report,
            subject=(await read(self._door, actor, "Patient", subject)).resource(),
            waveforms=tuple(kinds["waveform"]),
            measurements=tuple(kinds["measurement"]),
            statements=tuple(kinds["statement"]),
        )

    async def ecgs(self, actor: Actor, patient_id: str) -> tuple[Resource, ...]:
        """Return the reports of the ECGs of a Patient's link set, newest first."""
        params = [("patient", patient_id), ("code", f"{LOINC}|{STUDY}"), ("_sort", "-date")]
        found = await search(self._door, actor, "DiagnosticReport", [*params, ("_count", PAGE)])
        return tuple(stored.resource() for stored in found.matches)

    async def study(self, actor: Actor, uid: str) -> WholeStudy:
        """Return one study by its StudyInstanceUID."""
        return await self._studies.whole(actor, uid)

    async def picture(
        self, actor: Actor, place: tuple[str, str, str], number: int, view: View
    ) -> bytes:
        """Return a frame of one object."""
        return await self._studies.picture(actor, place, number, view)

    async def facts(self, actor: Actor, place: tuple[str, str, str], number: int) -> Facts:
        """Return what is to be known of a frame beside its picture."""
        return await self._studies.facts(actor, place, number)

    async def history(
        self, actor: Actor, patient_id: str, codes: Sequence[tuple[str, str]]
    ) -> tuple[Measurement, ...]:
        """Return what the link set's observations of these (system, code) say, newest first."""
        measured: dict[str, Measurement] = {}
        for at in range(0, len(codes), CODES):
            tokens = (f"{escape(system)}|{escape(code)}" for system, code in codes[at : at + CODES])
            params = [("patient", patient_id), ("code", ",".join(tokens)), ("_sort", "-date")]
            params += [("_count", EARLIER), ("_include", "Observation:specimen")]
            found = await search(self._door, actor, "Observation", params)
            specimens = _by_id(found.includes, "Specimen")
            for stored in found.matches:
                measured[stored.id] = _measurement(stored.resource(), specimens)
        return tuple(measured.values())

    def _at(self, microseconds: int | None) -> datetime | None:
        if not microseconds:
            return None
        return datetime.fromtimestamp(microseconds / 1_000_000, self._door.zone)

    async def _patients(self, actor: Actor, param: tuple[str, str]) -> list[Resource]:
        params = [param, ("_count", str(HITS + 1))]
        found = await search(self._door, actor, "Patient", params)
        return [stored.resource() for stored in found.matches]

    async def _human(self, actor: Actor, patient: Resource, asked: str) -> Human:
        others = await self._others(actor, text(patient, "id"))
        near = "" if _is_exact(patient, asked) else msg("姓名相近")
        return Human((patient, *others), near)

    async def _others(self, actor: Actor, patient_id: str) -> list[Resource]:
        """Return the Patients linked to this one, those in use before merged ones."""
        ids, _ = self._door.store.link_set([patient_id])
        others: list[Resource] = []
        for one in sorted(ids - {patient_id}):
            try:
                others.append((await read(self._door, actor, "Patient", one)).resource())
            except (NotFoundError, GoneError):
                # What this reader may not see, or what was deleted, is not part of the person.
                continue
        return sorted(others, key=lambda other: other.get("active") is False)

    async def _replaced(self, actor: Actor, results: Iterable[Resource]) -> dict[str, Resource]:
        """Return the versions whose values corrected results replaced."""
        replaced: dict[str, Resource] = {}
        for result in results:
            if text(result, "status") not in CORRECTED:
                continue
            id_ = text(result, "id")
            found = await history(self._door, actor, "Observation", id_, [("_count", "20")])
            older = (one.resource() for one in found.matches if not one.deleted)
            differing = (one for one in older if _said(one) != _said(result))
            if (old := next(differing, None)) is not None:
                replaced[id_] = old
        return replaced


def escape(value: str) -> str:
    """Return a value as a search parameter writes it.

    https://hl7.org/fhir/R4/search.html#escaping
    """
    return ESCAPED.sub(r"\\\1", value)


def _by_id(stored: Iterable[Stored], type_: str) -> dict[str, Resource]:
    return {one.id: one.resource() for one in stored if one.type == type_}


def _named(report: Resource, key: str, known: Mapping[str, Resource]) -> tuple[Resource, ...]:
    """Return what a report refers to, in its order, where the reader may see it."""
    ids = (target(reference) for reference in parts(report, key))
    return tuple(known[id_] for id_ in ids if id_ in known)


def _kind(observation: Resource) -> str:
    """Return what a result of an ECG is."""
    if any("valueSampledData" in one for one in parts(observation, "component")):
        return "waveform"
    impression = (LOINC, IMPRESSION) in codings(part(observation, "code"))
    return "statement" if impression else "measurement"


def _measurement(observation: Resource, specimens: Mapping[str, Resource]) -> Measurement:
    return Measurement(observation, specimens.get(target(part(observation, "specimen")), EMPTY))


def _said(observation: Resource) -> bytes:
    """Return the value of a result in a form that compares digit for digit."""
    return encode({key: one for key, one in observation.items() if key.startswith(VALUES)})


def _is_exact(patient: Resource, asked: str) -> bool:
    if any(fold(written(name)) == fold(asked) for name in parts(patient, "name")):
        return True
    known = (*parts(patient, "identifier"), *parts(patient, "telecom"))
    return any(fold(text(one, "value")) == fold(asked) for one in known)
