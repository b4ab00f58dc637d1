"""One process's part in what several share: its connection to Redis, if one is set."""

from typing import Final

from gateway.bus.allowance import Allowance
from gateway.bus.buckets import Buckets
from gateway.bus.limits import TAKE, Limits
from gateway.bus.link import Link
from gateway.bus.wakes import Wakes
from gateway.store.protocol import Store

ALONE: Final = "alone"


class Bus:
    """`url` is HUTONG_REDIS_URL, "" for none; `name` is the same for all who share a database."""

    def __init__(self, store: Store, buckets: Buckets, url: str = "", name: str = ALONE) -> None:
        self._link = Link(url, name, TAKE) if url else None
        self._limits = Limits(buckets, self._link)
        self._wakes = Wakes(store.notices, self._link) if self._link and not store.single else None

    @property
    def connected(self) -> bool | None:
        """Whether Redis is there; None where none is set."""
        return self._link.connected if self._link else None

    async def wait(self, asked: Allowance) -> float:
        """Return the seconds after which to ask again; 0 where the request is allowed."""
        return await self._limits.wait(asked)

    def start(self) -> None:
        """Connect, some time soon; in the event loop that runs."""
        if self._link is not None:
            self._link.start()

    async def close(self) -> None:
        """Hang up."""
        if self._link is not None:
            await self._link.close()
