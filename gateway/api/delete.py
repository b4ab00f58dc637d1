"""FHIR delete: DELETE [base]/[type]/[id].

https://hl7.org/fhir/R4/http.html#delete
"""

from gateway.api.answer import Answer, version_headers
from gateway.api.call import Call
from gateway.interactions import delete as interaction


async def delete(call: Call) -> Answer:
    """Return 204, also where nothing was there."""
    call.refuse_params()
    stored = await interaction.delete(
        call.door, call.actor, call.type, call.id, call.header(b"if-match")
    )
    return Answer(status=204, headers=version_headers(stored) if stored else ())
