"""Who calls: the bearer token, the acting person, and the campus that an administrator names.

RFC 6750. Calls without a valid token are counted by address (DESIGN §3, "Audit").
"""

from typing import Final

from gateway.access.actor import Actor
from gateway.api.call import Call, text_of
from gateway.errors import InvalidRequestError, ThrottledError, UnauthenticatedError

SCHEME: Final = b"bearer "
MAX_PERSON: Final = 200


def actor_of(call: Call) -> Actor:
    """Return who calls; UnauthenticatedError without a valid token."""
    header = call.headers.get(b"authorization", b"")
    if header[:7].lower() != SCHEME:
        raise UnauthenticatedError("Send a token: Authorization: Bearer TOKEN.")
    bearer = header[7:].strip().decode("latin-1")
    campus = call.headers.get(b"x-hutong-campus")
    if b"x-hutong-actor" not in call.headers and campus is None:
        return call.door.directory.actor(bearer)
    return call.door.directory.actor(
        bearer, person=person_of(call), campus=(campus or b"").decode("latin-1").strip()
    )


async def admit(call: Call) -> None:
    """Pass whoever calls; ThrottledError where the campus calls more often than it may."""
    asked = call.actor.allowance
    if asked is not None and (seconds := await call.service.bus.wait(asked)):
        raise ThrottledError("The campus asks more often than it may.", seconds=seconds)


def person_of(call: Call) -> str:
    """Return the acting person that a call names, "" if it names none."""
    name = text_of(call.headers.get(b"x-hutong-actor", b""))
    if len(name) > MAX_PERSON or not name.isprintable():
        raise InvalidRequestError(
            f"X-Hutong-Actor is a name of at most {MAX_PERSON} characters.",
            expression="X-Hutong-Actor",
        )
    return name
