"""A change on its way through a commit, and what the audit says of all of them."""

from collections.abc import Sequence
from typing import Final

import msgspec

from gateway.access.actor import Actor
from gateway.access.audit import Action, event
from gateway.interactions.prepare import Change, Prepared
from gateway.store.records import Audited, Write
from gateway.store.stored import Stored

LETTER: Final[dict[str, Action]] = {"create": "C", "update": "U", "delete": "D"}


class Item(msgspec.Struct, gc=False):
    """A change on its way: what stands there, what it was made into, where it came to stand."""

    change: Change
    current: Stored | None
    prepared: Prepared | None
    trusted: bool = False
    write: Write | None = None
    place: tuple[int, int] = (0, 0)

    @property
    def fresh(self) -> bool:
        """Whether nothing stands there."""
        return self.current is None or self.current.deleted


def ready(items: Sequence[Item]) -> list[Prepared]:
    """Return what is to be written of items, as it was prepared."""
    return [item.prepared for item in items if item.prepared is not None]


def audited(actor: Actor, items: Sequence[Item], reason: str) -> list[Audited]:
    """Return one event for the request, with an entity for each resource written."""
    written = [item for item in items if item.write is not None]
    if not written:
        return []
    ops = {item.write.op for item in written if item.write is not None}
    action: Action = LETTER[ops.pop()] if len(ops) == 1 else "E"
    entities = [(item.change.type, item.change.id) for item in written]
    return [event(actor, action, entities, reason=reason)]
