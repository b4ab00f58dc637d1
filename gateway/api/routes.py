"""Every route of the API, on one screen.

https://hl7.org/fhir/R4/http.html; the CapabilityStatement is made from this table.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from gateway.api.answer import Answer
from gateway.api.bundle import bundle
from gateway.api.call import Call
from gateway.api.capability import metadata
from gateway.api.create import create
from gateway.api.delete import delete
from gateway.api.health import healthz, readyz
from gateway.api.history import history
from gateway.api.ingest import ecg, hl7v2, message
from gateway.api.metrics import metrics
from gateway.api.read import read
from gateway.api.search import search
from gateway.api.update import update
from gateway.api.vread import vread

Handler = Callable[[Call], Awaitable[Answer]]

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
    ("POST", "/ingest/ecg", ecg, ""),
    ("POST", "/ingest/hl7v2", hl7v2, ""),
    ("GET", "/ingest/messages/{id}", message, ""),
    ("GET", "/healthz", healthz, ""),
    ("GET", "/readyz", readyz, ""),
    ("GET", "/metrics", metrics, ""),
)

OPEN: Final = frozenset({metadata, healthz, readyz})
"""What is answered without a token (DESIGN §3)."""
