"""What a report consists of, and which reports consist of a measurement."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.store.protocol import Store

RESULTS: Final = frozenset({"DiagnosticReport", "Observation", "ImagingStudy"})
"""What a decision may rest on."""
LIMIT: Final = 50
"""Reports that name one measurement; there is hardly ever more than one."""
_PARTS: Final = ("result", "imagingStudy")


def parts(resource: Mapping[str, Any]) -> list[str]:
    """Return the measurements and studies that a report names, without version."""
    found = [_name(one) for member in _PARTS for one in resource.get(member, ())]
    found += [_name(one) for one in resource.get("hasMember", ())]
    return [one for one in dict.fromkeys(found) if one.partition("/")[0] in RESULTS]


def wholes(store: Store, id_: str) -> Iterator[str]:
    """Return the reports and panels that name a measurement, an Observation."""
    for base, param in _NAMING:
        for (whole,) in store.fetch("naming", (param, TYPE_IDS["Observation"], id_, LIMIT)):
            yield f"{base}/{whole}"


def _name(reference: Mapping[str, Any]) -> str:
    text = str(reference.get("reference", ""))
    return "/".join(text.partition("/_history/")[0].split("/")[-2:])


def _param(base: str, code: str) -> int:
    return search_params(base)[code].stores[0]


_NAMING: Final = (
    ("DiagnosticReport", _param("DiagnosticReport", "result")),
    ("Observation", _param("Observation", "has-member")),
)
