import os
import socket
import time
import warnings

import pytest

from tests import tools


def test_the_zone_is_neither_utc_nor_that_of_the_consortium():
    assert time.strftime("%z") == "+0545"


def test_loopback_is_open(free_port):
    with socket.create_server(("127.0.0.1", free_port())) as server:
        socket.create_connection(server.getsockname()).close()


def test_the_world_is_closed():
    with pytest.raises(UserWarning, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)


def test_a_unix_socket_fits_its_folder(short_path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(short_path / "a-socket-of-some-role.sock"))


def test_a_warning_is_an_error():
    with pytest.raises(UserWarning):
        warnings.warn("mind the gap", stacklevel=1)


@pytest.mark.parametrize(("ci", "outcome"), [("", "Skipped"), ("true", "Failed")])
def test_what_is_absent_is_named_and_fails_in_ci(monkeypatch, ci, outcome):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setitem(tools.PRESENT, "moon", lambda: False)
    monkeypatch.setitem(tools.PRESENT, "sun", lambda: True)
    with pytest.raises(BaseException, match="absent: moon") as caught:
        tools.need("sun", "moon")
    assert caught.typename == outcome
    assert tools.absence(f"E   {caught.value}\n") == "absent: moon"


def test_another_reason_is_no_absence():
    assert not tools.absence("Skipped: not on this platform")
