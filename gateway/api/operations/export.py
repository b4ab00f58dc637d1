"""$export: asynchronous bulk export of the server, of all patients, of a Group's.

https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

import dataclasses
from typing import Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.jobs import accepted
from gateway.api.operations.inputs import Inputs, Param, inputs
from gateway.bulk.export import KIND
from gateway.bulk.wanted import NDJSON, Judging, Level, Wanted
from gateway.errors import InvalidRequestError, NotSupportedError
from gateway.jobs.desk import start

LISTS: Final = ("_type", "_typeFilter", "_elements")
NOT_SERVED: Final = ("includeAssociatedData", "organizeOutputBy", "_until")
PARAMS: Final = (
    Param("_outputFormat"),
    Param("_since", ("string", "instant", "dateTime")),
    *(Param(name, many=True) for name in LISTS),
    Param("patient", ("Reference",), many=True),
    *(Param(name, many=True) for name in NOT_SERVED),
)


async def export(call: Call) -> Answer:
    """Start an export; return where it is asked after."""
    refuse_waiting(call)
    level: Level = "Group" if call.id else "Patient" if call.type == "Patient" else "system"
    address = _address(call)
    asked = await inputs(call, PARAMS)
    judging = Judging(call.door, call.actor, level, call.prefer.lenient)
    _refuse(judging, asked, is_post=call.method == "POST")
    wanted = await _wanted(judging, asked, call, address)
    return accepted(call, await start(call.door, call.actor, KIND, wanted.request))


def refuse_waiting(call: Call) -> None:
    """Pass only a caller who says that he does not wait for the answer."""
    words = call.header(b"prefer").replace(";", ",").split(",")
    if "respond-async" not in {one.strip().lower() for one in words}:
        raise InvalidRequestError(
            "This is done beside the request: send Prefer: respond-async.", expression="Prefer"
        )


def _refuse(judging: Judging, asked: Inputs, *, is_post: bool) -> None:
    """Refuse what is not done here, by its name."""
    for name in NOT_SERVED:
        if asked.given.get(name):
            text = f"{name} is not supported."
            judging.pass_over(NotSupportedError(text, expression=asked.place(name)))
    if asked.given.get("patient") and (judging.level == "system" or not is_post):
        raise InvalidRequestError(
            "patient is a parameter of POST, for patients and groups.",
            expression=asked.place("patient"),
        )
    format_ = asked.text("_outputFormat").replace(" ", "+")
    if format_ and format_ not in NDJSON:
        raise NotSupportedError(
            "_outputFormat is application/fhir+ndjson.", expression=asked.place("_outputFormat")
        )


async def _wanted(judging: Judging, asked: Inputs, call: Call, address: str) -> Wanted:
    lists = {
        name: [(str(one.value), one.place) for one in asked.given.get(name, ())] for name in LISTS
    }
    types = judging.types(lists["_type"])
    since = asked.text("_since")
    patients = [(one.value, one.place) for one in asked.given.get("patient", ())]
    wanted = Wanted(
        level=judging.level,
        address=address,
        base=call.base,
        types=types,
        since=judging.since(since, asked.place("_since")) if since else 0,
        group=call.id,
        patients=judging.patients(patients, call.id),
        elements=judging.elements(lists["_elements"], types),
        filters=await judging.filters(lists["_typeFilter"], types),
    )
    wanted.notes = [dataclasses.asdict(one) for one in judging.notes]
    return wanted


def _address(call: Call) -> str:
    query = call.scope["query_string"].decode("ascii", "replace")
    path = call.scope["path"].removeprefix("/fhir")
    return f"{call.base}{path}?{query}" if query else f"{call.base}{path}"
