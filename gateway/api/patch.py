"""FHIR patch: PATCH [base]/[type]/[id] and PATCH [base]/[type]?criteria.

https://hl7.org/fhir/R4/http.html#patch
"""

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.create import told
from gateway.api.update import preconditions
from gateway.interactions import patch as interaction


async def patch(call: Call) -> Answer:
    """Return the resource after the patch: 200, changed or not."""
    given = preconditions(call)
    if call.id:
        call.refuse_params()
    asked = interaction.read_patch(*await call.patch())
    if call.id:
        written = await interaction.patch(call.door, call.actor, call.type, call.id, asked, given)
    else:
        written = await interaction.patch_match(
            call.door, call.actor, call.type, asked, call.criteria(), given
        )
    return told(call, written)
