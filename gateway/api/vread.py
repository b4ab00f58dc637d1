"""FHIR vread: GET [base]/[type]/[id]/_history/[vid].

https://hl7.org/fhir/R4/http.html#vread
"""

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.read import shown
from gateway.interactions import read as interaction


async def vread(call: Call) -> Answer:
    """Return one version."""
    call.refuse_params()
    return shown(
        call, await interaction.vread(call.door, call.actor, call.type, call.id, call.version)
    )
