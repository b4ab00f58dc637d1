"""What all pages share: who visits, in which language, and how a page is drawn and sent.

Content security policy: https://www.w3.org/TR/CSP3/
"""

import hashlib
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.errors import ForbiddenError, GatewayError, TooLargeError
from gateway.web.acts import Acts
from gateway.web.display.coverage import Coverage, coverage
from gateway.web.display.person import Person
from gateway.web.display.reader import Reader
from gateway.web.display.time import date_and_clock
from gateway.web.sources import Campus, Results, Sessions
from gateway.web.speech import Speech, speech

if TYPE_CHECKING:
    from gateway.access.actor import Actor

DIST = Path(__file__).parent / "static" / "dist"
SESSION = "hutong_session"
LANGUAGE = "hutong_language"
FORM_BYTES = 16 * 1024
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """What the pages stand on."""

    results: Results
    sessions: Sessions
    acts: Acts
    clock: Callable[[], datetime]
    templates: Environment


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of someone who is signed in."""

    site: Site
    request: Request
    session: str
    actor: "Actor"
    campuses: tuple[Campus, ...]
    reader: Reader
    waiting: tuple[str, ...]
    """The critical values that the reader's campus must answer, by id."""

    @property
    def say(self) -> Speech:
        """The language of the page."""
        return self.reader.say

    @property
    def results(self) -> Results:
        """The results behind the door."""
        return self.site.results

    @property
    def acts(self) -> Acts:
        """What this reader may do."""
        return self.site.acts


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page; `twin` is the FHIR request that answers the same."""

    title: str
    path: str
    twin: str
    reader: Reader | None
    actor: "Actor | None"
    coverage: Coverage | None
    at: str
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """The page of an error: what failed, a reference, and where to try again."""

    frame: Frame
    person: Person | None
    what: str
    advice: str
    reference: str


def frame(visit: Visit, title: str, twin: str = "") -> Frame:
    """Return the frame of a page for this visit."""
    said = coverage(visit.say, visit.campuses, visit.reader.now)
    at = date_and_clock(visit.say, visit.reader.now)
    path = path_of(visit.request)
    return Frame(title, path, twin, visit.reader, visit.actor, said, at, visit.waiting)


def environment() -> Environment:
    """Return the templates: every value is escaped, every name must be known."""
    found = Environment(
        loader=PackageLoader("gateway.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["asset"] = asset
    return found


@cache
def asset(name: str) -> str:
    """Return the address of a file of the bundle, which changes with its content."""
    path = DIST / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "none"
    return f"/static/{quote(name)}?v={digest}"


def draw(site: Site, say: Speech, template: str, page: object, status: int = 200) -> Response:
    """Return a page."""
    body = site.templates.get_template(template).render(page=page, say=say)
    return HTMLResponse(body, status, HEADERS)


def show(visit: Visit, template: str, page: object, status: int = 200) -> Response:
    """Return a page for this visit."""
    return draw(visit.site, visit.say, template, page, status)


def see_other(path: str) -> Response:
    """Return the answer to a form: the page to look at next."""
    return RedirectResponse(path, 303, HEADERS)


def said_by(request: Request) -> Speech:
    """Return the language that the reader chose."""
    return speech(request.cookies.get(LANGUAGE, ""))


def path_of(request: Request) -> str:
    """Return path and query of a request: the place to come back to."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def local_path(given: str) -> str:
    """Return a path of this site; the start page for anything else."""
    is_local = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable()
    return given if is_local else "/find"


def _is_ours(request: Request) -> bool:
    """Return whether a form came from our own page, by what the browser says of it."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")  # all that an older browser says
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


async def form(request: Request) -> dict[str, str]:
    """Return the fields of a form that one of our own pages sent."""
    return dict(await fields(request))


async def fields(request: Request) -> list[tuple[str, str]]:
    """Return the fields of such a form, those too that stand in it several times."""
    if not _is_ours(request):
        raise ForbiddenError("a form of another site")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            raise TooLargeError("form")
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


async def visit_of(site: Site, request: Request) -> Visit | None:
    """Return the visit of whoever is signed in; None of nobody."""
    session = request.cookies.get(SESSION, "")
    actor = await site.sessions.session(session) if session else None
    if actor is None:
        return None
    campuses = await site.results.campuses(actor)
    known = {campus.code: campus for campus in campuses}
    reader = Reader(said_by(request), site.clock(), actor.code, known)
    waiting = await site.acts.criticals.waiting(actor)
    return Visit(site, request, session, actor, campuses, reader, waiting)


Page = Callable[[Visit], Awaitable[Response]]


def signed_in(site: Site, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of a page that only those see who are signed in."""

    async def endpoint(request: Request) -> Response:
        try:
            visit = await visit_of(site, request)
        except Exception as error:  # noqa: BLE001 - the last line before the reader
            return failed(site, said_by(request), error, bare(request))
        if visit is None:
            back = path_of(request) if request.method == "GET" else "/find"
            return see_other(f"/sign-in?next={quote(back, safe='')}")
        try:
            return await page(visit)
        except Exception as error:  # noqa: BLE001 - the last line before the reader
            return failed(site, visit.say, error, frame(visit, visit.say("出错")))

    return endpoint


def bare(request: Request) -> Frame:
    """Return the frame of a page without a visit."""
    return Frame(said_by(request)("互通"), path_of(request), "", None, None, None, "")


def failed(
    site: Site, say: Speech, error: Exception, around: Frame, person: Person | None = None
) -> Response:
    """Return the page of an error; the patient stays in sight where one was."""
    status = error.status if isinstance(error, GatewayError) else 500
    reference = secrets.token_hex(4)
    if not isinstance(error, GatewayError):
        # Places only: the message of a foreign error may hold a patient's data.
        log.error("page failed, %s: %s %s", reference, type(error).__name__, _places(error))
    what, advice = _words(say, status)
    return draw(site, say, "error.html", Failure(around, person, what, advice, reference), status)


def _places(error: Exception) -> Sequence[str]:
    frames: list[Any] = traceback.extract_tb(error.__traceback__)
    return [f"{Path(one.filename).name}:{one.lineno} {one.name}" for one in frames]


def _words(say: Speech, status: int) -> tuple[str, str]:
    match status:
        case 404 | 410:
            return say("没有找到这一页"), say("它不存在, 或者您无权查看。")
        case 403:
            return say("您无权查看"), say("您的令牌不包括这项权限。")
        case 503:
            return say("暂时读不到数据"), say("没有数据丢失, 请稍后重试。")
        case _ if status < 500:  # noqa: PLR2004 - where the server's own errors begin
            return say("无法处理这个请求"), say("请返回后重新操作。")
        case _:
            return say("页面出错"), say("没有数据丢失。请重试; 若仍出错, 请把编号告诉信息科。")
