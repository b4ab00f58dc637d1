"""An ECG that came as a DICOM object goes the way of ECG files too: report and measurements.

docs/reference/ecg-mapping.md
"""

from typing import Final, Protocol

from adapters.base import Received
from adapters.dicom import Instance
from adapters.errors import EnvelopeError
from gateway.access.campus import Campus, Channel
from gateway.ingest.ecg import has_twelve_leads
from gateway.ingest.formats import FORMATS
from gateway.ingest.intake import Arrival, keep
from gateway.interactions.door import Door

FORMAT: Final = "ecg"
CLASSES: Final = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.9.1.1",
        "1.2.840.10008.5.1.4.1.1.9.1.2",
        "1.2.840.10008.5.1.4.1.1.9.1.3",
        "1.2.840.10008.5.1.4.1.1.9.1.4",
    }
)
"""12-lead, general, ambulatory and general 32-bit ECG waveform storage (PS3.4 §B.5)."""
HAEMODYNAMIC: Final = "1.2.840.10008.5.1.4.1.1.9.2.1"
"""What catheter laboratories send a 12-lead ECG as, and their monitoring too."""
LIMIT: Final = 64 * 1024 * 1024


class Sender(Protocol):
    """Who sends."""

    @property
    def campus(self) -> Campus:
        """The campus."""
        ...

    @property
    def channel(self) -> Channel:
        """Its AE title or token."""
        ...


class File(Protocol):
    """What was sent."""

    size: int

    def read(self, start: int, count: int) -> bytes:
        """Return a range."""
        ...


async def forward(door: Door, sender: Sender, instance: Instance, file: File) -> int:
    """Return the message that an ECG is in the inbox, 0 for anything else; UnavailableError."""
    if instance.sop_class_uid not in CLASSES | {HAEMODYNAMIC} or file.size > LIMIT:
        return 0
    received = Received(FORMAT, file.read(0, file.size), "")
    try:
        if instance.sop_class_uid == HAEMODYNAMIC and not has_twelve_leads(received.body):
            return 0
        envelope = FORMATS[FORMAT].open(received.body, sender.channel.options["charset"])
    except EnvelopeError:
        # Then it is an object of its study and nothing more.
        return 0
    arrival = Arrival(FORMAT, received.body, sender.campus, sender.channel, envelope)
    return (await keep(door, arrival)).id
