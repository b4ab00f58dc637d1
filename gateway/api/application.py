"""Puts the HTTP face together."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from gateway.access.clients import Clients
from gateway.access.targets import Targets
from gateway.api.dispatch import Dispatcher
from gateway.api.failure import as_outcome
from gateway.api.metrics import Metrics
from gateway.api.operations.table import OPERATIONS
from gateway.api.routes import OPEN, ROUTES
from gateway.api.service import Readiness, Service
from gateway.bus.buckets import Buckets
from gateway.bus.bus import Bus
from gateway.errors import MethodNotAllowedError, NotFoundError
from gateway.imaging.receive import Receiver
from gateway.ingest.http import Intake
from gateway.interactions.door import Door
from gateway.recognition.catalogue.registry import Catalogues
from gateway.recognition.service import Recognition
from gateway.store.objects import Objects

BODY_LIMIT = 32 * 1024 * 1024


def application(  # noqa: PLR0913 - what the HTTP face stands on
    door: Door,
    web_routes: Sequence[BaseRoute],
    readiness: Readiness,
    objects: Objects,
    *,
    body_limit: int = BODY_LIMIT,
    origins: frozenset[str] = frozenset(),
    bus: Bus | None = None,
    targets: Targets | None = None,
) -> ASGIApp:
    """Return the application: the API's own routes first, then those of the pages.

    Pages of the `origins` may call it from a browser. What it shares with others it does by `bus`;
    `targets` says where it may connect to for a caller.
    """
    bus = bus or Bus(door.store, Buckets())
    catalogues = Catalogues(door.store, door.clock, zone=door.zone)
    service = Service(
        door=door,
        readiness=readiness,
        metrics=Metrics(door.store, bus),
        intake=Intake(door),
        objects=objects,
        receiver=Receiver(door, objects),
        recognition=Recognition(door, catalogues),
        catalogues=catalogues,
        clients=Clients(door.store, door.directory, door.clock),
        bus=bus,
        interactions=tuple(
            code for *_, codes in ROUTES for code in codes.split() if code[0] != "$"
        ),
        operations=OPERATIONS,
        routes=ROUTES,
        open=OPEN,
        started=door.clock(),
        body_limit=body_limit,
        origins=frozenset(one.encode() for one in origins),
        targets=targets or Targets(),
    )
    pages = Starlette(routes=web_routes, exception_handlers={HTTPException: _unrouted})
    # In front of Starlette's router and its layers, which try their patterns one after the other.
    return Dispatcher(pages, service)


async def _unrouted(_request: Request, error: Exception) -> Response:
    """Return the answer to an address, or a method on it, that nobody has."""
    headers = error.headers or {} if isinstance(error, HTTPException) else {}
    if "Allow" in headers:
        told = MethodNotAllowedError("This method is not allowed here.")
        return as_outcome(told, [(b"allow", headers["Allow"].encode())])
    return as_outcome(NotFoundError("There is no such address."))
