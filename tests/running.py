"""A whole gateway in a temporary folder: started by its own command, reached by its own sockets."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests import tools

READY_SECONDS = 120.0
STOP_SECONDS = 60.0
ANSWER_SECONDS = 60.0
BOOTSTRAP = "bootstrap-of-a-test"


class Gateway:
    """One `hutong serve`; `tokens` by campus code."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.mllp_port = tools.free_port()
        self.http_port = tools.free_port()
        self.dicom_port = tools.free_port()
        self.url = f"http://127.0.0.1:{self.http_port}"
        self.log = folder.with_suffix(".log")
        self.tokens: dict[str, str] = {}
        self.environment = {
            **os.environ,
            "HUTONG_DATA_DIR": str(folder),
            "HUTONG_HTTP_PORT": str(self.http_port),
            "HUTONG_MLLP_PORT": str(self.mllp_port),
            "HUTONG_DICOM_PORT": str(self.dicom_port),
            "HUTONG_BOOTSTRAP_TOKEN": BOOTSTRAP,
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.orphans: list[int] = []

    def start(self) -> None:
        """Return once every role listens."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start, and do not wait."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway.cli", "serve"],
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def wait_until_ready(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if self.process is not None and self.process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.05)
        raise AssertionError(f"not ready:\n{self.log.read_text()[-4000:]}")

    def _answers(self) -> bool:
        """Return whether it is ready: whom a kill left behind answers too until it has ended."""
        if any(map(_lives, self.orphans)):
            return False
        try:
            return httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> int:
        """Stop as an operator would; return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        self.process = None
        return code

    def kill(self) -> None:
        """Kill the supervisor; its children end by themselves."""
        assert self.process is not None
        self.orphans = [child for its in self.roles().values() for child in its]
        self.process.kill()
        self.process.wait()
        self.process = None

    def roles(self) -> dict[int, list[int]]:
        """Return the process ids of the children, in the order of their start, by supervisor."""
        assert self.process is not None
        pid = self.process.pid
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return {pid: sorted(int(one) for one in text.split())}

    def command(self, *arguments: str, code: int = 0) -> str:
        """Run `hutong` on the folder and return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "gateway.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done.stdout.strip()

    def campus(self, code: str, *options: str, name: str = "") -> str:
        """Add a campus and return a token of its."""
        self.command("campus", "add", code, "--name", name or f"医院{code}", *options)
        self.tokens[code] = self.command("token", "issue", "--campus", code)
        return self.tokens[code]

    def get(self, campus: str, path: str, **params: str) -> httpx.Response:
        """Ask as a campus."""
        return httpx.get(
            f"{self.url}{path}",
            params=params or None,
            headers=self.as_campus(campus),
            timeout=ANSWER_SECONDS,
        )

    def post(self, campus: str, path: str, resource: Any) -> httpx.Response:
        """Send a resource as a campus."""
        return httpx.post(
            f"{self.url}{path}",
            json=resource,
            headers=self.as_campus(campus),
            timeout=ANSWER_SECONDS,
        )

    def as_campus(self, campus: str) -> Mapping[str, str]:
        return {
            "Authorization": f"Bearer {self.tokens[campus]}",
            "Content-Type": "application/fhir+json",
        }


@contextmanager
def gateway(folder: Path, **settings: str) -> Iterator[Gateway]:
    """Run a gateway for the time of a block."""
    running = Gateway(folder, **settings)
    running.start()
    try:
        yield running
    finally:
        if running.process is not None:
            running.stop()


def entries(response: httpx.Response, resource_type: str) -> list[dict[str, Any]]:
    """Return the resources of one type in a Bundle."""
    assert response.status_code == 200, response.text
    return [
        entry["resource"]
        for entry in response.json().get("entry", [])
        if entry["resource"]["resourceType"] == resource_type
    ]


def _lives(process: int) -> bool:
    """Return whether a process runs: one that ended may wait to be taken note of (proc(5))."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
