"""FHIR delete: DELETE [base]/[type]/[id] and DELETE [base]/[type]?criteria.

https://hl7.org/fhir/R4/http.html#delete
"""

from gateway.api.answer import Answer, version_headers
from gateway.api.call import Call
from gateway.api.update import preconditions
from gateway.interactions import conditional_delete
from gateway.interactions import delete as interaction


async def delete(call: Call) -> Answer:
    """Return 204, also where nothing was there."""
    given = preconditions(call)
    if call.id:
        call.refuse_params()
        stored = await interaction.delete(call.door, call.actor, call.type, call.id, given)
    else:
        stored = await conditional_delete.delete(
            call.door, call.actor, call.type, call.criteria(), given
        )
    return Answer(status=204, headers=version_headers(stored) if stored else ())
