"""Who said it, when, and in which message: one Provenance a message that changed anything."""

from collections.abc import Sequence
from typing import Final

from gateway.ingest.message import Message
from gateway.interactions.keys import resource_id
from mappers.base import Resource
from mappers.names import DATA_OPERATION, identifier_system

SECONDARY: Final = frozenset({"Task"})
"""What the gateway adds by itself: the message did not say it."""


def provenance(
    message: Message, said: Resource, made: Sequence[str], code: str
) -> tuple[str, Resource]:
    """Return id and Provenance of what a message made; the raw message is named by its number.

    The code is one of v3-DataOperation: CREATE, UPDATE, or APPEND for what was there already.
    """
    targets = [{"reference": one} for one in made if one.partition("/")[0] not in SECONDARY]
    number = {
        "system": identifier_system(message.campus.namespace, "message"),
        "value": str(message.id),
    }
    resource = {
        **said,
        "target": targets,
        "recorded": message.at,
        "activity": {"coding": [{"system": DATA_OPERATION, "code": code}]},
        "entity": [{"role": "source", "what": {"identifier": number}}],
    }
    value = f"{message.channel.name}|{message.hash.hex()}"
    return resource_id(message.campus.code, "Provenance", "message", value), resource
