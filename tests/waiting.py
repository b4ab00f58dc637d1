"""Waiting for what another task, thread, process or page brings about.

A test waits until it has come about, never for a time in which it ought to. How fast the gateway
is, bench/ measures: the machine of a test may be busy with much else.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

PATIENCE = 60.0
"""Seconds after which what did not come about is a failure."""
SLACK = 5.0
"""Seconds by which a busy machine may be late, where a rule names a time."""
PAUSE = 0.02

T = TypeVar("T")


def eventually(found: Callable[[], T], seconds: float = PATIENCE) -> T:
    """Return the first answer that is not empty."""
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(PAUSE)
    return value


async def until(found: Callable[[], Awaitable[T] | T], seconds: float = PATIENCE) -> Any:
    """Return the first answer that is not empty, while other tasks go on."""
    end = time.monotonic() + seconds
    while True:
        value = found()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < end, "it did not come about"
        await asyncio.sleep(PAUSE)
