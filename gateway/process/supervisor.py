"""Starts the roles, keeps them running, and ends them in order: the first one last."""

import gc
import logging
import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from gateway.process.child import Board, Role, live

GRACE_SECONDS: Final = 15.0
LAST_SECONDS: Final = 4.0
POLL_SECONDS: Final = 0.05
QUICK_SECONDS: Final = 5.0
MAX_PAUSE: Final = 5.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Child:
    """One role's process; `pid` 0 while it waits to be started anew at `due`."""

    role: Role
    pid: int = 0
    started: float = 0.0
    due: float = 0.0
    pause: float = 0.0


class Supervisor:
    """Forks the roles in their order. Nothing here may own a thread or a database handle."""

    def __init__(self, roles: Sequence[Role]) -> None:
        self._children = [Child(role) for role in roles]
        self._board = Board([role.name for role in roles])
        self._leash, self._held = os.pipe()
        self._stopping = False

    def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Run until SIGTERM or SIGINT, then end every role within 20 s."""
        wake, woken = os.pipe()
        os.set_blocking(woken, False)
        signal.set_wakeup_fd(woken)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        gc.collect()
        gc.freeze()
        told = False
        while not self._stopping:
            self._start_due()
            if not told and not self._board.waiting():
                told = True
                on_ready()
            if select.select([wake], [], [], POLL_SECONDS if not told else 1.0)[0]:
                os.read(wake, 4096)
            self._bury()
        self._end()

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _start_due(self) -> None:
        now = time.monotonic()
        for index, child in enumerate(self._children):
            if child.pid == 0 and child.due <= now:
                self._fork(index, child, now)

    def _fork(self, index: int, child: Child, now: float) -> None:
        child.started = now
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            os.close(self._held)
            self._close_others(child)
            live(child.role, index, self._board, self._leash)
        child.pid = pid

    def _close_others(self, child: Child) -> None:
        """Close the other roles' sockets: a connection that waits there must not wait for us."""
        for other in self._children:
            if other is not child:
                for one in other.role.sockets:
                    one.close()

    def _bury(self) -> None:
        """Take note of children that ended, and when to start each anew."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for index, child in enumerate(self._children):
                if child.pid == pid:
                    self._mourn(index, child, status)

    def _mourn(self, index: int, child: Child, status: int) -> None:
        self._board.put(index, ready=False)
        now = time.monotonic()
        lived = now - child.started
        # One that dies at once is started more and more slowly; one that had lived, at once.
        child.pause = 0.0 if lived > QUICK_SECONDS else min(max(child.pause * 2, 0.1), MAX_PAUSE)
        child.pid, child.due = 0, now + child.pause
        if not self._stopping:
            log.error(
                "%s: ended after %.0f s with %d, starts again",
                child.role.name,
                lived,
                os.waitstatus_to_exitcode(status),
            )

    def _end(self) -> None:
        first, *others = self._children
        self._finish(others, GRACE_SECONDS)
        self._finish([first], LAST_SECONDS)

    def _finish(self, children: Sequence[Child], grace: float) -> None:
        """Ask, wait, and end by force what does not go."""
        self._signal(children, signal.SIGTERM)
        end = time.monotonic() + grace
        while any(child.pid for child in children) and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
            self._bury()
        self._signal(children, signal.SIGKILL)
        while any(child.pid for child in children):
            time.sleep(POLL_SECONDS)
            self._bury()

    def _signal(self, children: Sequence[Child], number: int) -> None:
        for child in children:
            if child.pid:
                with suppress(ProcessLookupError):
                    os.kill(child.pid, number)
