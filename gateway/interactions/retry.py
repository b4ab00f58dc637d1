"""A write that was prepared on what has changed since is prepared again.

DESIGN §3, "Group commit": the writer hands a stale batch back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from weakref import WeakValueDictionary

from gateway.errors import ConflictError, GatewayError, UnavailableError
from gateway.fhir.definitions import TYPE_NAMES
from gateway.interactions.ahead import closely
from gateway.interactions.place import at
from gateway.store.records import Stale, StaleError

ATTEMPTS: Final = 32

T = TypeVar("T")


_turns: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()


async def retried(attempt: Callable[[], Awaitable[T]], *, final: frozenset[str] = frozenset()) -> T:
    """Return what the attempt gives; the reasons in `final` are not tried again.

    Those of this process that stumbled over the same resource try again one after the other.
    """
    try:
        return await attempt()
    except StaleError as error:
        stale, place = error.stale, error.place
    async with _turns.setdefault((stale.type, stale.id), asyncio.Lock()):
        for _ in range(ATTEMPTS):
            if stale.why in final:
                break
            before = stale
            try:
                with closely():
                    return await attempt()
            except StaleError as error:
                stale, place = error.stale, error.place
            if stale == before and stale.why == "claim":
                break  # prepared anew it claims the same: it names its id itself
    with at(place):
        raise refusal(stale)


def refusal(stale: Stale) -> GatewayError:
    """Return the error that tells a caller what stands against its write."""
    if stale.why == "claim":
        name = f"{TYPE_NAMES[stale.type]}/{stale.id}"
        return ConflictError(
            f"{name} has this identifier already.",
            expression=f"{TYPE_NAMES[stale.type]}.identifier",
        )
    return UnavailableError("The resource is being written by many at once; send it again.")
