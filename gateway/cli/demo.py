"""`hutong demo`: the gateway with a whole county that works on it, simulated over real sockets."""

import asyncio
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout, suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Annotated, Final

import typer
from typer.exceptions import TyperException

from fixtures.consortium import CAMPUSES, agreement
from fixtures.consortium.history import World
from fixtures.consortium.run import Address, Tally, simulate, utc_now
from gateway.cli.main import app as commands
from gateway.settings import Settings

app = typer.Typer(help="Run the gateway with a simulated county.")

FOLDER: Final = "hutong-demo"
MARKER: Final = "made-by-hutong-demo"
PORTS: Final = {"HUTONG_HTTP_PORT": 8080, "HUTONG_MLLP_PORT": 2575, "HUTONG_DICOM_PORT": 11112}
READY_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
READER: Final = "XY"
"""The campus whose doctor looks at the page: the county hospital."""


@app.command()
def demo(
    patients: Annotated[int, typer.Option(help="How many people the county has.", min=10)] = 120,
    pace: Annotated[float, typer.Option(help="Seconds between reports after the loading.")] = 2.0,
    seed: Annotated[int, typer.Option(help="The same seed and day give the same county.")] = 1,
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the loading.")] = False,
) -> None:
    """Run the gateway in a folder of its own with a simulated county, until told to stop."""
    environment = _environment()
    folder = Path(environment["HUTONG_DATA_DIR"])
    _claim(folder)
    settings = Settings.from_environment(environment)
    gateway = subprocess.Popen([*_command(), "serve"], env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        _wait_until_ready(settings, gateway)
        tokens = _introduce(environment)
        asyncio.run(_work(settings, tokens, (seed, patients, 0.0 if once else pace)))
    finally:
        _stop(gateway)


def _environment() -> dict[str, str]:
    """Return the environment of the gateway: where a default port is taken, a free one."""
    environment = dict(os.environ)
    environment["HUTONG_DATA_DIR"] = str(
        Path(environment.get("HUTONG_DATA_DIR") or FOLDER).absolute()
    )
    # Everything of the demonstration is in its folder.
    environment.pop("HUTONG_DATABASE_URL", None)
    # The HIS that is told of reports listens on this machine.
    environment.setdefault("HUTONG_ALLOWED_TARGETS", "127.0.0.0/8")
    host = environment.get("HUTONG_HOST") or "127.0.0.1"
    for name, port in PORTS.items():
        if not environment.get(name):
            environment[name] = str(_free(host, port))
    return environment


def _free(host: str, port: int) -> int:
    with socket.socket() as one:
        try:
            one.bind((host, port))
        except OSError:
            one.bind((host, 0))
        return int(one.getsockname()[1])


def _claim(folder: Path) -> None:
    """Make the folder, or take one that the demo made before; data of others are left alone."""
    if folder.exists() and not (folder / MARKER).exists() and any(folder.iterdir()):
        text = f"{folder} holds data that are not the demo's; name another folder."
        raise TyperException(text)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()


def _command() -> list[str]:
    return [sys.executable, "-m", "gateway.cli"]


def _wait_until_ready(settings: Settings, gateway: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if gateway.poll() is not None:
            raise TyperException("The gateway did not start.")
        with suppress(OSError):
            urllib.request.urlopen(f"{_base(settings)}/readyz", timeout=2).close()  # noqa: S310 - http
            return
        time.sleep(0.1)
    raise TyperException("The gateway does not get ready.")


def _base(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.http_port}"


def _introduce(environment: Mapping[str, str]) -> dict[str, str]:
    """Add the campuses that are not there yet; return a new token for each."""
    os.environ.update(environment)
    known = _hutong("campus", "list")
    tokens = {}
    for number, campus in enumerate(CAMPUSES, 1):
        _show(number, len(CAMPUSES), f"adding {campus.name}")
        titles = [f"--ae-title={campus.ae_title(modality)}" for modality in campus.stations]
        if campus.code not in known.split():
            _hutong(
                "campus", "add", campus.code, "--name", campus.name, "--mark", campus.mark,
                "--zone", campus.zone, "--charset", campus.charset, "--sender", campus.sender,
                *titles,
            )  # fmt: skip
        elif titles:
            # A folder of before its stations were thought of.
            _hutong("campus", "set", campus.code, *titles)
        tokens[campus.code] = _hutong("token", "issue", "--campus", campus.code, "--name", "demo")
    if agreement.APPROVER not in _hutong("catalogue", "list"):
        _agree()
    return tokens


def _agree() -> None:
    """Import the county's catalogue, with its codes and prices, and the proofs of quality."""
    with tempfile.TemporaryDirectory() as folder:
        codes, proofs = Path(folder, "catalogue.json"), Path(folder, "quality.json")
        _hutong("catalogue", "export", str(codes))
        bundle = agreement.catalogue(json.loads(codes.read_bytes()))
        codes.write_text(json.dumps(bundle), encoding="utf-8")
        _hutong("catalogue", "import", str(codes))
        proofs.write_text(
            json.dumps(agreement.evidence(bundle, utc_now().date())), encoding="utf-8"
        )
        _hutong("quality", "import", str(proofs))
        escalation, by = Path(folder, "critical.json"), f"--approver={agreement.APPROVER}"
        for campus, settings in agreement.ESCALATIONS.items():
            escalation.write_text(json.dumps(agreement.escalation(settings)), encoding="utf-8")
            _hutong("critical", "import", str(escalation), f"--campus={campus}", by)


def _hutong(*arguments: str) -> str:
    """Return what a command prints; here, since a process of its own takes half a second."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            commands(arguments)
        except SystemExit as exit_:
            if exit_.code:
                text = err.getvalue().strip() or f"hutong {arguments[0]} failed"
                raise TyperException(text) from exit_
    return out.getvalue().strip()


async def _work(settings: Settings, tokens: dict[str, str], run: tuple[int, int, float]) -> Tally:
    seed, patients, pace = run
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    address = Address(
        settings.host,
        settings.mllp_port,
        _base(settings),
        tokens,
        dicom_port=settings.dicom_port,
        ae_title=settings.ae_title,
    )
    screen = Screen(settings, tokens[READER], World(seed, patients, utc_now()))
    working = asyncio.create_task(
        simulate(
            address, seed=seed, patients=patients, pace=pace, progress=screen.progress, stop=stop
        )
    )
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if not working.done():
        # A gateway that no longer answers must not hold up the end.
        await asyncio.wait({working}, timeout=5)
        working.cancel()
        return Tally()
    stopping.cancel()
    tally = working.result()
    if pace == 0:
        screen.welcome()
    return tally


class Screen:
    """Shows the loading as one line that moves, then where to look, then what goes on."""

    def __init__(self, settings: Settings, token: str, world: World) -> None:
        self._base = _base(settings)
        self._token = token
        self._world = world
        self._welcomed = False

    def progress(self, done: int, total: int, text: str) -> None:
        """Show how far the loading is; at the steady pace, the last report."""
        if total:
            _show(done, total, text)
            return
        if not self._welcomed:
            self.welcome()
        if sys.stdout.isatty():
            print(f"\r\033[K{time.strftime('%H:%M:%S')} {text}", end="", flush=True)

    def welcome(self) -> None:
        """Say where the page is, with which token, and three queries to begin with."""
        self._welcomed = True
        lines = [
            "",
            "",
            f"page      {self._base}/",
            f"critical  {self._base}/critical",
            f"token     {self._token}",
            "",
            "Three queries to begin with:",
            "",
        ]
        header = shlex.quote(f"Authorization: Bearer {self._token}")
        lines += [
            f"curl -sgH {header} {shlex.quote(self._base + '/fhir/' + query)}\n"
            for query in self._queries()
        ]
        print("\n".join(lines), flush=True)

    def _queries(self) -> list[str]:
        # The newest answered order, best one of another campus and of a person known at several.
        order = max(
            (report.order for report in self._world.history if report.editions),
            key=lambda order: (order.crosses, len(order.person.numbers) > 1, order.at),
        )
        system, number = f"{order.campus.prefix}:placer", order.number
        patient = f"{order.campus.prefix}:pid|{order.person.numbers[order.campus.code]}"
        since = (self._world.midnight - timedelta(days=30)).date()
        return [
            f"Patient?identifier={patient}",
            f"ServiceRequest?identifier={system}|{number}&_revinclude=DiagnosticReport:based-on",
            f"Observation?patient.identifier={patient}&date=ge{since}&_sort=-date&_count=20",
        ]


def _show(done: int, total: int, text: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\033[K{done}/{total} {text}", end="", flush=True)
    elif done == total or done % 200 == 1:
        print(f"{done}/{total} {text}", flush=True)


def _stop(gateway: subprocess.Popen[bytes]) -> None:
    gateway.send_signal(signal.SIGTERM)
    try:
        gateway.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        gateway.kill()
        gateway.wait()
