"""FHIR update: PUT [base]/[type]/[id], also with a client's id, and PUT [base]/[type]?criteria.

https://hl7.org/fhir/R4/http.html#update
"""

from gateway.api.answer import Answer
from gateway.api.binary import resource_of
from gateway.api.call import Call
from gateway.api.create import told
from gateway.errors import InvalidRequestError
from gateway.interactions import conditional_update
from gateway.interactions import update as interaction
from gateway.interactions.preconditions import Preconditions


async def update(call: Call) -> Answer:
    """Return the resource after the update: 200, or 201 where it was not there."""
    given = preconditions(call)
    if call.id:
        call.refuse_params()
        body = await resource_of(call)
        written = await interaction.update(call.door, call.actor, call.type, call.id, body, given)
    else:
        params = call.criteria()
        body = await resource_of(call)
        written = await conditional_update.update(
            call.door, call.actor, call.type, body, params, given
        )
    return told(call, written)


def preconditions(call: Call) -> Preconditions:
    """Return what the caller says must be current."""
    if not call.header(b"if-match").strip() and b"if-match" in call.headers:
        # Whoever lost the tag on the way would overwrite what he meant to keep.
        raise InvalidRequestError("If-Match is empty.", expression="If-Match")
    return Preconditions(call.header(b"if-match"), call.header(b"if-none-match"))
