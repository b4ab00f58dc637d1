"""One child: a role that runs until it is told to stop or its supervisor is gone."""

import asyncio
import gc
import logging
import mmap
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Final

import uvloop

log = logging.getLogger(__name__)

END_SECONDS: Final = 20.0
"""A role that was told to stop is gone after so long, whatever it hangs in (DESIGN §3)."""
COLLECT = 50_000, 20, 100
EXIT_FAILED = 70
"""sysexits.h: an internal error."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a role is given: when to stop, how to say that it is ready, what all have said."""

    stop: asyncio.Event
    ready: Callable[[], None]
    waiting: Callable[[], list[str]]


Run = Callable[[Context], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Role:
    """A name, what it runs, and the sockets that are its own."""

    name: str
    run: Run
    sockets: tuple[socket, ...] = ()


class Board:
    """A byte a role, shared by all processes: 1 when it is ready."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._bytes = mmap.mmap(-1, max(len(names), 1))

    def put(self, index: int, *, ready: bool) -> None:
        """Say whether a role is ready."""
        self._bytes[index] = int(ready)

    def waiting(self) -> list[str]:
        """Return the roles that are not ready."""
        states = self._bytes[: len(self._names)]
        return [name for name, ready in zip(self._names, states, strict=True) if not ready]


def live(role: Role, index: int, board: Board, leash: int) -> None:
    """Run a role in this process and exit; the leash closes when the supervisor is gone."""
    # Control-C reaches the whole group; the supervisor alone answers, so that the store ends last.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    name_process(role.name)
    # What a request makes is freed by counting; the collector looks for cycles less often.
    gc.set_threshold(*COLLECT)
    code = EXIT_FAILED
    try:
        uvloop.run(_run(role, index, board, leash))
        code = 0
    except BaseException:
        log.critical("%s: failed", role.name, exc_info=True)
    finally:
        sys.stderr.flush()
        os._exit(code)


def name_process(role: str) -> None:
    """Show the role in ps and top: proc(5), 15 characters."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(f"hutong-{role}"[:15], encoding="ascii")


async def _run(role: Role, index: int, board: Board, leash: int) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def told() -> None:
        # The leash stays readable once it is closed.
        loop.remove_reader(leash)
        if not stop.is_set():
            stop.set()
            _end_at_last()

    loop.add_signal_handler(signal.SIGTERM, told)
    loop.add_reader(leash, told)
    context = Context(stop, lambda: board.put(index, ready=True), board.waiting)
    await role.run(context)


def _end_at_last() -> None:
    """End the process in a while, beside the event loop: what hangs may hang in it."""
    end = threading.Timer(END_SECONDS, os._exit, (EXIT_FAILED,))
    end.daemon = True
    end.start()
