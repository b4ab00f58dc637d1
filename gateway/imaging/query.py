"""QIDO-RS: studies by their resources, series and instances by their objects.

PS3.18 §10.6. A search for studies is a search of ImagingStudy through the door; what R4 has no
parameter for is compared afterwards.
"""

import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from gateway.access.actor import Actor
from gateway.access.scopes import Scopes
from gateway.errors import InvalidRequestError
from gateway.imaging import attributes
from gateway.imaging.attributes import (
    INSTANCE_FIELDS,
    KEYWORDS,
    MODALITIES_IN_STUDY,
    SERIES_FIELDS,
    STUDY_FIELDS,
    Attributes,
)
from gateway.imaging.stored_object import StoredObject
from gateway.imaging.studies import require
from gateway.interactions import search as interaction
from gateway.interactions.door import Door
from gateway.store.stored import Stored
from mappers.names import STUDY_UID

DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 1000
MAX_OFFSET: Final = 10_000
MAX_SEEN: Final = 5_000
"""Studies that one search looks at: what R4 has no parameter for is compared one by one."""
PAGE: Final = "100"
TAG: Final = re.compile(r"[0-9A-Fa-f]{8}")
DATE: Final = re.compile(r"\d{8}", re.ASCII)
READS: Final = "system/ImagingStudy.rs system/Patient.rs"
"""What the scope `dicom` comprises."""

STUDY_DATE, STUDY_UID_TAG, PATIENT_ID, PATIENT_NAME = "00080020", "0020000D", "00100020", "00100010"
ACCESSION, SERIES_UID, SOP_UID = "00080050", "0020000E", "00080018"


@dataclass(slots=True)
class Query:
    """A search taken apart: what must match, by tag."""

    match: dict[str, str] = field(default_factory=dict)
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    more: bool = False
    """Whether there is more than was told."""


def parse(params: Iterable[tuple[str, str]]) -> Query:
    """Return what parameters ask for; InvalidRequestError names the one that nobody knows."""
    query = Query()
    for name, value in params:
        if name == "limit":
            query.limit = min(_number(name, value), MAX_LIMIT)
        elif name == "offset":
            query.offset = _number(name, value)
            if query.offset > MAX_OFFSET:
                raise InvalidRequestError("The offset is too large.", expression="http.offset")
        elif name not in {"includefield", "fuzzymatching"} and value not in {"", "*"}:
            query.match[_tag(name)] = value
    return query


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):  # noqa: PLR2004
        raise InvalidRequestError(f"{name} takes a whole number.", expression=f"http.{name}")
    return int(value)


def _tag(name: str) -> str:
    tag = KEYWORDS.get(name) or (name.upper() if TAG.fullmatch(name) else "")
    if tag not in KEYWORDS.values():
        known = ", ".join(sorted(KEYWORDS))
        raise InvalidRequestError(f"The search knows {known}.", expression=f"http.{name[:32]}")
    return tag


async def studies(door: Door, actor: Actor, query: Query, base: str) -> list[Attributes]:
    """Return the studies that match."""
    found = []
    async for objects in _studies(door, actor, query):
        found.append(attributes.of_study(objects, base))
        if len(found) > query.offset + query.limit:
            break
    return _page(found, query)


async def series(
    door: Door, actor: Actor, query: Query, base: str, study: str = ""
) -> list[Attributes]:
    """Return the series that match, of one study or of all."""
    if study:
        query.match[STUDY_UID_TAG] = study
    found: list[Attributes] = []
    async for objects in _studies(door, actor, query):
        whole = attributes.of_study(objects, base)
        for members in _by_series(objects):
            told = attributes.of_series(members, base)
            if _fits(told, query.match, SERIES_FIELDS):
                found.append(told if study else {**whole, **told})
        if len(found) > query.offset + query.limit:
            break
    if study:
        found.sort(key=_series_number)
    return _page(found, query)


def _series_number(told: Attributes) -> int:
    (number,) = told["00200011"].get("Value", [0])
    return number if isinstance(number, int) else 0


async def instances(
    door: Door, actor: Actor, query: Query, base: str, place: tuple[str, str] = ("", "")
) -> list[Attributes]:
    """Return the instances that match; `place` is a study, or a series of it."""
    for tag, uid in zip((STUDY_UID_TAG, SERIES_UID), place, strict=True):
        if uid:
            query.match[tag] = uid
    found: list[Attributes] = []
    async for objects in _studies(door, actor, query):
        for members in _by_series(objects):
            head = attributes.of_series(members, base)
            if not _fits(head, query.match, SERIES_FIELDS):
                continue
            told = (attributes.of_instance(one, base) for one in members)
            found += [
                one if place[1] else {**head, **one}
                for one in told
                if _fits(one, query.match, INSTANCE_FIELDS)
            ]
        if len(found) > query.offset + query.limit:
            break
    return _page(found, query)


def _page(found: list[Attributes], query: Query) -> list[Attributes]:
    end = query.offset + query.limit
    query.more = len(found) > end
    return found[query.offset : end]


