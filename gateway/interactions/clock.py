"""The moment that a message gave a resource: kept while the resource says what the message said."""

from typing import Any

from gateway.fhir.codec import members
from gateway.interactions.prepare import Prepared, same_words
from gateway.store.stored import Stored
from mappers.names import EXT_CLOCK


def is_dated(standing: Stored | None, prepared: Prepared) -> bool:
    """Return whether the caller's resource or the one that stands bears the moment of a message."""
    mark = EXT_CLOCK.encode()
    if mark in bytes(prepared.raw.get("meta", b"")):
        return True
    return standing is not None and mark in standing.json()


def kept_clock(standing: Stored | None, prepared: Prepared) -> tuple[dict[str, Any], ...]:
    """Return the moment that a message gave a resource, while it says what the message said.

    What a caller changed is a fact of its own. Labels change no fact.
    """
    if standing is None:
        return ()
    before = standing.json()
    if EXT_CLOCK.encode() not in before:
        return ()
    if not same_words(members(before), prepared.raw):
        return ()
    extensions = standing.resource()["meta"].get("extension", ())
    return tuple(one for one in extensions if one.get("url") == EXT_CLOCK)
