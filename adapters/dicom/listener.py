"""C-STORE and C-ECHO as a service class provider (PS3.4 annexes A and B, PS3.7, PS3.8).

pynetdicom talks in threads of its own; what becomes of a call and of an object is settled in the
event loop, by the sink.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from pynetdicom import AE, evt
from pynetdicom.presentation import build_context
from pynetdicom.transport import AddressInformation

from adapters.dicom.delivery import Admission, Call, Delivered, ObjectSink
from adapters.dicom.faults import ResourceError
from adapters.dicom.upper_layer import MAX_PDU, Acceptor, DataSet
from adapters.hl7v2.conversation import name_of

if TYPE_CHECKING:
    from pynetdicom.dimse_primitives import C_STORE

VERIFICATION: Final = "1.2.840.10008.1.1"
SUCCESS: Final = 0x0000
CANNOT_UNDERSTAND: Final = 0xC000
FAILED: Final = 0x0110
SINK_SECONDS: Final = 120.0
POLL: Final = 0.05

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What peers may ask for."""

    associations: int = 64
    """At one time in one process."""
    of_one_title: int = 16
    """Of these, so that one station that forgets to hang up leaves room for the others."""
    negotiation_seconds: float = 30
    idle_seconds: float = 600
    grace_seconds: float = 10
    """What is left for objects in hand when the listener stops."""


