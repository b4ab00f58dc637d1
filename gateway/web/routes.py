"""The pages' routes, on one screen."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

from gateway.errors import GatewayError
from gateway.web.acts import Acts
from gateway.web.pages import (
    critical,
    ecg,
    find,
    order,
    report,
    sign_in,
    statistics,
    study,
    timeline,
)
from gateway.web.site import (
    DIST,
    Page,
    Site,
    Visit,
    bare,
    environment,
    failed,
    said_by,
    see_other,
    signed_in,
)
from gateway.web.sources import Results, Sessions

Open = Callable[[Site, Request], Awaitable[Response]]


async def start(_visit: Visit) -> Response:
    """Return where work begins."""
    return see_other("/find")


# Pages for those who are signed in; each names the FHIR request that answers the same.
PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/", start),
    ("GET", "/find", find.ask),
    ("POST", "/find", find.submit),
    ("GET", "/find/{token}", find.answer),
    ("GET", "/patients/{id}", timeline.timeline),
    ("GET", "/patients/{id}/order", order.ask),
    ("POST", "/patients/{id}/order", order.check),
    ("GET", "/patients/{id}/order/hints", order.hints),
    ("POST", "/patients/{id}/decisions/{decision}", order.answer),
    ("GET", "/patients/{id}/decisions/{decision}", order.ask_why),
    ("POST", "/patients/{id}/decisions/{decision}/decline", order.decline),
    ("GET", "/critical", critical.listing),
    ("GET", "/critical/waiting", critical.waiting),
    ("GET", "/critical/{task}", critical.ask),
    ("POST", "/critical/{task}", critical.answer),
    ("POST", "/critical/{task}/call", critical.call),
    ("GET", "/statistics", statistics.statistics),
    ("GET", "/statistics/{kind}", statistics.table),
    ("GET", "/reports/{id}", report.report),
    ("GET", "/ecg/{id}", ecg.show_ecg),
    ("GET", "/ecg/{id}/sheets/{sheet}/leads/{lead}", ecg.show_lead),
    ("GET", "/studies/{uid}", study.show_study),
    ("GET", "/studies/{uid}/series/{series}/instances/{sop}/image", study.picture),
    ("GET", "/studies/{uid}/series/{series}/instances/{sop}/facts", study.facts),
)
OPEN: tuple[tuple[str, str, Open], ...] = (
    ("GET", "/sign-in", sign_in.ask),
    ("POST", "/sign-in", sign_in.enter),
    ("POST", "/sign-out", sign_in.leave),
    ("POST", "/language", sign_in.choose_language),
)
STATIC = "/static"
ROUTES = (*PAGES, *OPEN, ("GET", STATIC))


class Bundle(StaticFiles):
    """The files of the bundle; an address with a version never changes its content."""

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["X-Content-Type-Options"] = "nosniff"
        lasting = b"v=" in scope["query_string"]
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if lasting else "no-cache"
        )
        return response


def routes(
    results: Results, sessions: Sessions, acts: Acts, clock: Callable[[], datetime]
) -> list[BaseRoute]:
    """Return the routes of the pages; `clock` gives the time in the zone of the readers."""
    site = Site(results, sessions, acts, clock, environment())
    pages = [Route(path, signed_in(site, page), methods=[verb]) for verb, path, page in PAGES]
    doors = [Route(path, _open(site, page), methods=[verb]) for verb, path, page in OPEN]
    return [*pages, *doors, Mount(STATIC, Bundle(directory=DIST, check_dir=False))]


def _open(site: Site, page: Open) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            return await partial(page, site)(request)
        except GatewayError as error:
            return failed(site, said_by(request), error, bare(request))

    return endpoint
