"""Every route of the API, on one screen.

https://hl7.org/fhir/R4/http.html; the CapabilityStatement is made from this table.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from gateway.api import dicomweb
from gateway.api.answer import Answer
from gateway.api.bundle import bundle
from gateway.api.call import Call
from gateway.api.capability import metadata
from gateway.api.create import create
from gateway.api.delete import delete
from gateway.api.health import healthz, readyz
from gateway.api.history import history
from gateway.api.ingest import dicom, ecg, hl7v2, message
from gateway.api.metrics import metrics
from gateway.api.read import read
from gateway.api.search import search
from gateway.api.update import update
from gateway.api.vread import vread

Handler = Callable[[Call], Awaitable[Answer]]

STUDY: Final = "/dicom-web/studies/{study}"
SERIES: Final = f"{STUDY}/series/{{series}}"
INSTANCE: Final = f"{SERIES}/instances/{{instance}}"

# Method, address, handler, codes of http://hl7.org/fhir/restful-interaction. GET serves HEAD too.
ROUTES: Final[tuple[tuple[str, str, Handler, str], ...]] = (
    ("POST", "/fhir", bundle, "transaction batch"),
    ("GET", "/fhir/metadata", metadata, "capabilities"),
    ("GET", "/fhir/{type}", search, "search-type"),
    ("POST", "/fhir/{type}", create, "create"),
    ("POST", "/fhir/{type}/_search", search, "search-type"),
    ("GET", "/fhir/{type}/{id}", read, "read"),
    ("PUT", "/fhir/{type}/{id}", update, "update"),
    ("DELETE", "/fhir/{type}/{id}", delete, "delete"),
    ("GET", "/fhir/{type}/{id}/_history", history, "history-instance"),
    ("GET", "/fhir/{type}/{id}/_history/{version}", vread, "vread"),
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
    ("GET", "/healthz", healthz, ""),
    ("GET", "/readyz", readyz, ""),
    ("GET", "/metrics", metrics, ""),
)

DICOMWEB: Final = frozenset(handler for _, path, handler, _ in ROUTES if path.startswith("/dicom-"))
"""What answers in formats of its own (PS3.18)."""

OPEN: Final = frozenset({metadata, healthz, readyz})
"""What is answered without a token (DESIGN §3)."""