class Listener:
    """One listening port. It knows the wire; what becomes of an object is the sink's business."""

    def __init__(
        self,
        sink: ObjectSink,
        *,
        ae_title: str,
        limits: Limits | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._sink = sink
        self._limits = limits or Limits()
        self._tls = tls
        self._associations: set[Acceptor] = set()
        self._greetings: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop
        self._ae = AE(ae_title)
        self._ae.maximum_pdu_size = MAX_PDU
        self._ae.acse_timeout = self._limits.negotiation_seconds
        self._ae.network_timeout = self._limits.idle_seconds
        # Counted here: what is refused for another reason must not fill the places.
        self._ae.maximum_associations = 1_000_000

    async def run(self, *sockets: socket.socket) -> None:
        """Serve the bound sockets until cancelled; then finish what is in hand and hang up."""
        self._loop = asyncio.get_running_loop()
        tasks = [asyncio.create_task(self._accept(one)) for one in sockets]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in (*tasks, *self._greetings):
                task.cancel()
            await self._stop()

    async def _accept(self, listening: socket.socket) -> None:
        while True:
            connection, address = await self._loop.sock_accept(listening)
            # Beside the others: a peer may take its time over the TLS handshake.
            task = asyncio.create_task(self._greet(connection, address))
            self._greetings.add(task)
            task.add_done_callback(self._greetings.discard)

    async def _greet(self, connection: socket.socket, address: Any) -> None:
        try:
            await self._loop.run_in_executor(None, self._start, connection, address)
        except (OSError, RuntimeError) as error:
            log.info("dicom: %s not served: %s", address[0], type(error).__name__)
            connection.close()

    def _start(self, connection: socket.socket, address: Any) -> None:
        connection.settimeout(self._limits.negotiation_seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True)
        connection.settimeout(self._limits.idle_seconds)
        association = Acceptor(self._ae, connection, self._sink.begin)
        acceptor = association.acceptor
        acceptor.maximum_length = MAX_PDU
        acceptor.ae_title = self._ae.ae_title
        acceptor.address_info = AddressInformation.from_tuple(connection.getsockname())
        acceptor.implementation_class_uid = self._ae.implementation_class_uid
        acceptor.implementation_version_name = self._ae.implementation_version_name
        acceptor.supported_contexts = [build_context(VERIFICATION)]
        association.requestor.address_info = AddressInformation.from_tuple(address)
        self._bind(association, partial(_call, connection, str(address[0])))
        self._associations = {one for one in self._associations if one.is_alive()}
        self._associations.add(association)
        association.start()

    def _bind(self, association: Acceptor, called: Callable[[Acceptor], Call]) -> None:
        association.bind(evt.EVT_REQUESTED, self._requested, [called])
        association.bind(evt.EVT_C_STORE, self._store, [called])
        association.bind(evt.EVT_C_ECHO, lambda _: SUCCESS)

    def _requested(self, event: evt.Event, called: Callable[[Acceptor], Call]) -> None:
        """Refuse an association that may not be."""
        association = cast("Acceptor", event.assoc)
        call = called(association)
        alive = [one for one in self._associations if one.is_alive()]
        same = [one for one in alive if _title(one) == call.calling_ae_title]
        if len(alive) > self._limits.associations or len(same) > self._limits.of_one_title:
            association.reject(0x02, 0x03, 0x02)
            return
        try:
            admission = self._settle(self._sink.admit(call))
        except Exception as error:  # noqa: BLE001 - the peer needs an answer whatever broke
            log.error("dicom: sink failed: %s", type(error).__name__)  # noqa: TRY400
            association.reject(0x02, 0x02, 0x01)
            return
        if admission is not Admission.ADMITTED:
            log.warning("dicom: %s refused: %s", call.peer, admission.name.lower())
            association.reject(0x01, 0x01, int(admission))

    def _store(self, event: evt.Event, called: Callable[[Acceptor], Call]) -> int:
        request = cast("C_STORE", event.request)
        data_set = request.DataSet
        if not isinstance(data_set, DataSet) or data_set.spool is None:
            refused = data_set.error if isinstance(data_set, DataSet) else None
            return CANNOT_UNDERSTAND if refused is None else ResourceError.status
        delivered = Delivered(
            called(cast("Acceptor", event.assoc)),
            str(request.AffectedSOPClassUID or ""),
            str(request.AffectedSOPInstanceUID or ""),
            str(event.context.transfer_syntax),
            data_set.spool,
        )
        # From here on the sink has it.
        data_set.spool = None
        try:
            return self._settle(self._sink.take(delivered))
        except Exception as error:  # noqa: BLE001 - the peer needs an answer whatever broke
            # Its text may quote the object, so only the kind of error is told.
            log.error("dicom: sink failed: %s", type(error).__name__)  # noqa: TRY400
            delivered.spool.discard()
            return FAILED

    def _settle(self, answer: Awaitable[T]) -> T:
        """Return what the event loop answers to a thread."""

        async def awaited() -> T:
            return await answer

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(SINK_SECONDS)

    async def _stop(self) -> None:
        """Let those who send finish an object, then hang up."""
        end = self._loop.time() + self._limits.grace_seconds
        while self._busy() and self._loop.time() < end:  # noqa: ASYNC110 - threads, no event
            await asyncio.sleep(POLL)
        alive = [one for one in self._associations if one.is_alive()]
        if alive:
            aborts = [self._loop.run_in_executor(None, one.hang_up) for one in alive]
            await asyncio.wait(aborts, timeout=1)

    def _busy(self) -> bool:
        alive = (one for one in self._associations if one.is_alive())
        return any(one.provider.is_receiving for one in alive)


def _call(connection: socket.socket, peer: str, association: Acceptor) -> Call:
    asked = association.requestor.primitive
    return Call(
        calling_ae_title=_title(association),
        called_ae_title=str(getattr(asked, "called_ae_title", "")).strip(),
        peer=peer,
        tls_name=_tls_name(connection),
    )


def _title(association: Acceptor) -> str:
    """Return how the peer calls itself, "" while it has not said."""
    return str(getattr(association.requestor.primitive, "calling_ae_title", "")).strip()


def _tls_name(connection: socket.socket) -> str:
    """Return whom the client's certificate names, "" without one."""
    if not isinstance(connection, ssl.SSLSocket):
        return ""
    certificate: Any = connection.getpeercert() or {}
    return name_of(certificate)
