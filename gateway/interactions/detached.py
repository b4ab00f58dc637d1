"""Parts that a search leaves out where nobody asked: samples of a waveform, instances of a study.

Read and vread return a resource whole; a search returns it without such a part, tagged SUBSETTED,
and what carries that tag cannot be written (DESIGN §3, "Detached parts").
https://hl7.org/fhir/R4/valueset-security-labels.html, v3-ObservationValue
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from gateway.errors import UnprocessableError
from gateway.fhir.codec import encode
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.subset import SUBSETTED
from gateway.store.body import PLAIN, unpack
from gateway.store.stored import Stored

Resource = dict[str, Any]

SMALL: Final = 1024
"""Bytes at rest under which a resource is given out as it is."""
MDC: Final = "urn:iso:std:iso:11073:10101"
WAVEFORMS: Final = re.compile(r"1313(?:2[89]|3[0-6]|89|9[0-2])")
"""MDC codes of an ECG's waveform and of its leads."""
CODES: Final = frozenset({"code", "combo-code", "component-code"})


def _samples(resource: Resource) -> Resource | None:
    """Return an Observation without the samples of its leads, None if it has none."""
    components = resource.get("component", ())
    if not any("data" in one.get("valueSampledData", {}) for one in components):
        return None
    kept = [
        {**one, "valueSampledData": _without(one["valueSampledData"], "data")}
        if "valueSampledData" in one
        else one
        for one in components
    ]
    return {**resource, "component": kept}


def _instances(resource: Resource) -> Resource | None:
    """Return a study without the instances of its series, None if it has none."""
    series = resource.get("series", ())
    if not any("instance" in one for one in series):
        return None
    return {**resource, "series": [_without(one, "instance") for one in series]}


def _without(element: Mapping[str, Any], name: str) -> Resource:
    return {key: value for key, value in element.items() if key != name}


Part = tuple[bytes, int, Callable[[Resource], Resource | None]]
PARTS: Final[Mapping[str, Part]] = {
    "ImagingStudy": (b'"instance"', 0, _instances),
    "Observation": (b'"valueSampledData"', SMALL, _samples),
}
"""Type -> what its body has if the part is there, how large it is then, and what leaves it out."""

_BY_NUMBER: Final = {TYPE_IDS[name]: part for name, part in PARTS.items()}


def asked(params: Iterable[tuple[str, str]]) -> bool:
    """Return whether a search asks for the parts: by name, or by a code that names a waveform."""
    for name, value in params:
        if (name, value) == ("_detail", "full"):
            return True
        if name in CODES and _names_waveform(value):
            return True
    return False


@lru_cache(1_024)
def _names_waveform(codes: str) -> bool:
    return any(
        WAVEFORMS.fullmatch(one.rpartition("|")[2]) and one.rpartition("|")[0] in {"", MDC}
        for one in codes.split(",")
    )


def subset_all(found: list[Stored]) -> None:
    """Put in the place of each version what `subset` makes of it."""
    for at, one in enumerate(found):
        part = _BY_NUMBER.get(one.type_id)
        if part is not None and len(one.body) >= part[1]:
            found[at] = subset(one)


def subset(stored: Stored) -> Stored:
    """Return a version without its detached part, itself if it has none."""
    part = _BY_NUMBER.get(stored.type_id)
    if part is None or len(stored.body) < part[1] or stored.deleted:
        return stored
    mark, _, leave_out = part
    if mark not in unpack(stored.codec, stored.body):
        return stored
    found = leave_out(stored.resource())
    if found is None:
        return stored
    meta = {
        key: one for key, one in found["meta"].items() if key not in {"versionId", "lastUpdated"}
    }
    meta["tag"] = [*meta.get("tag", ()), SUBSETTED]
    head = {"resourceType": found["resourceType"], "id": found["id"], "meta": meta}
    data = encode(head | _without(_without(_without(found, "resourceType"), "id"), "meta"))
    hole = data.index(b'"meta":{') + len(b'"meta":{')
    body = data[:hole] + b"," + data[hole:]
    return msgspec.structs.replace(stored, codec=PLAIN, body=body, hole=hole, text=b"")


def refuse_subset(resource: Mapping[str, Any]) -> None:
    """Refuse to write what is only a part: UnprocessableError."""
    meta = resource.get("meta")
    tags = meta.get("tag") if isinstance(meta, dict) else None
    for one in tags if isinstance(tags, list) else ():
        if isinstance(one, dict) and one.get("code") == SUBSETTED["code"]:
            raise UnprocessableError(
                "The resource is a part only (SUBSETTED); read it whole before writing it.",
                expression=f"{resource.get('resourceType', '')}.meta.tag",
            )
