"""The way of one process to Redis: connected anew whenever it breaks, never waited for.

https://redis.io/docs/latest/develop/pubsub/. Commands of one moment travel together on one
connection, what is published comes in on another.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from gateway.bus.limits import LinkError

PATIENCE: Final = 0.25
"""Seconds that a command may take before Redis counts as gone."""
BEAT: Final = 2.0
"""Seconds of silence after which Redis is asked whether it is there."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
ROOM: Final = 1000
"""Commands that may wait; more are refused."""

Command = tuple[bytes | str | int, ...]
Waiting = tuple[Command, asyncio.Future[Any] | None]

log = logging.getLogger(__name__)


class Link:
    """One process's connection. `name` keeps those apart who share a Redis and no database."""

    def __init__(self, url: str, name: str, script: str) -> None:
        self._client = Redis.from_url(
            url,
            protocol=2,
            socket_connect_timeout=BEAT,
            socket_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self._prefix = f"hutong:{name}"
        self._script = script
        self._sha = ""
        self._waiting: list[Waiting] = []
        self._pause = FIRST_PAUSE
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._heard: Callable[[bytes], None] = lambda _: None
        self.connected = False

    def listen(self, heard: Callable[[bytes], None]) -> None:
        """Call `heard` with what others publish, and what this process does."""
        self._heard = heard

    def publish(self, body: bytes) -> bool:
        """Send to all who listen, some time soon; False where Redis is away."""
        return self._put(("PUBLISH", f"{self._prefix}:notices", body), None)

    async def run_script(self, key: str, arguments: Sequence[int]) -> Any:
        """Return what the script says of a key; LinkError."""
        answer = asyncio.get_running_loop().create_future()
        command: Command = ("EVALSHA", self._sha, 1, f"{self._prefix}:{key}", *arguments)
        if not self._put(command, answer):
            raise LinkError
        return await answer

    def start(self) -> None:
        """Connect, and keep connected; in the event loop that runs."""
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            try:
                await self._session()
            except (RedisError, OSError) as error:
                if self._pause == FIRST_PAUSE:
                    log.warning("bus: Redis is away: %s", type(error).__name__)
            except Exception:
                # A defect, of a listener perhaps: the process must not be without Redis for good.
                log.exception("bus: the connection ended")
            finally:
                self._forget(self._waiting)
                self._waiting = []
            # Several processes, and gateways, lose it in the same moment.
            await asyncio.sleep(self._pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            self._pause = min(self._pause * 2, LONGEST_PAUSE)

    async def close(self) -> None:
        """Hang up."""
        if self._task is not None:
            await _end([self._task])
        await self._client.aclose()

    def _put(self, command: Command, answer: asyncio.Future[Any] | None) -> bool:
        if not self.connected or len(self._waiting) >= ROOM:
            return False
        self._waiting.append((command, answer))
        self._wake.set()
        return True

    def _forget(self, group: Sequence[Waiting]) -> None:
        """Take note that Redis is away, and tell whoever waits."""
        self.connected = False
        for _, answer in group:
            _settle(answer, LinkError())

    async def _session(self) -> None:
        """Talk until something breaks, which is raised."""
        pubsub = self._client.pubsub(ignore_subscribe_messages=True)
        tasks: list[asyncio.Task[None]] = []
        try:
            self._sha = str(await self._client.script_load(self._script))
            await pubsub.subscribe(f"{self._prefix}:notices")
            self.connected, self._pause = True, FIRST_PAUSE
            log.info("bus: Redis is there")
            tasks = [asyncio.create_task(one) for one in (self._hear(pubsub), self._talk())]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await _end(tasks)
            with suppress(RedisError, OSError):
                await pubsub.aclose()  # type: ignore[no-untyped-call]
            await self._client.connection_pool.disconnect()

    async def _hear(self, pubsub: PubSub) -> None:
        asked = False
        while True:
            message = await pubsub.get_message(timeout=BEAT)
            if message is not None:
                asked = False
                if message["type"] == "message":
                    self._heard(message["data"])
            elif asked:
                raise ConnectionError
            else:
                asked = True
                await pubsub.ping()

    async def _talk(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            group, self._waiting = self._waiting, []
            try:
                async with self._client.pipeline(transaction=False) as pipeline:
                    for command, _ in group:
                        pipeline.execute_command(*command)
                    answers = await pipeline.execute(raise_on_error=False)
            except BaseException:
                self._forget(group)
                raise
            for (_, waiting), answer in zip(group, answers, strict=True):
                if isinstance(answer, NoScriptError):
                    self._forget(group)
                    raise answer
                _settle(waiting, answer)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: one that just reads an answer may not notice."""
    while left := [one for one in tasks if not one.done()]:
        for task in left:
            task.cancel()
        await asyncio.wait(left, timeout=PATIENCE)
    await asyncio.gather(*tasks, return_exceptions=True)


def _settle(waiting: asyncio.Future[Any] | None, answer: Any) -> None:
    if waiting is None or waiting.done():
        return
    if isinstance(answer, Exception):
        waiting.set_exception(LinkError())
    else:
        waiting.set_result(answer)
