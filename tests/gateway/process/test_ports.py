"""Listening sockets: one queue a process, and never another gateway's address."""

import socket

import pytest

from gateway.process import listening, ports


def test_each_process_has_a_socket_on_the_same_port():
    first, second = listening("127.0.0.1", 0, 2)
    with first, second:
        assert first.getsockname() == second.getsockname()


@pytest.mark.parametrize("reuse", [False, True])
def test_an_address_that_somebody_listens_on_is_refused(monkeypatch, reuse):
    """Another gateway's sockets allow sharing, and would share what is sent to it."""
    monkeypatch.setattr(ports, "LINGER_SECONDS", 0.1)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, reuse)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="is taken"):
            listening("127.0.0.1", other.getsockname()[1], 1)


def test_an_address_becomes_free_when_the_last_gateway_ends(free_port):
    port = free_port()
    (first,) = listening("127.0.0.1", port, 1)
    first.close()
    (second,) = listening("127.0.0.1", port, 1)
    with second:
        assert second.getsockname()[1] == port
