"""What the handlers stand on, put together once by the application."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from starlette.types import Scope

from gateway.access.clients import Clients
from gateway.access.targets import Targets
from gateway.bus.bus import Bus
from gateway.errors import InvalidRequestError
from gateway.imaging.receive import Receiver
from gateway.ingest.http import Intake
from gateway.interactions.door import Door
from gateway.recognition.catalogue.registry import Catalogues
from gateway.recognition.service import Recognition
from gateway.store.objects import Objects

if TYPE_CHECKING:
    from gateway.api.metrics import Metrics
    from gateway.api.operations.operation import Handler, Operation, Route

Readiness = Callable[[], Awaitable[Sequence[str]]]
"""Names what is not ready yet: roles that do not listen, a store that does not write."""

HOST: Final = re.compile(rb"([A-Za-z0-9._~-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?")
MAX_HOSTS: Final = 64


@dataclass(frozen=True, slots=True)
class Service:
    """`interactions` and `operations` are of the route table, `started` is in µs since 1970.

    `open` are the handlers that ask for no token.
    """

    door: Door
    readiness: Readiness
    metrics: "Metrics"
    intake: Intake
    objects: Objects
    receiver: Receiver
    recognition: Recognition
    catalogues: Catalogues
    clients: Clients
    bus: Bus
    interactions: tuple[str, ...]
    operations: "tuple[Operation, ...]"
    routes: "tuple[Route, ...]"
    open: "frozenset[Handler]"
    started: int
    body_limit: int
    origins: frozenset[bytes]
    targets: Targets
    _doors: dict[tuple[str, bytes], Door] = field(default_factory=dict)

    def door_at(self, scope: Scope) -> Door:
        """Return the door with its address: the one that is set, else as the caller reached it."""
        if self.door.base:
            return self.door
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        found = self._doors.get((scope["scheme"], host))
        return found or self._new(scope, host)

    def _new(self, scope: Scope, host: bytes) -> Door:
        named = host or _listening(scope)
        if not HOST.fullmatch(named):
            raise InvalidRequestError("The Host header is not a host.", expression="Host")
        door = replace(self.door, base=f"{scope['scheme']}://{named.decode('ascii')}/fhir")
        if len(self._doors) < MAX_HOSTS:
            self._doors[scope["scheme"], host] = door
        return door


def _listening(scope: Scope) -> bytes:
    """Return the address that was connected to: HTTP/1.0 knows no Host."""
    name, port = scope["server"]
    return f"{name}:{port}".encode() if port else str(name).encode()
