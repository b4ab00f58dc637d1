"""CapabilityStatement: made from the route table and the search parameters, never by hand.

https://hl7.org/fhir/R4/capabilitystatement.html
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.operation import Operation, told
from gateway.api.terminology import terminology
from gateway.errors import InvalidRequestError, NotSupportedError
from gateway.events.topics import TYPES, canonical
from gateway.fhir.codec import decode_exact, encode
from gateway.fhir.compartments import compartments
from gateway.fhir.definitions import RESOURCE_TYPES
from gateway.fhir.searchparams import SearchParam
from gateway.interactions.look import READ, Look, beside, look
from gateway.interactions.names import served
from gateway.interactions.parameters import WHOLE, Parameters
from gateway.interactions.targets import is_address
from gateway.store.body import instant

# Codes of restful-interaction that hold for the server, not for a type.
SYSTEM: Final = ("transaction", "batch", "search-system", "history-system")
PROFILE: Final = "http://hl7.org/fhir/StructureDefinition/"
COMPARTMENT: Final = "http://hl7.org/fhir/CompartmentDefinition/"
BACKPORT: Final = "http://hl7.org/fhir/uv/subscriptions-backport"
SUBSCRIPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Subscription": {
        "extension": [
            {
                "url": f"{BACKPORT}/StructureDefinition/"
                "capabilitystatement-subscriptiontopic-canonical",
                "valueCanonical": canonical(topic),
            }
            for topic in TYPES
        ],
        "supportedProfile": [f"{BACKPORT}/StructureDefinition/backport-subscription"],
    }
}
"""How a client finds the topics (subscriptions-backport, "Topic Discovery" in R4)."""
TERMINOLOGY: Final = "terminology"
MODES: Final = {"full", "normative", TERMINOLOGY}


async def metadata(call: Call) -> Answer:
    """Return what this server can do."""
    modes = {value for name, value in call.params if name == "mode"}
    if not modes <= MODES:
        text = f"The modes of metadata are {', '.join(sorted(MODES))}."
        raise NotSupportedError(text, expression="mode")
    shown = look(
        "TerminologyCapabilities" if TERMINOLOGY in modes else "CapabilityStatement", call.params
    )
    others = [name for name, _ in beside(shown, call.params) if name != "mode"]
    if others and not call.prefer.lenient:
        raise InvalidRequestError(
            f"metadata takes mode, _format, _pretty, {READ}.", expression=f"http.{others[0][:32]}"
        )
    body = _whole(call, is_terminology=TERMINOLOGY in modes)
    return Answer(_part(body, shown) if shown.params else body)


@lru_cache(maxsize=16)
def _part(body: bytes, shown: Look) -> bytes:
    return encode(shown.part(decode_exact(body)))


def _whole(call: Call, *, is_terminology: bool) -> bytes:
    service = call.service
    if is_terminology:
        return terminology(call.base, service.started)
    does = Does(call.base, service.interactions, service.operations, service.started)
    params = call.door.params
    return statement(does, params, params.version)


@dataclass(frozen=True, slots=True)
class Does:
    """What is told besides search parameters; `started` (µs) dates it."""

    base: str
    interactions: tuple[str, ...]
    operations: tuple[Operation, ...]
    started: int


@lru_cache(maxsize=8)
def statement(does: Does, params: Parameters, _version: object) -> bytes:
    """Return the statement's bytes, kept as long as the same parameters are served."""
    return encode(
        {
            "resourceType": "CapabilityStatement",
            "name": "Hutong",
            "status": "active",
            "date": instant(does.started),
            "kind": "instance",
            "instantiates": [f"{BACKPORT}/CapabilityStatement/backport-subscription-server-r4"],
            "software": {"name": "Hutong", "version": version("hutong-gateway")},
            "implementation": {
                "description": "FHIR R4 gateway between the hospitals of a consortium",
                "url": does.base,
            },
            "fhirVersion": "4.0.1",
            "format": ["json", "xml", "application/fhir+json", "application/fhir+xml"],
            "patchFormat": [
                *("application/json-patch+json", "application/merge-patch+json"),
                *("application/fhir+json", "application/fhir+xml"),
            ],
            "rest": [_rest(does, _Served(params))],
        }
    )


def _rest(does: Does, params: "_Served") -> dict[str, Any]:
    operations = does.operations
    codes = [code for code in dict.fromkeys(does.interactions) if code and code != "capabilities"]
    on_types = [{"code": code} for code in codes if code not in SYSTEM]
    found = {
        "mode": "server",
        "security": {"description": "Authorization: Bearer TOKEN; tokens are issued per campus."},
        "resource": [
            _resource(name, params, on_types, told(operations, name)) for name in RESOURCE_TYPES
        ],
        "interaction": [{"code": code} for code in codes if code in SYSTEM],
        "operation": told(operations),
        "compartment": [f"{COMPARTMENT}{kind[0].lower()}{kind[1:]}" for kind in compartments()],
    }
    return {key: value for key, value in found.items() if value}


def _resource(
    name: str,
    params: "_Served",
    interactions: list[dict[str, str]],
    operations: list[dict[str, str]],
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
        "searchInclude": [f"{name}:{one.code}" for one in params.of(name) if _leads(one)],
        "searchRevInclude": params.referring.get(name, []),
        "searchParam": [
            {"name": one.code, "definition": one.url, "type": one.kind} for one in params.of(name)
        ],
        "operation": operations,
        **SUBSCRIPTIONS.get(name, {}),
    }
    return {key: value for key, value in found.items() if value != []}


def _leads(param: SearchParam) -> bool:
    """Return whether includes follow a parameter."""
    return param.kind == "reference" and not is_address(param)


class _Served:
    """The search parameters that are answered."""

    def __init__(self, params: Parameters) -> None:
        self._of = {
            name: [one for one in served(params.of(name)) if params.percent(one) == WHOLE]
            for name in RESOURCE_TYPES
        }
        self.referring: dict[str, list[str]] = defaultdict(list)
        """For each type the `Type:parameter` pairs that may point to it."""
        for source, each in self._of.items():
            for one in each:
                for target in one.targets if _leads(one) else ():
                    self.referring[target].append(f"{source}:{one.code}")

    def of(self, name: str) -> list[SearchParam]:
        """Return those of a type."""
        return self._of[name]
