"""Places for messages on their way: who answers late, or not at all, holds up nobody else.

Each campus has places of its own, of three kinds: for those who are greeted, for those who answered
in time when they were told last, and for those who did not. An address has a few of each kind.
"""

from asyncio import Semaphore
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from gateway.events.follow import REQUESTED
from gateway.events.subscriber import Subscriber

Kind = Literal["new", "late", "prompt"]

OF_CAMPUS: Final[dict[Kind, int]] = {"new": 32, "late": 8, "prompt": 32}
AT_ONE_ADDRESS: Final[dict[Kind, int]] = {"new": 16, "late": 4, "prompt": 8}


class Places:
    """The places of all campuses."""

    def __init__(self) -> None:
        self._taken: WeakValueDictionary[tuple[int | str, ...], Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, one: Subscriber) -> AsyncIterator[None]:
        """Wait for a subscriber's place, and keep it for the block."""
        kind = _kind(one)
        address = urlsplit(one.wanted.endpoint).netloc
        few = self._taken.setdefault((one.campus, kind, address), Semaphore(AT_ONE_ADDRESS[kind]))
        places = self._taken.setdefault((one.campus, kind), Semaphore(OF_CAMPUS[kind]))
        async with few, places:
            yield


def _kind(one: Subscriber) -> Kind:
    if one.state == REQUESTED:
        return "new"
    return "late" if one.failures or one.is_slow else "prompt"
