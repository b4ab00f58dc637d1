"""FHIR history: GET [base]/[type]/[id]/_history, [base]/[type]/_history, [base]/_history.

https://hl7.org/fhir/R4/http.html#history
"""

from gateway.api import bundles
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.interactions import history as interaction


async def history(call: Call) -> Answer:
    """Return a page of versions, newest first."""
    door, actor = call.door, call.actor
    if call.id:
        page = await interaction.history(door, actor, call.type, call.id, call.params)
    elif call.type:
        page = await interaction.history_of_type(door, actor, call.type, call.params)
    else:
        page = await interaction.history_of_all(door, actor, call.params)
    bundles.mark_page(page, call.params)
    place = "/".join(part for part in (call.type, call.id) if part)
    return Answer(bundles.history(page, call.base, place, call.look))
