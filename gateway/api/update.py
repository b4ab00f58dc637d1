"""FHIR update: PUT [base]/[type]/[id], also with a client's id.

https://hl7.org/fhir/R4/http.html#update
"""

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.create import told
from gateway.errors import NotSupportedError
from gateway.interactions import update as interaction


async def update(call: Call) -> Answer:
    """Return the resource after the update: 200, or 201 where it was not there."""
    call.refuse_params()
    if b"if-none-match" in call.headers:
        raise NotSupportedError("An update takes If-Match alone.", expression="If-None-Match")
    body = await call.resource()
    written = await interaction.update(
        call.door, call.actor, call.type, call.id, body, call.header(b"if-match")
    )
    return told(call, written)
