"""What an $import is asked for, and how it gets at the files."""

import secrets
from dataclasses import replace
from typing import Any, Final

import msgspec

from gateway.access.actor import Actor
from gateway.access.targets import Target, Targets
from gateway.bulk.load import Loader, Source
from gateway.bulk.source import fetched
from gateway.errors import GatewayError
from gateway.interactions.door import Door
from gateway.jobs.run import Run

KIND: Final = "import"
INPUT: Final = "input"


class Input(msgspec.Struct):
    """A file to fetch, and the type that its lines must have ("" any)."""

    type: str
    url: str


class Order(msgspec.Struct):
    """What was asked for; no `inputs` where the files came with the request."""

    address: str
    base: str
    inputs: list[Input] = []

    @property
    def request(self) -> dict[str, Any]:
        """The JSON that a job keeps."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


class Importer:
    """The handler of imports: fetches what is named by address, then loads everything."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets

    async def __call__(self, run: Run) -> dict[str, Any]:
        """Do an import; return what the manifest says besides its files."""
        order = msgspec.convert(run.job.request, Order)
        await self._fetch(run, order)
        sources = [
            Source(digest, size, type_, about)
            for _, part, type_, about, _, size, digest in _files(run)
            if part == INPUT
        ]
        told = await Loader(run, order.base, sources).load()
        return {**told, "request": order.address}

    async def _fetch(self, run: Run, order: Order) -> None:
        """Keep the files that are named by address, each once."""
        here = sum(part == INPUT for _, part, *_ in _files(run))
        for index, one in enumerate(order.inputs[here:], here):
            try:
                target = await judged(self._targets, run.door, run.actor, one.url)
                digest, size = await fetched(run.objects, target)
            except GatewayError as error:
                raise placed(error, index) from error
            file = (run.job.id, secrets.token_hex(16), INPUT, one.type, one.url, 0, size, digest)
            await run.save({"fetched": index + 1}, 0, [("job_file_add", file)])


async def judged(targets: Targets, door: Door, actor: Actor, url: str) -> Target:
    """Return where a url leads, if the actor's campus may have it fetched; TargetError."""
    campus = door.directory.campus_by_id(actor.campus)
    return await targets.judged(url, campus.networks if campus else ())


def placed(error: GatewayError, index: int) -> GatewayError:
    """Return an error that names which input it is about."""
    error.issues = tuple(replace(one, expression=f"input[{index}].url") for one in error.issues)
    return error


def _files(run: Run) -> list[Any]:
    return run.door.store.fetch("job_files", (run.job.id,))
