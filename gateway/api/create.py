"""FHIR create: POST [base]/[type], also with If-None-Exist or its criteria in the query.

https://hl7.org/fhir/R4/http.html#create
"""

from gateway.api.answer import Answer, version_headers
from gateway.api.binary import resource_of
from gateway.api.call import Call, text_of
from gateway.errors import Issue
from gateway.fhir.codec import encode
from gateway.fhir.outcome import operation_outcome
from gateway.interactions import conditional_create
from gateway.interactions import create as interaction
from gateway.interactions.matching import Params, criteria
from gateway.interactions.results import Written


async def create(call: Call) -> Answer:
    """Return the resource: 201, or 200 where criteria or its business key led to one."""
    if params := _criteria(call):
        body = await resource_of(call)
        written = await conditional_create.create(call.door, call.actor, call.type, body, params)
    else:
        written = await interaction.create(
            call.door, call.actor, call.type, await resource_of(call)
        )
    return told(call, written)


def _criteria(call: Call) -> Params:
    """Return what must not be there yet: by If-None-Exist; some clients say it in the query."""
    if b"if-none-exist" not in call.headers:
        return call.params
    call.refuse_params()
    text = text_of(call.headers[b"if-none-exist"], quoted=True)
    return criteria(text, "If-None-Exist", call.type, call.base)


def told(call: Call, written: Written) -> Answer:
    """Return what the caller prefers to hear of a write."""
    stored = written.stored
    address = f"{call.base}/{stored.type}/{stored.id}/_history/{stored.version}"
    headers = [*version_headers(stored), (b"location", address.encode())]
    status = 201 if written.created else 200
    match call.prefer.returns:
        case "minimal":
            return Answer(status=status, headers=headers)
        case "OperationOutcome":
            return Answer(encode(operation_outcome(_issues(written))), status, headers)
        case _:
            return Answer(stored.json(), status, headers)


def _issues(written: Written) -> list[Issue]:
    done = "created" if written.created else "updated" if written.changed else "unchanged"
    return [Issue("information", "informational", f"The resource is {done}."), *written.warnings]
