"""The API as OpenAPI, made from the route table; what it says of FHIR, `/fhir/metadata` says whole.

https://spec.openapis.org/oas/v3.1.0; summaries are the first lines of the handlers' docstrings.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any, Final

import msgspec

from gateway.api import dicomweb, facade, quality
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.hooks.context import Hook
from gateway.api.hooks.feedback import Sent, feedback
from gateway.api.hooks.serve import serve
from gateway.api.ingest import dicom, ecg, hl7v2
from gateway.api.operations.operation import Handler, Route
from gateway.fhir.codec import encode

Json = dict[str, Any]

JSON: Final = b"application/json"
FHIR: Final = ("application/fhir+json", "application/fhir+xml")
OUTCOME: Final = {"type": "object", "required": ["resourceType", "issue"]}
PROBLEM: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {one: {"type": "string"} for one in ("code", "message", "place")},
        }
    },
}
TAGS: Final[Mapping[str, str]] = {
    "fhir": "FHIR R4: the parameters and operations of each type stand in /fhir/metadata",
    "dicom-web": "DICOMweb: QIDO-RS, WADO-RS and STOW-RS (PS3.18)",
    "ingest": "Ingest: messages and files as the source systems send them",
    "cds-services": "CDS Hooks: version 2.0.1",
    "recognition": "Recognition: what may be recognised, in plain JSON",
    "operation": "Running it: health, figures, this list",
}
FILE: Final = ("application/octet-stream",)
BODIES: Final[Mapping[Handler, tuple[Sequence[str], type[msgspec.Struct] | None]]] = {
    dicom: (("application/dicom",), None),
    ecg: (FILE, None),
    hl7v2: (FILE, None),
    dicomweb.store: (("multipart/related",), None),
    facade.check: (("application/json",), facade.Check),
    facade.answer: (("application/json",), facade.Answered),
    serve: (("application/json",), Hook),
    feedback: (("application/json",), Sent),
    quality.take: (FILE, None),
}
"""What is sent, by handler; to the others under /fhir a resource."""
SENDING: Final = frozenset({"PATCH", "POST", "PUT"})
VARIABLE: Final = re.compile(r"{(\w+)}")


async def openapi(call: Call) -> Answer:
    """Return the document."""
    call.refuse_params()
    return Answer(_document(call.root, call.service.routes, call.service.open), kind=JSON)


@lru_cache(8)
def _document(root: str, routes: tuple[Route, ...], open_: frozenset[Handler]) -> bytes:
    return encode(document(root, routes, open_))


def document(root: str, routes: Sequence[Route], open_: frozenset[Handler]) -> Json:
    """Return the document; `open_` are the handlers that ask for no token."""
    structs = [kind for _, kind in BODIES.values() if kind is not None]
    _, schemas = msgspec.json.schema_components(structs, ref_template="#/components/schemas/{name}")
    paths: dict[str, Json] = {}
    for method, path, handler, _ in routes:
        if method != "OPTIONS":
            told = _operation(method, path, handler, is_open=handler in open_)
            paths.setdefault(path, _of_path(path))[method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hutong",
            "version": version("hutong-gateway"),
            "description": "Gateway between the hospitals of a consortium",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": root}],
        "security": [{"bearer": []}],
        "tags": [{"name": name, "description": words} for name, words in TAGS.items()],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas, "OperationOutcome": OUTCOME, "Problem": PROBLEM},
        },
    }


def tag(path: str) -> str:
    """Return under which heading an address stands."""
    first = path.split("/")[1]
    return first if first in TAGS else "operation"


def summary(handler: Handler) -> str:
    """Return what a handler says that it does."""
    return (handler.__doc__ or "").partition("\n")[0]


def _of_path(path: str) -> Json:
    names = VARIABLE.findall(path)
    schema = {"type": "string"}
    told = [{"name": one, "in": "path", "required": True, "schema": schema} for one in names]
    return {"parameters": told} if told else {}


def _operation(method: str, path: str, handler: Handler, *, is_open: bool) -> Json:
    family = tag(path)
    told: Json = {
        "operationId": re.sub(r"\W+", "_", f"{method.lower()}{path}").strip("_"),
        "tags": [family],
        "summary": summary(handler),
        "responses": {"2XX": {"description": summary(handler)}, "default": _refusal(family)},
    }
    if method in SENDING:
        kinds, struct = BODIES.get(handler, (FHIR if family == "fhir" else (), None))
        named = f"#/components/schemas/{struct.__name__}" if struct else ""
        content = {"schema": {"$ref": named}} if struct else {}
        if kinds:
            told["requestBody"] = {"content": dict.fromkeys(kinds, content)}
    return told | ({"security": []} if is_open else {})


def _refusal(family: str) -> Json:
    is_problem = family in {"cds-services", "recognition"}
    name = "Problem" if is_problem else "OperationOutcome"
    kind = "application/json" if is_problem else FHIR[0]
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": "What was wrong", "content": {kind: {"schema": schema}}}
