"""Listening sockets, held by the supervisor over the restarts of its children."""

import errno
import socket
import time
from typing import Final

LINGER_SECONDS: Final = 5.0
"""How long the processes of a gateway that was killed may still hold its sockets."""


def listening(host: str, port: int, count: int) -> list[socket.socket]:
    """Return `count` sockets on one address, each with a queue of its own (SO_REUSEPORT).

    On one shared socket a process can take nearly every connection. Port 0 picks a free one, the
    same for all. OSError where the address is taken, by another gateway too: the two would share
    its connections, and each would keep half of what is sent in a folder of its own.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    _refuse_taken(family, host, port)
    sockets: list[socket.socket] = []
    for _ in range(count):
        one = socket.socket(family, socket.SOCK_STREAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind((host, sockets[0].getsockname()[1] if sockets else port))
        one.listen(1024)
        one.setblocking(False)  # noqa: FBT003 - the socket's own signature
        sockets.append(one)
    return sockets


def _refuse_taken(family: socket.AddressFamily, host: str, port: int) -> None:
    """Raise OSError if somebody listens there; SO_REUSEPORT alone would not tell."""
    end = time.monotonic() + LINGER_SECONDS
    while not _is_free(family, host, port):
        if time.monotonic() > end:
            text = f"port {port} of {host} is taken"
            raise OSError(errno.EADDRINUSE, text)
        time.sleep(0.1)


def _is_free(family: socket.AddressFamily, host: str, port: int) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True
