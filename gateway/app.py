"""The only place where the parts are wired together: settings in, roles out."""

import asyncio
import logging
import os
import secrets
import shutil
import ssl
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from socket import gethostname, socket
from typing import Any

from gateway.access.audit import Recorder
from gateway.access.directory import Directory
from gateway.errors import UnavailableError
from gateway.interactions.door import Door
from gateway.process import Context, Role, Supervisor, listening
from gateway.settings import Settings, SettingsError
from gateway.store.migrate import migrate
from gateway.store.opening import join_store
from gateway.store.protocol import Store
from gateway.store.records import Batch
from gateway.store.service import BusyError, Service, lock

PAGE_KEY = "page-key"
WRITES_SECONDS = 1.0
STATIONS = 2
"""Processes that take DICOM: the store writes no faster than two of them send."""
FLUSH_SECONDS = 5.0
"""How long a role that ends waits for the store to take its last records."""
CLAIM_SECONDS = 10.0
"""A command that writes in the folder just now is soon done."""


def microseconds() -> int:
    """Return the time in microseconds since 1970."""
    return time.time_ns() // 1000


async def open_door(settings: Settings, store: Store) -> Door:
    """Return the door to a store, as the settings say."""
    from gateway.events import follow as subscriptions  # noqa: PLC0415
    from gateway.events.guard import guard  # noqa: PLC0415
    from gateway.recognition.catalogue.registry import Catalogues  # noqa: PLC0415
    from gateway.recognition.ledger.ordering import Ordering  # noqa: PLC0415
    from gateway.recognition.quality.follow import Freezing  # noqa: PLC0415
    from gateway.recognition.quality.registry import Evidences  # noqa: PLC0415
    from gateway.recognition.recall import contradiction  # noqa: PLC0415
    from gateway.recognition.recall import follow as recall  # noqa: PLC0415
    from gateway.workflow.critical import follow as critical  # noqa: PLC0415

    base = f"{settings.public_url}/fhir" if settings.public_url else ""
    catalogues = Catalogues(store, microseconds, zone=settings.timezone)
    return Door(
        store=store,
        directory=Directory(
            store,
            bootstrap_token=settings.bootstrap_token,
            open_campus=settings.open_campus,
        ),
        recorder=Recorder(store),
        zone=settings.timezone,
        clock=microseconds,
        page_key=await _page_key(store),
        base=base,
        followers=(
            critical.follower,
            recall.follower,
            contradiction.follower,
            Ordering(catalogues).follower,
            Freezing(catalogues, Evidences(store)).follower,
            subscriptions.follower,
        ),
        guards=(guard,),
    )


