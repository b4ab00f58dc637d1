"""Limits of how often a campus may ask, over all processes and, with Redis, all machines.

Off unless set. Without Redis, or while it is away, each machine counts by itself.
"""

from typing import TYPE_CHECKING, Final

from gateway.bus.allowance import Allowance
from gateway.bus.buckets import Buckets

if TYPE_CHECKING:
    from gateway.bus.link import Link

SECOND: Final = 1_000_000

TAKE: Final = """
local t = redis.call('TIME')
local now, period = t[1] * 1000000 + t[2], tonumber(ARGV[1])
local interval = period / tonumber(ARGV[2])
local full = tonumber(redis.call('GET', KEYS[1]) or 0)
full = math.min(math.max(full, now), now + period)
local wait = math.floor(full - now - (period - interval) + 0.5)
if wait > 0 then return wait end
full = full + interval
redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', math.ceil((full - now) / 1000))
return 0
"""
"""`allowance.taken` by the clock of Redis, so that those of the machines need not agree."""


class LinkError(Exception):
    """Redis is away, or refused: whoever asked does without."""


class Limits:
    """Asks Redis where it is there, else the machine's own buckets."""

    def __init__(self, buckets: Buckets, link: "Link | None" = None) -> None:
        self._buckets = buckets
        self._link = link

    async def wait(self, asked: Allowance) -> float:
        """Return the seconds after which to ask again; 0 where the request is allowed."""
        if self._link is not None and self._link.connected:
            try:
                key = f"rate:{asked.campus}"
                wait = await self._link.run_script(key, (asked.period, asked.most))
                return int(wait) / SECOND
            except LinkError:
                # The machine counts by itself, from a full bucket on.
                pass
        return self._buckets.take(asked) / SECOND
