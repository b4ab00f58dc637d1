"""Tools, services and data that a test may need, and what happens where one is absent.

    @pytest.mark.needs("chromium", "cjk-font")
    def test_a_page(): ...

Absent, the test is skipped and the closing summary names it; with CI=true it fails.
"""

import os
import random
import re
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = (ROOT / os.environ.get("HUTONG_SHARED", "../shared")).resolve()
FONTS = Path("/usr/share/fonts")
PORTS = range(20_000, 32_000)


def _program(name: str) -> Callable[[], bool]:
    return lambda: shutil.which(name) is not None


PRESENT: dict[str, Callable[[], bool]] = {
    "shared data": (SHARED / "data").is_dir,
    "chromium": _program("chromium"),
    "cjk-font": lambda: any(FONTS.rglob("NotoSansCJK*")),
    "dcmtk": _program("dcmdump"),
    "git": _program("git"),
    "postgresql": lambda: (
        any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb") is not None
    ),
    "fhir-kit-client": (ROOT / "node_modules" / "fhir-kit-client").is_dir,
    "redis-server": _program("redis-server"),
    "node": lambda: Path(sys.prefix, "bin", "node").exists(),
}


def need(*names: str) -> None:
    """Return where all of these are here; else skip the test, or fail it with CI=true."""
    missing = [name for name in names if not PRESENT[name]()]
    if not missing:
        return
    words = f"absent: {', '.join(missing)}"
    if os.environ.get("CI") == "true":
        pytest.fail(words, pytrace=False)
    pytest.skip(words)


def absence(report: str) -> str:
    """Return `absent: ...` if this is what the report of a test says, else nothing."""
    found = re.search(r"absent: [\w, -]+", report)
    return found.group() if found else ""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on now, and each one once.

    It lies below those that the kernel gives to the calling ends of connections: such a port may
    be taken before the test listens there, by a caller who waits for it to be listened on even.
    """
    for port in _ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def _shuffled_ports() -> Iterator[int]:
    """Ports of a range, shuffled: other runs of the tests on this machine take others."""
    ports = list(PORTS)
    random.Random(os.getpid() ^ time.time_ns()).shuffle(ports)  # noqa: S311 - no secret
    yield from ports


_ports = _shuffled_ports()
