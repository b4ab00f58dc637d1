"""Starts what is measured: `hutong serve` in a folder of its own, and the yardstick beside it."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
HUTONG = Path(sys.executable).with_name("hutong")
PROCESSES = os.cpu_count() or 1
ADMINISTRATOR = "bench"
START_SECONDS = 60


@dataclass
class Gateway:
    """A gateway that runs: its ports, its folder, how long its start took."""

    port: int
    mllp_port: int
    dicom_port: int
    folder: Path
    environment: dict[str, str]
    process: int = 0
    ready_seconds: float = 0.0
    tokens: dict[str, str] = field(default_factory=dict)

    def command(self, *words: str) -> str:
        """Return what a command of the gateway prints."""
        return subprocess.run(  # noqa: S603 - the project's own command
            [HUTONG, *words], env=self.environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def add_campuses(self, *codes: str) -> None:
        """Add campuses, each with a token."""
        for code in codes:
            self.command("campus", "add", code, "--name", code, "--sender", code)
            self.tokens[code] = self.command("token", "issue", "--campus", code)

    def ask(self, method: str, path: str, *, token: str = "", body: bytes | None = None) -> bytes:
        """Return the body of an answer, which must not be an error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/fhir+json", "Authorization": f"Bearer {token}"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        assert answer.status < 400, text  # noqa: PLR2004 - where errors begin
        return text


@contextmanager
def gateway(**settings: str) -> Iterator[Gateway]:
    """Run a gateway as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="hutong-bench"))
    port, mllp_port, dicom_port = _free_port(), _free_port(), _free_port()
    names = ("PATH", "HOME", "PYTHONPATH", "HUTONG_DATABASE_URL")
    environment = {name: os.environ[name] for name in names if name in os.environ} | {
        "HUTONG_DATA_DIR": str(folder / "data"),
        "HUTONG_HTTP_PORT": str(port),
        "HUTONG_MLLP_PORT": str(mllp_port),
        "HUTONG_DICOM_PORT": str(dicom_port),
        "HUTONG_API_PROCESSES": str(PROCESSES),
        "HUTONG_BOOTSTRAP_TOKEN": ADMINISTRATOR,
        **settings,
    }
    # Told to stop, it still stops the gateway.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    start = time.perf_counter()
    log = (folder / "log").open("w")
    process = subprocess.Popen(  # noqa: S603 - the project's own command
        [HUTONG, "serve"], env=environment, stdout=log, stderr=log
    )
    found = Gateway(port, mllp_port, dicom_port, folder, environment, process.pid)
    try:
        _await(process, port, "/readyz")
        found.ready_seconds = time.perf_counter() - start
        yield found
    except BaseException:
        print((folder / "log").read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        _stop(process)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def bare(body: bytes) -> Iterator[tuple[int, int]]:
    """Run the yardstick as long as the block lasts; gives its port and its process."""
    port = _free_port()
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, ROOT / "bench" / "bare.py", str(port), str(PROCESSES), file.name]
        )
        try:
            _await(process, port, "/fhir/Bare/1")
            yield port, process.pid
        finally:
            _stop(process)


def report(name: str, figure: float, baseline: float | None, **more: Any) -> None:
    """Print the one line of JSON that a benchmark is for; `floor` and `aim` are in `more`."""
    line: dict[str, Any] = {"benchmark": name, "figure": round(figure, 1)}
    if baseline is not None:
        line |= {"baseline": round(baseline, 1), "ratio": round(figure / baseline, 3)}
    line |= {"cores": os.cpu_count()}
    print(json.dumps(line | more, ensure_ascii=False))


def _await(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    raise TimeoutError(path)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
