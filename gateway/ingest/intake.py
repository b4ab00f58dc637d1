"""A message on its way into the inbox: opened, known by its sender, kept byte for byte.

What is kept here may be acknowledged; everything later is quarantine, never a refusal (DESIGN §3,
"Durable before acknowledged").
"""

import os
from dataclasses import dataclass
from typing import Final

from adapters.base import Received
from adapters.hl7v2.envelope import Envelope, Sender
from gateway.access.campus import Campus, Channel
from gateway.ingest.formats import FORMATS, Format
from gateway.interactions.door import Door
from gateway.store.records import Batch

NAMELESS: Final = "-"
"""The channel of a sender that names no application."""
NAME_LIMIT: Final = 100
INBOX: Final = ("inbox", "")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message whose envelope is sound."""

    format: str
    body: bytes
    campus: Campus
    channel: Channel
    envelope: Envelope


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the inbox; not `fresh` if the very same one was there already."""

    id: int
    fresh: bool


def open_message(door: Door, received: Received, campus: Campus | None = None) -> Arrival:
    """Return the message opened; EnvelopeError, UnknownSenderError.

    `campus` is the sender's where a token tells; else its name and address do.
    """
    kind = FORMATS[received.format]
    sender = kind.sender(received.body)
    if campus is None:
        campus = door.directory.sender(sender.facility, received.peer, received.tls_name)
    channel = door.directory.channel(campus.id, _name(sender))
    return _opened(kind, received, campus, channel)


def _opened(kind: Format, received: Received, campus: Campus, channel: Channel) -> Arrival:
    envelope = kind.open(received.body, channel.options["charset"])
    return Arrival(received.format, received.body, campus, channel, envelope)


def _name(sender: Sender) -> str:
    printable = "".join(filter(str.isprintable, sender.application))
    return printable[:NAME_LIMIT] or NAMELESS


async def keep(door: Door, arrival: Arrival) -> Kept:
    """Return once the message is durable; UnavailableError.

    The same control id with the same content is the same message (lab.md of the field says why the
    control id alone does not do: analysers count 1, 2, 3 and begin anew).
    """
    envelope, campus = arrival.envelope, arrival.campus
    place = (campus.id, arrival.channel.name)
    known = door.store.fetch(
        "inbox_same", (envelope.digest, envelope.control_id, *place, campus.namespace)
    )
    now = door.clock()
    seen = ("channel_seen", (*place, now, now))
    if known:
        await door.store.submit(Batch(os.urandom(16), statements=[seen]))
        return Kept(known[0][0], fresh=False)
    row = (now, arrival.format, campus.namespace, envelope.control_id, envelope.digest)
    commit = await door.store.submit(
        Batch(
            os.urandom(16),
            statements=[seen, ("inbox_receive", (*row, arrival.body, *place))],
            notices=[INBOX],
        )
    )
    return Kept(commit.results[1], fresh=True)
