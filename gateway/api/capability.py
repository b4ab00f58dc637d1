"""CapabilityStatement: made from the route table and the search parameters, never by hand.

https://hl7.org/fhir/R4/capabilitystatement.html
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any, Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.operation import Operation, told
from gateway.errors import NotSupportedError
from gateway.fhir.codec import encode
from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.interactions.names import served
from gateway.store.body import instant

# Codes of restful-interaction that hold for the server, not for a type.
SYSTEM: Final = ("transaction", "batch", "search-system", "history-system")
PROFILE: Final = "http://hl7.org/fhir/StructureDefinition/"
MODES: Final = {"full", "normative"}


async def metadata(call: Call) -> Answer:
    """Return what this server can do."""
    if any(name == "mode" and value not in MODES for name, value in call.params):
        raise NotSupportedError("Of the modes of metadata, full is served.", expression="mode")
    service = call.service
    return Answer(statement(call.base, service.interactions, service.operations, service.started))


@lru_cache(maxsize=8)
def statement(
    base: str,
    interactions: tuple[str, ...],
    operations: tuple[Operation, ...],
    started: int,
) -> bytes:
    """Return the statement's bytes. `started` (µs) dates it."""
    return encode(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": instant(started),
            "kind": "instance",
            "software": {"name": "Hutong", "version": version("hutong-gateway")},
            "implementation": {
                "description": "FHIR R4 gateway between the hospitals of a consortium",
                "url": base,
            },
            "fhirVersion": "4.0.1",
            "format": ["json", "xml", "application/fhir+json", "application/fhir+xml"],
            "patchFormat": [
                *("application/json-patch+json", "application/merge-patch+json"),
                *("application/fhir+json", "application/fhir+xml"),
            ],
            "rest": [_rest(interactions, operations)],
        }
    )


def _rest(interactions: Iterable[str], operations: Sequence[Operation]) -> dict[str, Any]:
    codes = [code for code in dict.fromkeys(interactions) if code and code != "capabilities"]
    on_types = [{"code": code} for code in codes if code not in SYSTEM]
    found = {
        "mode": "server",
        "security": {"description": "Authorization: Bearer TOKEN; tokens are issued per campus."},
        "resource": [_resource(name, on_types, told(operations, name)) for name in RESOURCE_TYPES],
        "interaction": [{"code": code} for code in codes if code in SYSTEM],
        "operation": told(operations),
    }
    return {key: value for key, value in found.items() if value}


def _resource(
    name: str, interactions: list[dict[str, str]], operations: list[dict[str, str]]
) -> dict[str, Any]:
    found = {
        "type": name,
        "profile": PROFILE + name,
        "interaction": interactions,
        "versioning": "versioned",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical"],
        "searchInclude": [f"{name}:{one.code}" for one in served(name) if one.kind == "reference"],
        "searchRevInclude": _referring().get(name, []),
        "searchParam": [
            {"name": one.code, "definition": one.url, "type": one.kind} for one in served(name)
        ],
        "operation": operations,
    }
    return {key: value for key, value in found.items() if value != []}


@cache
def _referring() -> Mapping[str, list[str]]:
    """Return for each type the `Type:parameter` pairs that may point to it."""
    found = defaultdict(list)
    for source in RESOURCE_TYPES:
        for one in served(source):
            for target in one.targets if one.kind == "reference" else ():
                found[target].append(f"{source}:{one.code}")
    return found
