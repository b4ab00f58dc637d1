"""Puts the HTTP face together."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from gateway.api.dispatch import Dispatcher
from gateway.api.metrics import Metrics
from gateway.api.routes import ROUTES
from gateway.api.service import Readiness, Service
from gateway.imaging.receive import Receiver
from gateway.ingest.http import Intake
from gateway.interactions.door import Door
from gateway.store.objects import Objects

BODY_LIMIT = 32 * 1024 * 1024


def application(
    door: Door,
    web_routes: Sequence[BaseRoute],
    readiness: Readiness,
    objects: Objects,
    *,
    body_limit: int = BODY_LIMIT,
) -> Starlette:
    """Return the application: the API's own routes first, then those of the pages."""
    service = Service(
        door=door,
        readiness=readiness,
        metrics=Metrics(door.store),
        intake=Intake(door),
        objects=objects,
        receiver=Receiver(door, objects),
        interactions=tuple(code for *_, codes in ROUTES for code in codes.split()),
        started=door.clock(),
        body_limit=body_limit,
    )
    # In front of Starlette's router, which tries its patterns one after the other.
    return Starlette(routes=web_routes, middleware=[Middleware(Dispatcher, service)])
