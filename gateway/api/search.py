"""FHIR search: on a type, in a compartment, over all types; by GET or by a form.

https://hl7.org/fhir/R4/http.html#search
"""

from gateway.api import bundles
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.errors import NotFoundError
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions import search as interaction


async def search(call: Call) -> Answer:
    """Return a page of matches."""
    if call.method == "POST":
        # Parameters of the address and of the body count together.
        call.take(await call.form())
    if call.member and call.member != "*" and call.member not in TYPE_IDS:
        raise NotFoundError("There is no such address.")
    place = "/".join(part for part in (call.type, call.id, call.member) if part) or "*"
    page = await interaction.search(
        call.door, call.actor, place, call.params, lenient=call.prefer.lenient
    )
    bundles.mark_page(page, call.params)
    return Answer(bundles.searchset(page, call.base, "" if place == "*" else place))
