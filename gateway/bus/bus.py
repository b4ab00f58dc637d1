"""One process's part in what several share: its connection to Redis, if one is set."""

from typing import TYPE_CHECKING, Final

from gateway.bus.allowance import Allowance
from gateway.bus.buckets import Buckets
from gateway.bus.limits import TAKE, Limits
from gateway.store.protocol import Store

if TYPE_CHECKING:
    from gateway.bus.link import Link

ALONE: Final = "alone"


class Bus:
    """`url` is HUTONG_REDIS_URL, "" for none; `name` is the same for all who share a database."""

    def __init__(self, store: Store, buckets: Buckets, url: str = "", name: str = ALONE) -> None:
        self._link = _link(store, url, name) if url else None
        self._limits = Limits(buckets, self._link)

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


def _link(store: Store, url: str, name: str) -> "Link":
    """Return the link to Redis, which carries notices where no store role does."""
    # Imported here: who has no Redis loads no client.
    from gateway.bus.link import Link  # noqa: PLC0415
    from gateway.bus.wakes import Wakes  # noqa: PLC0415

    link = Link(url, name, TAKE)
    if not store.single:
        Wakes(store.notices, link)
    return link
