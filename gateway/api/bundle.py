"""FHIR batch and transaction: POST [base].

https://hl7.org/fhir/R4/http.html#transaction
"""

from gateway.api import bundles
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.interactions import bundle as interaction


async def bundle(call: Call) -> Answer:
    """Return a Bundle with an answer to each entry."""
    call.refuse_params()
    body = await call.resource()
    kind, results = await interaction.bundle(call.door, call.actor, body)
    with_resources = call.prefer.returns == "representation"
    return Answer(bundles.responses(kind, results, call.base, with_resources=with_resources))
