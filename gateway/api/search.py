"""FHIR search: GET [base]/[type]?… and POST [base]/[type]/_search.

https://hl7.org/fhir/R4/search.html
"""

from gateway.api import bundles
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.interactions import search as interaction
from gateway.interactions.context import withhold


async def search(call: Call) -> Answer:
    """Return a page of matches."""
    if call.method == "POST":
        # Parameters of the address and of the body count together.
        call.take(await call.form())
    page = await interaction.search(
        call.door, call.actor, call.type, call.params, lenient=call.prefer.lenient
    )
    withhold(call.door, call.actor, page)
    bundles.mark_page(page, call.params)
    return Answer(bundles.searchset(page, call.base, call.type, call.look))
