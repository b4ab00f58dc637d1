"""FHIR history of one resource: GET [base]/[type]/[id]/_history.

https://hl7.org/fhir/R4/http.html#history
"""

from gateway.api import bundles
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.interactions import history as interaction


async def history(call: Call) -> Answer:
    """Return a page of versions, newest first."""
    page = await interaction.history(call.door, call.actor, call.type, call.id, call.params)
    bundles.mark_page(page, call.params)
    return Answer(bundles.history(page, call.base, f"{call.type}/{call.id}"))
