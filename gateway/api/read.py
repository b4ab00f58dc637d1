"""FHIR read: GET [base]/[type]/[id], also conditional.

https://hl7.org/fhir/R4/http.html#read
"""

from gateway.api.answer import Answer, version_headers
from gateway.api.binary import as_content
from gateway.api.call import Call
from gateway.interactions import read as interaction
from gateway.store.stored import Stored


async def read(call: Call) -> Answer:
    """Return the current version, or 304 where the client has it already."""
    call.refuse_params()
    return shown(call, await interaction.read(call.door, call.actor, call.type, call.id))


def shown(call: Call, stored: Stored) -> Answer:
    """Return a version as it is given out."""
    headers = version_headers(stored)
    if _is_known(call, stored):
        return Answer(status=304, headers=headers)
    if stored.type == "Binary" and (content := as_content(call, stored, headers)):
        return content
    return Answer(call.look.json(stored), headers=headers)


def _is_known(call: Call, stored: Stored) -> bool:
    if b"if-none-match" not in call.headers and b"if-modified-since" not in call.headers:
        return False
    return interaction.is_known(
        call.door, stored, call.header(b"if-none-match"), call.header(b"if-modified-since")
    )
