"""Whether a Subscription may be stored as its campus sends it.

R4: "A client can only submit subscription resources in the requested or off state"
(https://hl7.org/fhir/R4/subscription-definitions.html#Subscription.status). The criteria are read
by what reads a search, so a name that search refuses is refused here.
"""

from typing import Any, Final

from gateway.access.actor import Actor
from gateway.errors import InvalidRequestError, Issue, UnprocessableError
from gateway.events.criteria import parsed
from gateway.events.wanted import wanted
from gateway.fhir.codec import Resource, decode
from gateway.interactions.door import Door, require
from gateway.store.stored import Stored

TYPE: Final = "Subscription"
SUBMITTED: Final = frozenset({"requested", "off"})
TARGET: Final = ("criteria", "_criteria", "channel")
"""Elements that say what is told and to whom."""


async def guard(door: Door, actor: Actor, current: Stored | None, after: Resource | None) -> None:
    """Pass a Subscription that can be served; UnprocessableError."""
    if after is None:
        return
    before = decode(current.json()) if current and not current.deleted else None
    if after.get("status") not in SUBMITTED and not is_kept(before, after):
        raise UnprocessableError(
            "A subscription is sent as requested or off; the gateway makes it active.",
            expression="Subscription.status",
        )
    for told, params in wanted(after, door.zone).criteria:
        require(actor, told, "r")
        require(actor, told, "s")
        try:
            await parsed(door, actor, told, params)
        except InvalidRequestError as error:
            issues = [
                Issue("error", one.code, one.text, "Subscription.criteria") for one in error.issues
            ]
            raise UnprocessableError(str(error), issues=issues) from error


def is_kept(before: Resource | None, after: Resource) -> bool:
    """Return whether a change leaves the status, what is told, and to whom, as they stand."""
    return before is not None and _core(before) == _core(after)


def _core(resource: Resource) -> list[Any]:
    return [resource.get(name) for name in ("status", *TARGET)]
