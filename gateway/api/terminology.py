"""TerminologyCapabilities: what is known of codes here, made from R4's own definitions.

https://hl7.org/fhir/R4/terminologycapabilities.html. It is open, so that of what members stored it
says nothing.
"""

from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

from gateway.api.operations.value_set import EXPAND, SET
from gateway.fhir import published
from gateway.fhir.codec import encode
from gateway.store.body import instant
from gateway.terminology.systems import GRAMMARS, LISTED

ADDRESSED: Final = {one.name for one in SET}


@lru_cache(maxsize=8)
def terminology(base: str, started: int) -> bytes:
    """Return the statement's bytes. `started` (µs) dates it."""
    return encode(
        {
            "resourceType": "TerminologyCapabilities",
            "status": "active",
            "date": instant(started),
            "kind": "instance",
            "software": {"name": "Hutong", "version": version("hutong-gateway")},
            "implementation": {
                "description": "FHIR R4 gateway between the hospitals of a consortium",
                "url": base,
            },
            "codeSystem": [*_systems(), *({"uri": one} for one in sorted(GRAMMARS))],
            "expansion": {
                "hierarchical": False,
                "paging": True,
                "incomplete": False,
                "parameter": [{"name": one.name} for one in EXPAND if one.name not in ADDRESSED],
                "textFilter": "Every word stands in the code, the display or a designation.",
            },
            "codeSearch": "all",
            "validateCode": {"translations": True},
            "translation": {"needsMap": False},
            "closure": {"translation": False},
        }
    )


def _systems() -> list[dict[str, Any]]:
    found = []
    for entry in published.entries("CodeSystem").values():
        if published.resource(entry).get("content") in LISTED:
            versions = [{"code": entry.version, "isDefault": True}] if entry.version else []
            uri = entry.url.partition("|")[0]
            one: dict[str, Any] = {"uri": uri, "version": versions, "subsumption": True}
            found.append({name: value for name, value in one.items() if value})
    return found
