"""Evidence of laboratories' quality: POST and GET /recognition/quality.

It is the consortium's, so that only an administrator gives it; whoever recognises may see it.
"""

import asyncio
import os
from typing import Final

from gateway.access.audit import event
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.problem import JSON
from gateway.errors import ForbiddenError, InvalidRequestError
from gateway.fhir.codec import encode
from gateway.recognition.quality.evidence import Evidence, of_row
from gateway.recognition.quality.files import COLUMNS, Known, read
from gateway.store.body import instant
from gateway.store.records import Batch

NAME: Final = "quality"


async def take(call: Call) -> Answer:
    """Return how many rows of a workbook or JSON were taken; SheetError names all that is wrong."""
    call.refuse_params()
    if not call.actor.has("admin"):
        raise ForbiddenError("Evidence is given by an administrator.")
    body = await call.body()
    if not body:
        raise InvalidRequestError("The body is empty.")
    door = call.door
    campuses = {campus.code: campus.id for campus in door.directory.campuses()}
    known = Known(campuses, call.service.catalogues.codes())
    # A large workbook takes seconds, in which others are served.
    statements = await asyncio.to_thread(read, body, known, door.clock())
    await door.store.submit(
        Batch(
            ticket=os.urandom(16),
            statements=statements,
            audit=[event(call.actor, "C", [NAME], reason=f"{len(statements)} rows")],
            notices=[("config", "")],
        )
    )
    return _json({"taken": len(statements)})


async def listed(call: Call) -> Answer:
    """Return all evidence, with the marks it gives and whether it was seen through."""
    call.refuse_params()
    if not (call.actor.has("admin") or call.actor.has("recognition")):
        raise ForbiddenError("The token's scopes do not allow recognition.")
    codes = {campus.id: campus.code for campus in call.door.directory.campuses()}
    rows = map(of_row, call.door.store.fetch("evidence_all"))
    return _json({"evidence": [_told(one, codes.get(one.campus, "")) for one in rows]})


def _told(one: Evidence, campus: str) -> dict[str, object]:
    values = {column: getattr(one, column) for column in COLUMNS}
    seen = {"seenThrough": instant(one.done)} if one.done else {}
    return values | {"id": one.id, "campus": campus, "mark": one.told} | seen


def _json(told: dict[str, object]) -> Answer:
    return Answer(encode(told), kind=JSON)
