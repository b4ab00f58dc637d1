"""What an administrative command works with: settings, store, directory, and who runs it."""

import asyncio
import getpass
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from typer.exceptions import TyperException

from gateway.access.actor import Actor, administrator
from gateway.access.audit import Action, event
from gateway.access.campus import Campus
from gateway.access.directory import Directory
from gateway.settings import Settings
from gateway.store.protocol import Store
from gateway.store.records import Batch, Commit, Statement

T = TypeVar("T")

CONFIG: Final = ("config", "")
"""The notice that makes all processes read the directory anew."""


class CommandError(TyperException):
    """Why a command did nothing, in one line; exit code 1."""


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command."""

    settings: Settings
    store: Store
    directory: Directory
    actor: Actor

    def campus(self, code: str) -> Campus:
        """Return the campus, or say that there is none."""
        campus = self.directory.campus(code)
        if campus is None:
            raise CommandError(f"There is no campus {code}; hutong campus list shows all.")
        return campus

    async def change(
        self,
        action: Action,
        entities: Iterable[str],
        statements: Iterable[Statement],
        *,
        reason: str = "",
        notices: Iterable[tuple[str, str]] = (CONFIG,),
    ) -> Commit:
        """Return once the change and the record of it are durable, and everybody is told."""
        return await self.store.submit(
            Batch(
                ticket=os.urandom(16),
                statements=list(statements),
                audit=[event(self.actor, action, entities, reason=reason)],
                notices=list(notices),
            )
        )


def run(work: Callable[[Session], Awaitable[T]]) -> T:
    """Return what the work gives on the data folder, beside a running gateway or without one."""

    async def inner() -> T:
        async with _opened() as session:
            return await work(session)

    return asyncio.run(inner())


def now() -> int:
    """Return the time in microseconds since 1970."""
    return time.time_ns() // 1000


@asynccontextmanager
async def _opened() -> AsyncIterator[Session]:
    # Imported here, so that help and mistakes in the arguments are told at once.
    from gateway.store.opening import open_to_change  # noqa: PLC0415

    settings = Settings.from_environment(os.environ)
    store = await open_to_change(settings.data_dir, settings.database_url)
    try:
        directory = Directory(store, open_campus=settings.open_campus)
        yield Session(settings, store, directory, administrator(person=_person(), name="command"))
    finally:
        await store.close()


def _person() -> str:
    """Return who runs the command, as this machine knows them."""
    try:
        user = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        user = f"user {os.getuid()}"
    return f"{user}@{socket.gethostname()}"
