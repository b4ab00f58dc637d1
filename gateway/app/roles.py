"""The roles: what each process of a gateway runs until it is told to stop."""

import asyncio
import hashlib
import os
import ssl
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from socket import socket
from typing import Final

from gateway.app.door import address, close_door, microseconds, open_door
from gateway.bus.buckets import Buckets
from gateway.bus.bus import Bus
from gateway.errors import UnavailableError
from gateway.interactions.door import Door
from gateway.process import Context
from gateway.settings import Settings
from gateway.store.objects import Objects
from gateway.store.opening import join_store, tidy
from gateway.store.protocol import Store
from gateway.store.records import Batch
from gateway.store.service import Service

WRITES_SECONDS: Final = 1.0


Run = Callable[[Door], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Common:
    """What all processes of a gateway have in common, made before they are forked."""

    settings: Settings
    gateway: str
    buckets: Buckets


async def store(folder: Path, context: Context) -> None:
    """Write for all others; last to end."""
    task = asyncio.create_task(Service(folder, context.ready).run())
    stop = asyncio.create_task(context.stop.wait())
    await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _with_door(common: Common, work: Callable[[Door, Bus], Awaitable[None]]) -> None:
    settings = common.settings
    door = await open_door(settings, join_store(settings.data_dir, settings.database_url))
    # All that share a database share this key.
    database = hashlib.sha256(door.page_key).hexdigest()[:16]
    bus = Bus(door.store, common.buckets, settings.redis_url, database)
    bus.start()
    try:
        await work(door, bus)
    finally:
        await close_door(door)
        await bus.close()


async def api(common: Common, listener: socket, context: Context) -> None:
    """Answer HTTP."""
    from gateway.access.targets import Targets  # noqa: PLC0415
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

    settings = common.settings

    async def work(door: Door, bus: Bus) -> None:
        objects = LocalObjects(settings.data_dir)
        results = DoorResults(door, objects)
        catalogues = Catalogues(door.store, door.clock, zone=door.zone)
        recognitions = DoorRecognitions(door, catalogues, Recognition(door, catalogues))
        rates = DoorRates(door, catalogues)
        acts = Acts(DoorCriticals(door, results), recognitions, rates)
        pages = routes(results, DoorSessions(door), acts, lambda: datetime.now(door.zone))
        app = application(
            *(door, pages, _Readiness(door, context.waiting), objects),
            origins=settings.cors_origins,
            bus=bus,
            targets=Targets(settings.allowed_targets),
        )
        cert, key = settings.tls_cert, settings.tls_key
        tls = TLS(cert, key, settings.tls_client_ca) if cert and key else None
        context.ready()
        await serve_http(app, listener, context.stop, tls=tls)

    await _with_door(common, work)


async def mllp(common: Common, listener: socket, context: Context) -> None:
    """Take messages over MLLP."""
    from adapters.hl7v2.listener import Listener  # noqa: PLC0415
    from gateway.ingest.sink import MessageSink  # noqa: PLC0415

    settings = common.settings

    async def work(door: Door, _bus: Bus) -> None:
        serving = Listener(MessageSink(door), tls=tls_of(settings))
        await _until_stopped(context, serving.run(listener))

    await _with_door(common, work)


async def dicom(common: Common, listener: socket, context: Context) -> None:
    """Take objects over DICOM."""
    # Imported here and in this process alone: it brings threads.
    from adapters.dicom.listener import Listener  # noqa: PLC0415
    from gateway.imaging.sink import AssociationSink  # noqa: PLC0415
    from gateway.store.objects import LocalObjects  # noqa: PLC0415

    settings = common.settings

    async def work(door: Door, _bus: Bus) -> None:
        sink = AssociationSink(door, LocalObjects(settings.data_dir), settings.ae_title)
        serving = Listener(sink, ae_title=settings.ae_title, tls=tls_of(settings))
        await _until_stopped(context, serving.run(listener))

    await _with_door(common, work)


async def worker(common: Common, context: Context) -> None:
    """Do what nobody waits for: the inbox, studies, clocks."""
    from gateway.bulk.handlers import handlers  # noqa: PLC0415
    from gateway.bus.leases import Leases  # noqa: PLC0415
    from gateway.bus.outlook import Outlook  # noqa: PLC0415
    from gateway.imaging.janitor import Janitor  # noqa: PLC0415
    from gateway.jobs.runner import Runner  # noqa: PLC0415
    from gateway.store.objects import LocalObjects  # noqa: PLC0415

    async def work(door: Door, bus: Bus) -> None:
        objects = LocalObjects(common.settings.data_dir)
        leases = Leases(door.store, common.gateway, door.clock)
        alone = _alone(common.settings, door, objects)
        await _until_stopped(
            context,
            *(leases.hold(name, _through(door, run)) for name, run in alone.items()),
            # Every gateway clears its own folder, and tells of its own way to Redis.
            Janitor(door, objects).run(),
            Outlook(door.store, bus, common.gateway, door.clock).run(),
            *(tidy(url) for url in [common.settings.database_url] if url),
            # Each job has a lease of its own.
            Runner(door, objects, handlers(common.settings.allowed_targets)).run(),
        )

    await _with_door(common, work)


def _alone(settings: Settings, door: Door, objects: Objects) -> dict[str, Run]:
    """Return what one gateway alone may do where several share a database, by its lease.

    Each has its memory of a term, and so is made when the term begins.
    """
    from gateway.events.service import serving  # noqa: PLC0415
    from gateway.imaging.keeper import Keeper  # noqa: PLC0415
    from gateway.imaging.retake import Retaker  # noqa: PLC0415
    from gateway.ingest.worker import Worker  # noqa: PLC0415
    from gateway.interactions.reindex import Reindexer  # noqa: PLC0415
    from gateway.recognition.catalogue.registry import Catalogues  # noqa: PLC0415
    from gateway.recognition.catalogue.watch import Watch  # noqa: PLC0415
    from gateway.recognition.quality.rounds import Rounds  # noqa: PLC0415
    from gateway.workflow.critical.escalate import Escalation  # noqa: PLC0415

    catalogues = Catalogues(door.store, door.clock, zone=door.zone)
    return {
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


async def _until_stopped(context: Context, *running: Awaitable[None]) -> None:
    """Run all of these until the role is told to stop, or one of them fails."""
    tasks = [asyncio.ensure_future(one) for one in running]
    context.ready()
    stop = asyncio.create_task(context.stop.wait())
    await asyncio.wait({*tasks, stop}, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        if task.done():
            task.result()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _through(door: Door, run: Run) -> Callable[[Store], Awaitable[None]]:
    """Return the work that a part does through the store of a lease's term."""
    return lambda store: run(replace(door, store=store))


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """Return what TLS of MLLP and DICOM needs, None where it is off."""
    if not settings.tls_cert:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    if settings.tls_client_ca:
        context.load_verify_locations(settings.tls_client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


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
