"""A message taken from the inbox, with who sent it and how its channel is set."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import msgspec

from gateway.access.actor import Actor
from gateway.access.campus import Campus, Channel
from gateway.access.directory import Directory
from gateway.access.scopes import Scopes
from gateway.ingest.formats import FORMATS, source_of
from gateway.store.body import instant
from mappers.base import Mapped

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
SCOPES: Final = Scopes.parse("ingest")


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the inbox."""

    id: int
    received: int
    campus: Campus
    channel: Channel
    format: str
    hash: bytes
    body: bytes

    @property
    def at(self) -> str:
        """When it was received, as an instant."""
        return instant(self.received)

    @property
    def place(self) -> str:
        """The channel it came through, for alerts."""
        return f"{self.campus.namespace}/{self.channel.name}"

    def actor(self) -> Actor:
        """Return who writes what the message says: the campus, through its channel."""
        return Actor(0, self.campus.id, self.campus.code, SCOPES, name=self.channel.name)

    def mapped(self, directory: Directory, known: Mapping[str, str] = NOTHING) -> Mapped:
        """Return what the message says; EnvelopeError if it cannot be read any more.

        `known` are further options: what the store knows of its numbers.
        """
        source = source_of(self.campus, self.channel, directory.authorities)
        if known:
            source = msgspec.structs.replace(source, options={**source.options, **known})
        return FORMATS[self.format].convert(self.body, self.channel.options["charset"], source)
