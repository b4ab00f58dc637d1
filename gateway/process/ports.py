"""Listening sockets, held by the supervisor over the restarts of its children."""

import socket


def listening(host: str, port: int, count: int) -> list[socket.socket]:
    """Return `count` sockets on one address, each with a queue of its own (SO_REUSEPORT).

    On one shared socket a process can take nearly every connection. Port 0 picks a free one, the
    same for all. OSError where the address is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
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
