"""Which source format is opened and mapped by what.

A new format is one line of `FORMATS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from adapters import hl7v2
from adapters.hl7v2 import envelope
from adapters.hl7v2.envelope import Envelope, Sender
from adapters.hl7v2.rough import abnormal_flags
from gateway.access.campus import Campus, Channel
from gateway.ingest import ecg
from mappers.base import Mapped, Resource, Source
from mappers.hl7v2 import event_of, to_fhir
from mappers.hl7v2.rough import rough_results


def _no_results(_body: bytes, _charset: str, _source: Source) -> list[Resource]:
    return []


def _no_flags(_body: bytes) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class Format:
    """What ingest needs to know of one source standard; all functions are pure."""

    split: Callable[[bytes], list[bytes]]
    """The messages of one body."""
    sender: Callable[[bytes], Sender]
    """Who sends; EnvelopeError."""
    open: Callable[[bytes, str], Envelope]
    """The envelope, read in a character set ("" for what the message says); EnvelopeError."""
    convert: Callable[[bytes, str, Source], Mapped]
    """What the message says; EnvelopeError."""
    location: Callable[[str], str]
    """A place as the format's own negative answer writes it."""
    sender_place: str
    results: Callable[[bytes, str, Source], list[Resource]] = _no_results
    """The results of a message that waits, as far as they can be read; EnvelopeError."""
    flags: Callable[[bytes], list[str]] = _no_flags
    """The abnormal flags of a message that cannot be read at all."""


def _open_hl7v2(body: bytes, charset: str) -> Envelope:
    return envelope.open_envelope(body, charset, event_of)


def _convert_hl7v2(body: bytes, charset: str, source: Source) -> Mapped:
    return to_fhir(hl7v2.parse(body, charset or None), source)


def _results_hl7v2(body: bytes, charset: str, source: Source) -> list[Resource]:
    return rough_results(hl7v2.parse(body, charset or None), source)


FORMATS: Final[Mapping[str, Format]] = {
    "ecg": Format(
        split=ecg.split,
        sender=ecg.sender_of,
        open=ecg.open_envelope,
        convert=ecg.convert,
        location=ecg.location,
        sender_place="",
    ),
    "hl7v2": Format(
        split=hl7v2.split,
        sender=envelope.sender_of,
        open=_open_hl7v2,
        convert=_convert_hl7v2,
        location=envelope.location,
        sender_place=envelope.SENDER,
        results=_results_hl7v2,
        flags=abnormal_flags,
    ),
}

UNVERIFIED: Final = "unverified-source"
"""Tag of what came from a sender that nobody vouches for."""


def source_of(campus: Campus, channel: Channel, authorities: Mapping[str, str]) -> Source:
    """Return who speaks, as the mappers want to know it."""
    options = dict(channel.options)
    if not campus.verified:
        # Nobody vouches for the numbers either: none of them may name another campus.
        authorities = {}
        options |= {"tags": UNVERIFIED, "orders-from": ""}
    return Source(
        campus=campus.namespace,
        zone=campus.zone,
        authorities=authorities,
        orders_from=options.get("orders-from", ""),
        options=options,
    )