def _by_series(objects: Sequence[StoredObject]) -> list[list[StoredObject]]:
    by_series: dict[str, list[StoredObject]] = {}
    for one in objects:
        by_series.setdefault(one.series, []).append(one)
    return list(by_series.values())


async def _studies(door: Door, actor: Actor, query: Query) -> AsyncIterator[list[StoredObject]]:
    """Yield the objects of each study that matches, the newest first."""
    require(actor)
    reader = replace(actor, scopes=Scopes.parse(f"{actor.scopes.text} {READS}"))
    seen = 0
    async for stored in _resources(door, reader, query.match):
        seen += 1
        uid = _uid(stored)
        rows = door.store.fetch("objects_of_study", (uid, 0)) if uid else []
        objects = [StoredObject(*row) for row in rows]
        if objects and _fits(attributes.of_study(objects, ""), query.match, COMPARED):
            yield objects
        if seen >= MAX_SEEN:
            return


def _uid(stored: Stored) -> str:
    found = (
        str(one.get("value", "")).removeprefix("urn:oid:")
        for one in stored.resource().get("identifier", ())
        if one.get("system") == STUDY_UID
    )
    return next(found, "")


async def _resources(door: Door, reader: Actor, match: Mapping[str, str]) -> AsyncIterator[Stored]:
    params = await _params(door, reader, match)
    if params is None:
        return
    params = [*params, ("_sort", "-_lastUpdated"), ("_count", PAGE)]
    while True:
        page = await interaction.search(door, reader, "ImagingStudy", params)
        for stored in page.matches:
            yield stored
        if not page.next:
            return
        params = [("_page", page.next)]


async def _params(
    door: Door, reader: Actor, match: Mapping[str, str]
) -> list[tuple[str, str]] | None:
    """Return the search of ImagingStudy that comes nearest, None if nobody is so called."""
    found = _identifying(match)
    if value := match.get(STUDY_DATE):
        found += _dates(value)
    if value := match.get(PATIENT_NAME):
        patients = await _patients(door, reader, value)
        if not patients:
            return None
        found.append(("patient", ",".join(patients)))
    return found


def _identifying(match: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the parameters for UIDs and numbers."""
    found: list[tuple[str, str]] = []
    if value := match.get(STUDY_UID_TAG):
        uids = (f"{STUDY_UID}|urn:oid:{uid}" for uid in re.split(r"[,\\]", value))
        found.append(("identifier", ",".join(uids)))
    for tag, name in ((SERIES_UID, "series"), (SOP_UID, "instance")):
        if value := match.get(tag):
            found.append((name, value.replace("\\", ",")))
    for tag, name in ((ACCESSION, "identifier"), (PATIENT_ID, "patient.identifier")):
        if (value := match.get(tag)) and not {"*", "?"}.intersection(value):
            found.append((name, _escaped(value)))
    return found


async def _patients(door: Door, reader: Actor, name: str) -> list[str]:
    """Return the Patients whose names begin so."""
    words = [word for word in re.split(r"[\^=*?\s]+", name) if word]
    if not words:
        return []
    params = [("name", _escaped(word)) for word in words]
    page = await interaction.search(door, reader, "Patient", [*params, ("_count", PAGE)])
    return [f"Patient/{one.id}" for one in page.matches if one.type == "Patient"]


def _dates(value: str) -> list[tuple[str, str]]:
    low, dash, high = value.partition("-")
    ends = (low, high) if dash else (low, low)
    if not any(ends) or not all(DATE.fullmatch(one) for one in ends if one):
        raise InvalidRequestError(
            "StudyDate takes YYYYMMDD or a range of them.", expression="http.StudyDate"
        )
    prefixes = zip(("ge", "le"), ends, strict=True)
    return [("started", f"{code}{one[:4]}-{one[4:6]}-{one[6:]}") for code, one in prefixes if one]


def _escaped(value: str) -> str:
    return re.sub(r"([\\,|$])", r"\\\1", value)


COMPARED: Final = {
    tag: row for tag, row in STUDY_FIELDS.items() if tag not in {STUDY_DATE, PATIENT_NAME}
} | {MODALITIES_IN_STUDY: ("CS", "ModalitiesInStudy", "")}
"""What is compared once more; dates and names were matched by their resources."""


def _fits(told: Attributes, match: Mapping[str, str], fields: Mapping[str, object]) -> bool:
    """Return whether an entity has what is asked for at its own level."""
    return all(
        _equal(told.get(tag, {}).get("Value", [""]), value)
        for tag, value in match.items()
        if tag in fields
    )


def _equal(values: Sequence[object], asked: str) -> bool:
    """Return whether one of the values is asked for: a list, with wildcards (PS3.4 §C.2.2.2)."""
    patterns = [
        re.compile(
            "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in part), re.IGNORECASE
        )
        for part in re.split(r"[,\\]", asked)
    ]
    return any(pattern.fullmatch(str(value)) for pattern in patterns for value in values)
