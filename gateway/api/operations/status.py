"""`SearchParameter/$status`: which search parameters are defined here, and how far each is built.

The answer has one `parameter` a definition, with the parts `resource`, `url`, `code`, `state`
(`building`, `active`, `going`) and `percent`.
"""

from typing import Any, Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import inputs
from gateway.errors import NotFoundError
from gateway.fhir.codec import encode
from gateway.interactions.door import require
from gateway.interactions.parameters import Custom
from gateway.interactions.read import read
from gateway.interactions.record import record

STATES: Final = ("building", "active", "going")


async def status(call: Call) -> Answer:
    """Return how it stands with all definitions, or with that of one SearchParameter."""
    await inputs(call, ())
    require(call.actor, call.type, "s")
    call.door.params.forget()
    customs = call.door.params.customs()
    if call.id:
        await read(call.door, call.actor, call.type, call.id)
        customs = [one for one in customs if one.id == call.id]
        if not customs:
            raise NotFoundError("The SearchParameter is not in use: it is no active one.")
    else:
        await record(call.door, call.actor, "E", ())
    parameters = [_told(one) for one in customs]
    found: dict[str, Any] = {"resourceType": "Parameters"}
    return Answer(encode(found | {"parameter": parameters} if parameters else found))


def _told(custom: Custom) -> dict[str, Any]:
    return {
        "name": "parameter",
        "part": [
            {"name": "resource", "valueReference": {"reference": f"SearchParameter/{custom.id}"}},
            {"name": "url", "valueUri": custom.definition.url},
            {"name": "code", "valueCode": custom.definition.code},
            {"name": "state", "valueCode": STATES[custom.state]},
            {"name": "percent", "valueInteger": custom.percent},
        ],
    }
