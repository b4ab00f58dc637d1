"""What befell a specimen, and so the results that were made of it: found to be haemolysed, say."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.fhir.codec import decode
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.searchparams import search_params
from gateway.interactions.following import Event
from gateway.recognition import reading
from gateway.recognition.recall.change import worsened
from gateway.store.protocol import Store

SPECIMEN: Final = "Specimen"
LIMIT: Final = 500
"""Measurements of one tube."""
_PARAM: Final = search_params("Observation")["specimen"].stores[0]
_ZONE: Final = ZoneInfo("UTC")


def is_worse(before: Mapping[str, Any], after: Mapping[str, Any] | None) -> bool:
    """Return whether a version says what speaks against results that were recognised before."""
    if after is None:
        return False
    was, now = (reading.specimen(one, _ZONE) for one in (before, after))
    return worsened(was.signs, now.signs) or bool(was.codes and was.codes != now.codes)


def spoilt(store: Store, event: Event) -> Iterator[str]:
    """Yield the measurements that a change of a Specimen speaks against."""
    if event.before is None or event.is_new:
        return
    if is_worse(decode(event.before.json()), event.after):
        for (id_,) in store.fetch("naming", (_PARAM, TYPE_IDS[SPECIMEN], event.id, LIMIT)):
            yield f"Observation/{id_}"


def specimen_of(resource: Mapping[str, Any]) -> str:
    """Return the id of the Specimen of a measurement, "" for none."""
    text = str(resource.get("specimen", {}).get("reference", "")) if _is_one(resource) else ""
    type_, _, id_ = text.partition("/_history/")[0].partition("/")
    return id_ if type_ == SPECIMEN else ""


def _is_one(resource: Mapping[str, Any]) -> bool:
    return resource.get("resourceType") == "Observation"
