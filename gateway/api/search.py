"""FHIR search: on a type, in a compartment, over all types; by GET or by a form.

https://hl7.org/fhir/R4/http.html#search
"""

from gateway.api import bundles
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.interactions import search as interaction
from gateway.interactions.context import withhold
from gateway.interactions.look import detailed


async def search(call: Call) -> Answer:
    """Return a page of matches."""
    if call.method == "POST":
        # Parameters of the address and of the body count together.
        call.take(await call.form())
    door, actor, lenient = call.door, call.actor, call.prefer.lenient
    call.params = detailed(call.look, call.params)
    place = f"{call.type}/{call.id}/{call.member}" if call.member else call.type or "*"
    page = await interaction.search(door, actor, place, call.params, lenient=lenient)
    withhold(call.door, call.actor, page)
    bundles.mark_page(page, call.params)
    address = "" if place == "*" else place
    return Answer(bundles.searchset(page, call.base, address, call.look))
