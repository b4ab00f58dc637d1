"""Roles are started, restarted, and ended in order."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE, eventually

ROLES = Path(__file__).with_name("roles.py")


@pytest.fixture
def options():
    return ()


@pytest.fixture
def supervisor(tmp_path, options):
    process = subprocess.Popen(
        [sys.executable, str(ROLES), str(tmp_path), *options], stderr=subprocess.DEVNULL
    )
    try:
        eventually((tmp_path / "ready").exists)
        yield process
    finally:
        process.kill()
        process.wait()


def notes(folder, what):
    lines = (folder / "log").read_text().splitlines()
    return [line.split()[1:] for line in lines if line.startswith(what)]


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_role_that_was_killed_starts_again(supervisor, tmp_path):
    (pid,) = [pid for name, pid in notes(tmp_path, "started") if name == "other-1"]
    os.kill(int(pid), signal.SIGKILL)
    eventually(lambda: [name for name, _ in notes(tmp_path, "started")].count("other-1") == 2)
    assert supervisor.poll() is None


def test_all_end_when_told_and_the_first_role_last(supervisor, tmp_path):
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(PATIENCE) == 0
    ended = [name for name, _ in notes(tmp_path, "stopped")]
    assert sorted(ended) == ["first", "other-0", "other-1"]
    assert ended[-1] == "first"


def test_control_c_ends_all_in_the_same_order(supervisor, tmp_path):
    for _, pid in notes(tmp_path, "started"):
        os.kill(int(pid), signal.SIGINT)  # as a terminal would, to the whole group
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(PATIENCE) == 0
    assert [name for name, _ in notes(tmp_path, "stopped")][-1] == "first"


def test_roles_end_when_their_supervisor_is_killed(supervisor, tmp_path):
    pids = [pid for _, pid in notes(tmp_path, "started")]
    supervisor.kill()
    eventually(lambda: not any(alive(pid) for pid in pids))


@pytest.mark.parametrize("options", [("stuck",)])
def test_a_role_that_hangs_ends_without_its_supervisor_too(supervisor, tmp_path):
    ((_, pid),) = [one for one in notes(tmp_path, "started") if one[0] == "stuck"]
    supervisor.kill()
    eventually(lambda: "stuck" in [name for name, _ in notes(tmp_path, "stopped")])
    eventually(lambda: not alive(pid))


def test_a_process_shows_its_role(supervisor, tmp_path):
    for name, pid in notes(tmp_path, "started"):
        assert Path(f"/proc/{pid}/comm").read_text().strip() == f"hutong-{name}"
    assert supervisor.poll() is None
