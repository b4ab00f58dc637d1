"""pynetdicom made fit for a server of its own: bounded, quick to acknowledge, straight to disk.

What it lacks, and what is done about it here: it reads 4 kB at a time, leaves the acknowledgement
of small objects to the kernel's timer (50 ms an object), takes a PDU of any size, waits with
select(), and keeps an object in memory.
"""

import logging
import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import Any, Final

from pydicom import config
from pynetdicom import AE, _config
from pynetdicom._globals import MODE_ACCEPTOR
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import C_STORE_RQ, DIMSEMessage
from pynetdicom.transport import AssociationSocket
from typing_extensions import override

from adapters.dicom.delivery import Spool
from adapters.dicom.part10 import preamble

MAX_PDU: Final = 256 * 1024
MAX_FIRST_PDU: Final = 128 * 1024
MAX_WAITING: Final = 4
"""Objects that a peer may send ahead of our answers."""
MAX_IDENTIFIER: Final = 1024 * 1024
"""Bytes of a data set that belongs to no C-STORE."""
HEADER: Final = 6

# What a UID may look like is judged by the header scan, which names what is wrong with it.
config.settings.reading_validation_mode = config.IGNORE
config.settings.writing_validation_mode = config.IGNORE
_config.UNRESTRICTED_STORAGE_SERVICE = True
_config.LOG_HANDLER_LEVEL = "none"
# It would log values of data sets, and raises nothing that is not told otherwise.
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)

log = logging.getLogger(__name__)

Begin = Callable[[], Spool]


class QuickSocket(AssociationSocket):
    """A connection whose every read is acknowledged at once, of PDUs that are bounded."""

    @property
    @override
    def ready(self) -> bool:
        if self.socket is None or not self._is_connected:
            return False
        try:
            poller = select.poll()
            poller.register(self.socket, select.POLLIN)
            found = bool(poller.poll(0))
        except (OSError, ValueError):
            self.event_queue.put("Evt17")
            return False
        pending = getattr(self.socket, "pending", None)
        return found or bool(pending and pending())

    @override
    def recv(self, nr_bytes: int) -> bytearray:
        limit = MAX_PDU + HEADER if self.assoc.is_established else MAX_FIRST_PDU
        connection = self.socket  # another thread may take it away
        if nr_bytes > limit or connection is None:
            # Taken for a lost connection, which is what it becomes.
            raise OSError("A PDU is longer than was agreed.")
        data = bytearray(nr_bytes)
        view, size = memoryview(data), 0
        while size < nr_bytes:
            count = connection.recv_into(view[size:])
            if not count:
                break
            size += count
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return data if size == nr_bytes else bytearray(view[:size])

    @override
    def _shutdown_socket(self) -> None:
        # The library leaves a socket open whose peer has hung up already.
        connection = self.socket
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


class DataSet(BytesIO):
    """The data set of one message: that of a C-STORE goes to a spool, others stay in memory."""

    def __init__(self, message: "DIMSEMessage", association: Association, begin: Begin) -> None:
        super().__init__()
        self._message = message
        self._association = association
        self._begin = begin
        self.spool: Spool | None = None
        self.error: Exception | None = None

    @override
    def write(self, data: Any, /) -> int:
        if isinstance(self._message, C_STORE_RQ):
            self._keep(data)
        elif self.tell() + len(data) > MAX_IDENTIFIER:
            raise ValueError("A data set is too large.")
        else:
            super().write(data)
        return len(data)

    def _keep(self, data: bytes) -> None:
        # What cannot be written is read to its end all the same, so that it can be refused.
        if self.error is not None:
            return
        try:
            if self.spool is None:
                self.spool = self._begin()
                self.spool.write(self._head())
            self.spool.write(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, the sender is told
            self.error = error
            self.discard()

    def _head(self) -> bytes:
        command = self._message.command_set
        context = self._association._accepted_cx[self._message.context_id or 0]  # noqa: SLF001
        return preamble(
            str(command.AffectedSOPClassUID),
            str(command.AffectedSOPInstanceUID),
            str(context.transfer_syntax[0]),
        )

    def discard(self) -> None:
        """Let go of the spool, if nobody else has taken it."""
        if self.spool is not None:
            self.spool.discard()
            self.spool = None


class Provider(DIMSEServiceProvider):
    """Puts messages together, their data sets where they belong."""

    def __init__(self, association: Association, begin: Begin) -> None:
        super().__init__(association)
        self._begin = begin
        self.unfinished: DataSet | None = None

    @override
    def receive_primitive(self, primitive: Any) -> None:
        if self.message is None:
            while self.msg_queue.qsize() >= MAX_WAITING and self.assoc.is_established:
                time.sleep(0.005)
            self.message = DIMSEMessage()
            self.unfinished = DataSet(self.message, self.assoc, self._begin)
            self.message.data_set = self.unfinished
        try:
            super().receive_primitive(primitive)
        except Exception as error:  # noqa: BLE001 - whatever a peer sends, only its call ends
            log.warning("dicom: a message cannot be read: %s", type(error).__name__)
            self.discard()
            self.message = None
            self.dul.event_queue.put("Evt19")  # as the library does with an invalid PDU
        if not self.is_receiving:
            self.unfinished = None

    @property
    def is_receiving(self) -> bool:
        """Whether a message has begun and not ended."""
        return self.message is not None

    def discard(self) -> None:
        """Let go of what was cut off."""
        if self.unfinished is not None:
            self.unfinished.discard()
        while not self.msg_queue.empty():
            _, message = self.msg_queue.get_nowait()
            data_set = getattr(message, "DataSet", None)
            if isinstance(data_set, DataSet):
                data_set.discard()


class Acceptor(Association):
    """An association that somebody else asks for; when it ends, it leaves nothing behind."""

    def __init__(self, ae: AE, connection: socket.socket, begin: Begin) -> None:
        super().__init__(ae, MODE_ACCEPTOR)
        self.daemon = True
        self.provider = Provider(self, begin)
        self.dimse = self.provider
        self.quick_socket = QuickSocket(self, client_socket=connection)
        self.set_socket(self.quick_socket)

    @override
    def run(self) -> None:
        try:
            super().run()
        finally:
            self.provider.discard()
            self.quick_socket.close()

    def reject(self, *why: int) -> None:
        """Send A-ASSOCIATE-RJ: result, source, diagnostic (PS3.8 table 9-21)."""
        self.acse.send_reject(*why)
        self.is_rejected = True
        self.kill()

    def hang_up(self) -> None:
        """End it, whatever state it is in."""
        if self.is_established:
            self.abort()
        else:
            self.quick_socket.close()
