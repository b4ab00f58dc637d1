"""SMART configuration: what a client may find out about tokens before it has one.

https://hl7.org/fhir/smart-app-launch/STU2/conformance.html. Tokens are issued by those who run the
gateway, to campuses (`hutong token issue`): there is no authorization server, and none is named.
"""

from typing import Final

from gateway.access.scopes import NAMED
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.fhir.codec import encode

JSON: Final = b"application/json"
SCOPES: Final = ("system/*.cruds", "user/*.cruds", *sorted(NAMED))
CAPABILITIES: Final = ("permission-user", "permission-v2")


async def smart_configuration(call: Call) -> Answer:
    """Return the document."""
    call.refuse_params()
    told = {
        "grant_types_supported": [],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": [],
        "scopes_supported": SCOPES,
        "capabilities": CAPABILITIES,
    }
    return Answer(encode(told), kind=JSON)
