"""Opens the door to a store, as the settings say, and closes it."""

import asyncio
import os
import secrets
import time
from contextlib import suppress
from typing import Final

from gateway.access.audit import Recorder
from gateway.access.directory import Directory
from gateway.interactions.door import Door
from gateway.settings import Settings
from gateway.store.protocol import Store
from gateway.store.records import Batch

PAGE_KEY: Final = "page-key"
FLUSH_SECONDS: Final = 5.0
"""How long a role that ends waits for the store to take its last records."""


def microseconds() -> int:
    """Return the time in microseconds since 1970."""
    return time.time_ns() // 1000


async def open_door(settings: Settings, store: Store) -> Door:
    """Return the door to a store, as the settings say."""
    from gateway.events import follow as subscriptions  # noqa: PLC0415
    from gateway.events.guard import TYPE, guard  # noqa: PLC0415
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
        guards=((TYPE, guard),),
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
