"""Find a patient by name or number.

What was asked is never in a URL: the address after POST holds it encrypted under the session.
"""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from starlette.responses import Response

from gateway.web.display.person import Person, person, same_names
from gateway.web.site import Frame, Visit, form, frame, see_other, show

LIFETIME = 30 * 60
LONGEST = 100
TWIN = "/fhir/Patient"


@dataclass(frozen=True, slots=True)
class Hit:
    """A person found; `near` says why, where the match is not exact."""

    person: Person
    near: str


@dataclass(frozen=True, slots=True)
class FindPage:
    """What was asked, who was found, how many share a name; `state` is new, done or more."""

    frame: Frame
    asked: str
    hits: tuple[Hit, ...]
    namesakes: dict[str, int]
    state: str
    error: str = ""


async def ask(visit: Visit) -> Response:
    """Return the empty form."""
    return show(visit, "pages/find.html", _page(visit, "", (), "new"))


async def submit(visit: Visit) -> Response:
    """Return the address of what was asked."""
    asked = " ".join((await form(visit.request)).get("text", "").split())[:LONGEST]
    if not asked:
        error = visit.say("请输入姓名或号码")
        return show(visit, "pages/find.html", _page(visit, "", (), "new", error), 422)
    return see_other(f"/find/{seal(visit, asked)}")


async def answer(visit: Visit) -> Response:
    """Return the people whom the question fits."""
    asked = unseal(visit, visit.request.path_params["token"])
    if asked is None:
        error = visit.say("这次查找已过期, 请重新输入")
        return show(visit, "pages/find.html", _page(visit, "", (), "new", error), 410)
    found = await visit.results.find_patients(visit.actor, asked)
    hits = tuple(
        Hit(person(one.patients, visit.reader), visit.say(one.near) if one.near else "")
        for one in found.humans
    )
    state = "more" if found.more else "done"
    return show(visit, "pages/find.html", _page(visit, asked, hits, state))


def seal(visit: Visit, asked: str) -> str:
    """Return what was asked as a token that only this session opens."""
    now = int(visit.reader.now.timestamp())
    return _key(visit).encrypt_at_time(asked.encode(), now).decode()


def unseal(visit: Visit, token: str) -> str | None:
    """Return what was asked; None if the token is another session's or too old."""
    now = int(visit.reader.now.timestamp())
    try:
        return _key(visit).decrypt_at_time(token.encode(), LIFETIME, now).decode()
    except InvalidToken:
        return None


def _key(visit: Visit) -> Fernet:
    secret = hashlib.sha256(b"find:" + visit.session.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(secret))


def _page(visit: Visit, asked: str, hits: tuple[Hit, ...], state: str, error: str = "") -> FindPage:
    namesakes = same_names([hit.person for hit in hits])
    around = frame(visit, visit.say("找患者"), TWIN)
    return FindPage(around, asked, hits, namesakes, state, error)
