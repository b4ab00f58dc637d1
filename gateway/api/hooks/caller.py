"""Who calls a hook: a campus's token, or a client that signs.

https://cds-hooks.hl7.org/2.0/#trusting-cds-clients
"""

from gateway.access.clients import Caller
from gateway.api.call import Call
from gateway.api.caller import SCHEME, actor_of, admit, person_of
from gateway.errors import ForbiddenError, UnauthenticatedError


async def caller_of(call: Call) -> Caller:
    """Return who calls, who may ask for recognition; UnauthenticatedError, ForbiddenError."""
    try:
        caller = Caller(actor_of(call))
    except UnauthenticatedError:
        token = call.headers.get(b"authorization", b"")[len(SCHEME) :].strip().decode("latin-1")
        # Our own tokens have no dots, a JWT has two.
        if token.count(".") != 2:  # noqa: PLR2004 - header.claims.signature
            raise
        addresses = _addresses(call)
        caller = await call.service.clients.caller(token, addresses, person=person_of(call))
    call.actor = caller.actor
    await admit(call)
    if not caller.actor.has("recognition"):
        raise ForbiddenError("The token's scopes do not allow recognition.")
    return caller


def _addresses(call: Call) -> list[str]:
    """Return what `aud` may name: the address that is called, without query or final slash."""
    own = call.root + call.scope["path"].rstrip("/")
    return [own, own.removesuffix("/feedback")]
