"""FHIR search: GET [base]/[type]?… and POST [base]/[type]/_search.

https://hl7.org/fhir/R4/search.html
"""

from typing import Final

from gateway.api import bundles
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.interactions import search as interaction
from gateway.interactions.context import withhold

DETACHED: Final = frozenset({"component", "series"})
"""Elements within which a search leaves something out unless asked."""


async def search(call: Call) -> Answer:
    """Return a page of matches."""
    if call.method == "POST":
        # Parameters of the address and of the body count together.
        call.take(await call.form())
    door, actor, lenient = call.door, call.actor, call.prefer.lenient
    if call.look.elements & DETACHED and not any(name == "_detail" for name, _ in call.params):
        # Whoever names what a search leaves out wants it (DESIGN §3, "Detached parts").
        call.params.append(("_detail", "full"))
    page = await interaction.search(door, actor, call.type, call.params, lenient=lenient)
    withhold(call.door, call.actor, page)
    bundles.mark_page(page, call.params)
    return Answer(bundles.searchset(page, call.base, call.type, call.look))
