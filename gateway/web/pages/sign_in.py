"""Sign in and out, and the choice of language: the pages that need no session."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from gateway.web.display.field import Field
from gateway.web.site import (
    LANGUAGE,
    SESSION,
    Frame,
    Site,
    bare,
    draw,
    form,
    local_path,
    said_by,
    see_other,
)
from gateway.web.speech import LANGUAGES, Speech

YEAR = 365 * 24 * 3600
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form, what was wrong with the last try, and where to go then."""

    frame: Frame
    fields: tuple[Field, ...]
    error: str
    next: str


async def ask(site: Site, request: Request) -> Response:
    """Return the form."""
    after = local_path(request.query_params.get("next", ""))
    say = said_by(request)
    page = SignInPage(bare(request), _fields(say, ""), "", after)
    return draw(site, say, "pages/sign_in.html", page)


async def enter(site: Site, request: Request) -> Response:
    """Return the page first asked for, with a session; the form again where the token is wrong."""
    say = said_by(request)
    given = await form(request)
    person = given.get("person", "").strip()[:LONGEST_NAME]
    after = local_path(given.get("next", ""))
    token = given.get("token", "").strip()
    session = (
        await site.sessions.sign_in(token, person)
        if token and person.isprintable() and person
        else None
    )
    if session is None:
        # One message for all failures: which half was wrong is nobody's business.
        error = say("令牌无效, 或未填姓名或工号。请核对后重试。")
        page = SignInPage(bare(request), _fields(say, person), error, after)
        return draw(site, say, "pages/sign_in.html", page, 422)
    response = see_other(after)
    response.set_cookie(
        SESSION,
        session,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


async def leave(site: Site, request: Request) -> Response:
    """Return the form of the next reader, the session ended."""
    await form(request)
    await site.sessions.sign_out(request.cookies.get(SESSION, ""))
    response = see_other("/sign-in")
    response.delete_cookie(SESSION, httponly=True, samesite="strict")
    return response


async def choose_language(_site: Site, request: Request) -> Response:
    """Return the same page in another language."""
    given = await form(request)
    response = see_other(local_path(given.get("next", "")))
    if given.get("language") in LANGUAGES:
        response.set_cookie(
            LANGUAGE, given["language"], max_age=YEAR, httponly=True, samesite="strict"
        )
    return response


def _fields(say: Speech, person: str) -> tuple[Field, ...]:
    return (
        Field("person", say("姓名或工号"), "text", person, say("记入访问审计")),
        Field("token", say("令牌"), "password", "", say("由信息科签发")),
    )
