"""Every route of the API, on one screen.

https://hl7.org/fhir/R4/http.html; the CapabilityStatement is made from this table.
"""

from typing import Final

from gateway.api import dicomweb, facade, files, jobs, quality
from gateway.api.bundle import bundle
from gateway.api.capability import metadata
from gateway.api.create import create
from gateway.api.delete import delete
from gateway.api.health import healthz, readyz
from gateway.api.history import history
from gateway.api.hooks.feedback import feedback
from gateway.api.hooks.serve import discover, preflight, serve
from gateway.api.ingest import dicom, ecg, hl7v2, message
from gateway.api.metrics import metrics
from gateway.api.openapi import openapi
from gateway.api.operations import operation
from gateway.api.operations.operation import Handler
from gateway.api.operations.table import OPERATIONS
from gateway.api.patch import patch
from gateway.api.read import read
from gateway.api.reference import reference
from gateway.api.search import search
from gateway.api.smart import smart_configuration
from gateway.api.statistics import statistics
from gateway.api.update import update
from gateway.api.vread import vread

STUDY: Final = "/dicom-web/studies/{study}"
SERIES: Final = f"{STUDY}/series/{{series}}"
INSTANCE: Final = f"{SERIES}/instances/{{instance}}"

# Method, address, handler, codes of http://hl7.org/fhir/restful-interaction or the operation.
# GET serves HEAD too.
ROUTES: Final[tuple[tuple[str, str, Handler, str], ...]] = (
    ("POST", "/fhir", bundle, "transaction batch"),
    ("GET", "/fhir", search, "search-system"),
    ("POST", "/fhir/_search", search, "search-system"),
    ("GET", "/fhir/metadata", metadata, "capabilities"),
    ("GET", "/fhir/.well-known/smart-configuration", smart_configuration, ""),
    ("GET", "/fhir/_history", history, "history-system"),
    ("GET", "/fhir/_jobs/{id}", jobs.status, ""),
    ("DELETE", "/fhir/_jobs/{id}", jobs.end, ""),
    ("GET", "/fhir/_jobs/{id}/{path}", files.file, ""),
    ("GET", "/fhir/{type}", search, "search-type"),
    ("POST", "/fhir/{type}", create, "create"),
    ("GET", "/fhir/{type}/_history", history, "history-type"),
    ("PUT", "/fhir/{type}", update, "update"),
    ("PATCH", "/fhir/{type}", patch, "patch"),
    ("DELETE", "/fhir/{type}", delete, "delete"),
    ("POST", "/fhir/{type}/_search", search, "search-type"),
    ("GET", "/fhir/{type}/{id}", read, "read"),
    ("PUT", "/fhir/{type}/{id}", update, "update"),
    ("PATCH", "/fhir/{type}/{id}", patch, "patch"),
    ("DELETE", "/fhir/{type}/{id}", delete, "delete"),
    ("GET", "/fhir/{type}/{id}/{member}", search, "search-type"),
    ("POST", "/fhir/{type}/{id}/{member}/_search", search, "search-type"),
    ("GET", "/fhir/{type}/{id}/_history", history, "history-instance"),
    ("GET", "/fhir/{type}/{id}/_history/{version}", vread, "vread"),
    *operation.routes(OPERATIONS),
    ("GET", "/dicom-web/studies", dicomweb.studies, ""),
    ("POST", "/dicom-web/studies", dicomweb.store, ""),
    ("GET", "/dicom-web/series", dicomweb.series, ""),
    ("GET", "/dicom-web/instances", dicomweb.instances, ""),
    ("GET", f"{STUDY}", dicomweb.retrieve, ""),
    ("POST", f"{STUDY}", dicomweb.store, ""),
    ("GET", f"{STUDY}/metadata", dicomweb.metadata, ""),
    ("GET", f"{STUDY}/series", dicomweb.series, ""),
    ("GET", f"{STUDY}/instances", dicomweb.instances, ""),
    ("GET", f"{SERIES}", dicomweb.retrieve, ""),
    ("GET", f"{SERIES}/metadata", dicomweb.metadata, ""),
    ("GET", f"{SERIES}/instances", dicomweb.instances, ""),
    ("GET", f"{INSTANCE}", dicomweb.retrieve, ""),
    ("GET", f"{INSTANCE}/metadata", dicomweb.metadata, ""),
    ("GET", f"{INSTANCE}/rendered", dicomweb.rendered, ""),
    ("GET", f"{INSTANCE}/thumbnail", dicomweb.thumbnail, ""),
    ("GET", f"{INSTANCE}/frames/{{frame}}", dicomweb.frames, ""),
    ("GET", f"{INSTANCE}/frames/{{frame}}/rendered", dicomweb.rendered, ""),
    ("GET", f"{INSTANCE}/bulkdata/{{path}}", dicomweb.bulk_data, ""),
    ("POST", "/ingest/dicom", dicom, ""),
    ("POST", "/ingest/ecg", ecg, ""),
    ("POST", "/ingest/hl7v2", hl7v2, ""),
    ("GET", "/ingest/messages/{id}", message, ""),
    ("GET", "/cds-services", discover, ""),
    ("OPTIONS", "/cds-services", preflight, ""),
    ("POST", "/cds-services/{id}", serve, ""),
    ("OPTIONS", "/cds-services/{id}", preflight, ""),
    ("POST", "/cds-services/{id}/feedback", feedback, ""),
    ("OPTIONS", "/cds-services/{id}/feedback", preflight, ""),
    ("POST", "/recognition/check", facade.check, ""),
    ("GET", "/recognition/quality", quality.listed, ""),
    ("POST", "/recognition/quality", quality.take, ""),
    ("GET", "/recognition/reasons", facade.reasons, ""),
    ("GET", "/recognition/decisions/{id}", facade.decision, ""),
    ("POST", "/recognition/decisions/{id}/answer", facade.answer, ""),
    ("GET", "/recognition/statistics", statistics, ""),
    ("GET", "/docs", reference, ""),
    ("GET", "/openapi.json", openapi, ""),
    ("GET", "/healthz", healthz, ""),
    ("GET", "/readyz", readyz, ""),
    ("GET", "/metrics", metrics, ""),
)

DICOMWEB: Final = frozenset(handler for _, path, handler, _ in ROUTES if path.startswith("/dicom-"))
"""What answers in formats of its own (PS3.18)."""

OWN_FORMATS: Final = DICOMWEB | {files.file, openapi, reference, statistics}
"""What chooses its format by itself, and none of FHIR's."""

OPEN: Final = frozenset(
    {metadata, smart_configuration, openapi, reference, healthz, readyz, discover, preflight}
)
"""What is answered without a token (DESIGN §3)."""

SIGNED: Final = frozenset({serve, feedback})
"""What a client may call with a signature of its own: its handler looks who calls."""

HOOKS: Final = "cds-services"
PROBLEMS: Final = frozenset({HOOKS, "recognition"})
"""First segments under which errors are a short JSON object, not an OperationOutcome."""
