"""Two numbers of one campus that turn out to be one patient: the prior gives way to the survivor.

Both Patients stay, joined by reciprocal links, so that results under the old number are found and
the merge can be undone exactly. The survivor gains no identifier; what comes later under the old
number lands on the prior Patient and is found through the link.
https://hl7.org/fhir/R4/patient.html#maplinks
"""

from collections.abc import Callable
from typing import Final

from gateway.ingest.reasons import QuarantineError
from mappers.base import Key, Resource
from mappers.names import EXT_CLOCK

BEFORE_ALL: Final = "0001-01-01T00:00:00.000000Z"
"""Clock of what nothing is known of: whatever is told of it later, however old, counts."""

Look = Callable[[str], Resource | None]
"""The Patient of a reference as it will stand, None if there is none."""


def replaced(prior: Resource, survivor: str) -> Resource:
    """Return the prior Patient: inactive, replaced by the survivor."""
    return {**_linked(prior, survivor, "replaced-by"), "active": False}


def replacing(survivor: Resource, prior: str) -> Resource:
    """Return the surviving Patient, which replaces the prior one."""
    return _linked(survivor, prior, "replaces")


def unknown(key: Key) -> Resource:
    """Return the Patient of a number that nothing is known of but that it gave way."""
    return {
        "resourceType": "Patient",
        "meta": {"extension": [{"url": EXT_CLOCK, "valueInstant": BEFORE_ALL}]},
        "identifier": [{"system": key.system, "value": key.value}],
        "active": False,
    }


def check_cycle(survivor: str, prior: str, look: Look) -> None:
    """Refuse a merge into a Patient that was itself, also through others, replaced by the prior."""
    todo, seen = [survivor], set[str]()
    while todo:
        reference = todo.pop()
        if reference == prior:
            raise QuarantineError("merge-cycle", "Patient.link")
        if reference in seen:
            continue
        seen.add(reference)
        todo += _replacers(look(reference))


def _replacers(patient: Resource | None) -> list[str]:
    return [
        link["other"]["reference"]
        for link in (patient or {}).get("link", ())
        if link.get("type") == "replaced-by"
    ]


def _linked(patient: Resource, other: str, kind: str) -> Resource:
    link = {"other": {"reference": other}, "type": kind}
    links = patient.get("link", [])
    return patient if link in links else {**patient, "link": [*links, link]}
