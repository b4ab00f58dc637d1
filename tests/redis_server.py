"""A redis-server on a free port, keeping nothing: killed, held up and started again at will."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import tools
from tests.waiting import eventually


class RedisServer:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = tools.free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return once it answers."""
        address = "--bind", "127.0.0.1", "--port", str(self.port)
        keeping = "--save", "", "--appendonly", "no", "--dir", str(self.folder)
        self._process = subprocess.Popen(
            ["redis-server", *address, *keeping],  # noqa: S607 - wherever it is installed
            stdout=subprocess.DEVNULL,
        )
        eventually(self._answers)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def kill(self) -> None:
        """Let it die without a word, with all that it held."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def hold_up(self) -> None:
        """Let it answer nobody, its connections open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def let_go(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        if self._process is not None:
            self.kill()


@contextmanager
def redis_server(folder: Path) -> Iterator[RedisServer]:
    """Run one for the time of a block."""
    server = RedisServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.end()