async def close_door(door: Door) -> None:
    """Write what waits, and let go of the store.

    Where the store was killed with the supervisor nobody would ever take it: a kill loses it.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(FLUSH_SECONDS):
            await door.recorder.close()
    await door.store.close()


async def _page_key(store: Store) -> bytes:
    """Return the key that seals page tokens, the same in all processes and after a restart."""
    found = store.fetch("setting", (PAGE_KEY,))
    while not found:
        made = secrets.token_hex(32)
        await store.submit(Batch(os.urandom(16), statements=[("setting_make", (PAGE_KEY, made))]))
        found = store.fetch("setting", (PAGE_KEY,))
    return bytes.fromhex(found[0][0])


def address(settings: Settings) -> str:
    """Return where the gateway is reached, for people."""
    if settings.public_url:
        return settings.public_url
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if settings.tls_cert else 'http'}://{host}:{settings.http_port}"


def log_to_stderr() -> None:
    """Write one line an event: when, how grave, from where, what. Never a patient's data."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # It would write every address that is called, with what stands in it.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def serve(settings: Settings, on_ready: Callable[[], None] = lambda: None) -> None:
    """Run every role until SIGTERM; OSError if an address is taken, BusyError if a folder is."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    log_to_stderr()
    _try_tls(settings)
    _apart(lambda: _claim(settings.data_dir))
    api = listening(settings.host, settings.http_port, settings.api_processes)
    mllp = listening(settings.host, settings.mllp_port, 1)
    dicom = listening(settings.host, settings.dicom_port, min(settings.api_processes, STATIONS))
    _share_figures(settings.data_dir / "metrics")
    _import()
    roles = [
        Role("store", partial(_store, settings.data_dir)),
        *(
            Role(f"api-{number}", partial(_api, settings, one), (one,))
            for number, one in enumerate(api, 1)
        ),
        Role("mllp", partial(_mllp, settings, mllp[0]), (mllp[0],)),
        *(
            Role(f"dicom-{number}", partial(_dicom, settings, one), (one,))
            for number, one in enumerate(dicom, 1)
        ),
        Role("worker", partial(_worker, settings, _gateway_name())),
    ]
    Supervisor(roles).run(on_ready)


def _gateway_name() -> str:
    """Return what this gateway is called among others: its machine, and a name of this start."""
    return f"{gethostname()} {secrets.token_hex(4)}"


def _claim(folder: Path) -> None:
    """Bring the schema up to date, and see that no other gateway writes there."""
    end = time.monotonic() + CLAIM_SECONDS
    while True:
        try:
            migrate(folder)
            os.close(lock(folder))
        except BusyError:
            if time.monotonic() > end:
                sys.exit(f"hutong: another gateway runs in {folder}")
            time.sleep(0.1)
        else:
            return


def _share_figures(folder: Path) -> None:
    """Let the api processes add up what they count; before the counters are made."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _apart(work: Callable[[], None]) -> None:
    """Do work in a process of its own, so that no database handle is left in this one."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except SystemExit as told:
            sys.stderr.write(f"{told.code}\n")
            os._exit(1)
        except OSError as error:
            sys.stderr.write(f"hutong: the data folder cannot be used: {error}\n")
            os._exit(1)
        except BaseException:
            logging.getLogger(__name__).critical("the data folder cannot be used", exc_info=True)
            os._exit(1)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        sys.exit(1)


def _import() -> None:
    """Import once what every child would import by itself."""
    from gateway.api import application, server  # noqa: F401, PLC0415
    from gateway.ingest import sink, worker  # noqa: F401, PLC0415
    from gateway.recognition.recall import contradiction, follow  # noqa: F401, PLC0415
    from gateway.web import routes  # noqa: F401, PLC0415


# The roles.


async def _store(folder: Path, context: Context) -> None:
    task = asyncio.create_task(Service(folder, context.ready).run())
    stop = asyncio.create_task(context.stop.wait())
    await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _with_door(settings: Settings, work: Callable[[Door], Awaitable[None]]) -> None:
    door = await open_door(settings, join_store(settings.data_dir))
    try:
        await work(door)
    finally:
        await close_door(door)


async def _api(settings: Settings, listener: socket, context: Context) -> None:
    from gateway.api.application import application  # noqa: PLC0415
    from gateway.api.server import TLS  # noqa: PLC0415
    from gateway.api.server import serve as serve_http  # noqa: PLC0415
    from gateway.recognition.catalogue.registry import Catalogues  # noqa: PLC0415
    from gateway.recognition.service import Recognition  # noqa: PLC0415
    from gateway.store.objects import LocalObjects  # noqa: PLC0415
    from gateway.web.acts import Acts  # noqa: PLC0415
    from gateway.web.criticals import DoorCriticals  # noqa: PLC0415
    from gateway.web.rates import DoorRates  # noqa: PLC0415
    from gateway.web.recognitions import DoorRecognitions  # noqa: PLC0415
    from gateway.web.results import DoorResults  # noqa: PLC0415
    from gateway.web.routes import routes  # noqa: PLC0415
    from gateway.web.sessions import DoorSessions  # noqa: PLC0415

    async def work(door: Door) -> None:
        objects = LocalObjects(settings.data_dir)
        results = DoorResults(door, objects)
        catalogues = Catalogues(door.store, door.clock, zone=door.zone)
        recognitions = DoorRecognitions(door, catalogues, Recognition(door, catalogues))
        rates = DoorRates(door, catalogues)
        acts = Acts(DoorCriticals(door, results), recognitions, rates)
        pages = routes(results, DoorSessions(door), acts, lambda: datetime.now(door.zone))
        ready = _Readiness(door, context.waiting)
        app = application(door, pages, ready, objects, origins=settings.cors_origins)
        tls = None
        if settings.tls_cert and settings.tls_key:
            tls = TLS(settings.tls_cert, settings.tls_key, settings.tls_client_ca)
        context.ready()
        await serve_http(app, listener, context.stop, tls=tls)

    await _with_door(settings, work)


async def _mllp(settings: Settings, listener: socket, context: Context) -> None:
    from adapters.hl7v2.listener import Listener  # noqa: PLC0415
    from gateway.ingest.sink import MessageSink  # noqa: PLC0415

    async def work(door: Door) -> None:
        serving = Listener(MessageSink(door), tls=_tls(settings))
        await _run([serving.run(listener)], context)

    await _with_door(settings, work)


async def _dicom(settings: Settings, listener: socket, context: Context) -> None:
    # Imported here and in this process alone: it brings threads.
    from adapters.dicom.listener import Listener  # noqa: PLC0415
    from gateway.imaging.sink import AssociationSink  # noqa: PLC0415
    from gateway.store.objects import LocalObjects  # noqa: PLC0415

    async def work(door: Door) -> None:
        sink = AssociationSink(door, LocalObjects(settings.data_dir), settings.ae_title)
        serving = Listener(sink, ae_title=settings.ae_title, tls=_tls(settings))
        await _run([serving.run(listener)], context)

    await _with_door(settings, work)


async def _worker(settings: Settings, gateway: str, context: Context) -> None:
    from gateway.bulk.export import export  # noqa: PLC0415
    from gateway.bus.leases import Leases  # noqa: PLC0415
    from gateway.events.service import serving  # noqa: PLC0415
    from gateway.imaging.janitor import Janitor  # noqa: PLC0415
    from gateway.imaging.keeper import Keeper  # noqa: PLC0415
    from gateway.imaging.retake import Retaker  # noqa: PLC0415
    from gateway.ingest.worker import Worker  # noqa: PLC0415
    from gateway.interactions.reindex import Reindexer  # noqa: PLC0415
    from gateway.jobs.runner import Runner  # noqa: PLC0415
    from gateway.recognition.catalogue.registry import Catalogues  # noqa: PLC0415
    from gateway.recognition.catalogue.watch import Watch  # noqa: PLC0415
    from gateway.recognition.quality.rounds import Rounds  # noqa: PLC0415
    from gateway.store.objects import LocalObjects  # noqa: PLC0415
    from gateway.workflow.critical.escalate import Escalation  # noqa: PLC0415

    async def work(door: Door) -> None:
        objects = LocalObjects(settings.data_dir)
        catalogues = Catalogues(door.store, door.clock, zone=door.zone)
        # What one gateway alone may do where several share a database, each with its own memory
        # of a term: so it is made when the term begins.
        alone: dict[str, Callable[[Door], Awaitable[None]]] = {
            "ingest": lambda door: Worker(door, {"dicom": Retaker(door, objects)}).run(),
            "imaging": lambda door: Keeper(door, f"{address(settings)}/dicom-web").run(),
            "catalogue": lambda door: Watch(door, catalogues).run(),
            "quality": lambda door: Rounds(door, catalogues).run(),
            "reindex": lambda door: Reindexer(door).run(),
            "critical": lambda door: Escalation(door).run(),
            "subscriptions": serving(
                f"{address(settings)}/fhir",
                (settings.allowed_targets, settings.targets_ca),
                settings.subscription_patience,
            ),
        }
        leases = Leases(door.store, gateway, door.clock)
        running = [leases.hold(name, _through(door, run)) for name, run in alone.items()]
        # Every gateway clears its own folder.
        running.append(Janitor(door, objects).run())
        # Each job has a lease of its own.
        running.append(Runner(door, objects, {"export": export}).run())
        await _run(running, context)

    await _with_door(settings, work)


async def _run(parts: Iterable[Coroutine[Any, Any, None]], context: Context) -> None:
    """Run the parts of a role until it is stopped, or one of them fails."""
    tasks = [asyncio.create_task(one) for one in parts]
    context.ready()
    stop = asyncio.create_task(context.stop.wait())
    await asyncio.wait({*tasks, stop}, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        if task.done():
            task.result()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _through(
    door: Door, run: Callable[[Door], Awaitable[None]]
) -> Callable[[Store], Awaitable[None]]:
    """Return the work that a part does through the store of a lease's term."""
    return lambda store: run(replace(door, store=store))


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if not settings.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    if settings.tls_client_ca:
        context.load_verify_locations(settings.tls_client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _try_tls(settings: Settings) -> None:
    """Raise SettingsError where a file holds no certificate or key, before any role needs it."""
    try:
        _tls(settings)
        if settings.targets_ca:
            ssl.create_default_context(cafile=settings.targets_ca)
    except (ssl.SSLError, OSError) as error:
        names = "HUTONG_TLS_CERT, HUTONG_TLS_KEY, HUTONG_TLS_CLIENT_CA or HUTONG_TARGETS_CA"
        raise SettingsError(f"{names} cannot be used: {error}") from error


class _Readiness:
    """Names the roles that do not listen, and the store if it does not write."""

    def __init__(self, door: Door, waiting: Callable[[], list[str]]) -> None:
        self._door = door
        self._waiting = waiting
        self._written = 0.0

    async def __call__(self) -> list[str]:
        missing = self._waiting()
        if not missing and time.monotonic() - self._written > WRITES_SECONDS:
            try:
                written = ("setting_put", ("written", str(microseconds())))
                await self._door.store.submit(Batch(os.urandom(16), statements=[written]))
            except UnavailableError:
                return ["store"]
            self._written = time.monotonic()
        return missing
