"""As the wrong campus every route answers as if what is hidden had never been there."""

import asyncio
import json
from dataclasses import replace

import pytest

from gateway.api.routes import ROUTES
from gateway.web import routes as pages
from tests import databases
from tests.leaks.hidden import NAMES
from tests.leaks.rows import PAGES, ROWS
from tests.leaks.words import MARK
from tests.leaks.world import ASKED, fill, opened, told

ALL = ROWS | PAGES
ASKS = [name for name, rows in ALL.items() if not isinstance(rows, str)]
PAGES_DEEP = 20


def test_no_route_is_without_a_row():
    routed = {f"{method} {path}" for method, path, *_ in ROUTES}
    routed |= {" ".join(route[:2]) for route in pages.ROUTES}
    assert routed - ALL.keys() == set(), "a route that nobody looked at"
    assert ALL.keys() - routed == set(), "a row of no route"


def asks(name, asked):
    rows = ALL[name]
    found = list(rows() if callable(rows) else rows)
    assert found
    for one in found:
        url, body = one.url, json.dumps(one.json)
        for key, value in asked.items():
            url, body = url.replace(f"{{{key}}}", value), body.replace(f"{{{key}}}", value)
        yield replace(one, url=url, json=json.loads(body))


async def answered(world, ask, *, page):
    client = world.client()
    url = ask.url
    found = []
    for _ in range(PAGES_DEEP):
        if "AuditEvent" in f"{url} {ask.content} {ask.json}":
            # What was read before is in the audit a moment later: in both worlds by now.
            await world.door.recorder.close()
        answer = await client.request(
            ask.method,
            url,
            json=ask.json if ask.content is None else None,
            content=ask.content,
            headers=ask.headers,
            follow_redirects=page,
        )
        found.append((told(answer), answer))
        following = ask.follow and answer.status_code == 200 and _next(answer.json())
        if not following:
            return found
        url = following
    return found


def _next(bundle):
    links = {one["relation"]: one["url"] for one in bundle.get("link", ())}
    return links.get("next", "")


def mentions(ask, answer):
    """What of the hidden an answer says that the caller did not say itself."""
    said = f"{ask.url} {json.dumps(ask.json)} {ask.content}"
    words = [MARK, *(name.partition("/")[2] for name in NAMES)]
    # Whom a Person links, everybody reads.
    return [one for one in words if one in answer.text and one not in said and one != "hid-cp"]


async def compared(worlds, name, asked):
    """What is answered otherwise in the one world than in the other, or tells of the hidden."""
    hiding, plain = worlds
    page = name in PAGES
    wrong = []
    for ask in asks(name, asked):
        ours = await answered(hiding, ask, page=page)
        theirs = await answered(plain, ask, page=page)
        for _, answer in ours:
            assert answer.status_code != 500, (ask, answer.text)
            if said := mentions(ask, answer):
                wrong.append((ask.method, ask.url, "says", said))
        if not ask.oracle and [one for one, _ in ours] != [one for one, _ in theirs]:
            wrong.append((ask.method, ask.url, _first(ours, theirs)))
    return wrong


@pytest.mark.parametrize("name", ASKS)
async def test_the_wrong_campus_is_answered_as_if_nothing_were_there(both, worlds, name):
    for world in both if name in PAGES else ():
        signed = await world.client().post("/sign-in", data={"token": "B", "person": "x"})
        assert signed.status_code == 303
    asked = json.loads((worlds / "hiding" / ASKED).read_text())
    assert await compared(both, name, asked) == []


@pytest.mark.needs("postgresql")
async def test_on_postgresql_what_is_read_tells_no_more(postgres, tmp_path):
    """All that changes nothing, one after the other in one pair of worlds."""
    folders = [tmp_path / name for name in ("hiding", "plain")]
    for folder in folders:
        databases.name(folder, postgres.take())
        await asyncio.to_thread(fill, folder, hiding=folder.name == "hiding")
    asked = json.loads((folders[0] / ASKED).read_text())
    reading = [name for name in ASKS if name.startswith("GET /fhir") or name.endswith("_search")]
    async with opened(folders[0]) as hiding, opened(folders[1]) as plain:
        for name in reading:
            assert await compared((hiding, plain), name, asked) == [], name
    for folder in folders:
        postgres.give_back(databases.url_of(folder))


def _first(ours, theirs):
    """Where two answers part."""
    for (mine, _), (other, _) in zip(ours, theirs, strict=False):
        if mine[:2] != other[:2]:
            return mine[:2], other[:2], mine[2][:300]
        if mine[2] != other[2]:
            at = next(
                (i for i, (a, b) in enumerate(zip(mine[2], other[2], strict=False)) if a != b), 0
            )
            return mine[2][max(at - 80, 0) : at + 120], other[2][max(at - 80, 0) : at + 120]
    return len(ours), len(theirs)
