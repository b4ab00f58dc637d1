"""$import, an operation of our own: NDJSON in, sent along or fetched, as a job.

docs/reference/bulk.md; the form follows $export's.
"""

from typing import Any, Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.formats import media
from gateway.api.jobs import accepted
from gateway.api.operations.export import refuse_waiting
from gateway.api.operations.inputs import Param, inputs
from gateway.bulk.order import INPUT, KIND, Input, Order, judged, placed
from gateway.bulk.source import MOST
from gateway.errors import GatewayError, InvalidRequestError
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import require
from gateway.jobs.desk import start

NDJSON: Final = frozenset({"application/fhir+ndjson", "application/ndjson", "application/x-ndjson"})
MOST_INPUTS: Final = 200
PARAMS: Final = (Param("input", ("part",), many=True, required=True),)
URL_KINDS: Final = ("valueUrl", "valueUri", "valueString")
TYPE_KINDS: Final = ("valueCode", "valueString")


async def bulk_import(call: Call) -> Answer:
    """Start an import; return where it is asked after."""
    refuse_waiting(call)
    if media(call.headers.get(b"content-type", b"")) in NDJSON:
        return await _sent(call)
    asked = await inputs(call, PARAMS)
    found = [_input(index, one) for index, one in enumerate(asked.all("input"))]
    if len(found) > MOST_INPUTS:
        raise InvalidRequestError(f"There are more than {MOST_INPUTS} inputs.", expression="input")
    for index, one in enumerate(found):
        require(call.actor, one.type, "u")
        try:
            await judged(call.service.targets, call.door, call.actor, one.url)
        except GatewayError as error:
            raise placed(error, index) from error
    order = Order(f"{call.base}/$import", call.base, found)
    return accepted(call, await start(call.door, call.actor, KIND, order.request))


async def _sent(call: Call) -> Answer:
    """Start an import of the body, once it is durable."""
    named = [value for name, value in call.params if name == "type"]
    if len(named) != len(call.params) or len(named) > 1 or not set(named) <= TYPE_IDS.keys():
        raise InvalidRequestError("With a body of NDJSON there is type, once.", expression="type")
    for type_ in named:
        require(call.actor, type_, "u")
    digest, size = await _kept(call)
    file = (INPUT, "".join(named), "", 0, size, digest)
    order = Order(f"{call.base}/$import", call.base)
    name = await start(call.door, call.actor, KIND, order.request, [file])
    return accepted(call, name)


async def _kept(call: Call) -> tuple[bytes, int]:
    """Return the digest and size of the body, durable."""
    incoming = call.service.objects.begin(MOST)
    try:
        async for piece in call.pieces(packed=True):
            incoming.write(piece)
    except BaseException:
        incoming.discard()
        raise
    if not incoming.size:
        incoming.discard()
        raise InvalidRequestError("The body is empty.")
    return await call.service.objects.keep(incoming), incoming.size


def _input(index: int, parts: list[dict[str, Any]]) -> Input:
    """Return the file that one parameter names."""
    found: dict[str, str] = {}
    for part in parts:
        name = str(part.get("name"))
        kinds = {"type": TYPE_KINDS, "url": URL_KINDS}.get(name, ())
        values = [part[kind] for kind in kinds if kind in part]
        if name in found or len(values) != 1:
            raise InvalidRequestError(
                "An input has one part type (code) and one part url (url).",
                expression=f"input[{index}]",
            )
        found[name] = str(values[0])
    if found.get("type") not in TYPE_IDS or not found.get("url"):
        raise InvalidRequestError(
            "An input has a part type, a type of R4, and a part url.", expression=f"input[{index}]"
        )
    return Input(found["type"], found["url"])
