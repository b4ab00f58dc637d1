"""Messages in quarantine that carry a critical value: they wait, and somebody must see to it now.

recognition.md §2.10.13: an alert at the sending campus, which escalates like a Task until the
message is processed. `gateway/workflow/critical/escalate.py` has the clock.
"""

import logging
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.ingest.alert import alert
from gateway.ingest.defect import where
from gateway.ingest.formats import FORMATS, source_of
from gateway.ingest.message import Message
from gateway.interactions.door import Door
from gateway.store.records import Statement
from gateway.workflow.critical.drafts import MINUTE
from gateway.workflow.critical.escalate import HELD
from gateway.workflow.critical.judge import FLAGS, judge
from gateway.workflow.critical.model import Table
from gateway.workflow.critical.registry import tables_of
from mappers.base import Mapped, Resource

TEXT: Final = "A message in quarantine carries a critical value."
RESULTS: Final = frozenset({"Observation", "DiagnosticReport"})

log = logging.getLogger(__name__)


def held(door: Door, message: Message, mapped: Mapped | Exception) -> list[Statement]:
    """Return what makes somebody see to a message, nothing if it carries no critical value."""
    tables = tables_of(door)
    if not _is_critical(door, message, mapped, tables.of(message.campus.id)):
        return []
    now = door.clock()
    setting = tables.setting(message.campus.id, "lab", "")
    due = now + round((setting.steps[0] if setting.steps else setting.repeat) * MINUTE)
    place = f"{message.campus.code}/message {message.id}"
    return [
        ("critical_held_put", (message.id, message.campus.id, now, 1, due, TEXT)),
        alert(HELD, place, message.campus.id, TEXT, now),
    ]


def _is_critical(
    door: Door, message: Message, mapped: Mapped | Exception, tables: Sequence[Table]
) -> bool:
    """Return whether one of its results is critical, so far as that can be told."""
    format_ = FORMATS.get(message.format)
    if format_ is None:
        return False
    source = source_of(message.campus, message.channel, door.directory.authorities)
    try:
        results = list(_told(mapped))
        if not results:
            charset = message.channel.options["charset"]
            results = format_.results(message.body, charset, source)
        return any(judge(tables, one).level == "critical" for one in results)
    except Exception as error:  # noqa: BLE001 - it waits because something is wrong with it
        log.info("ingest: results of message %d cannot be read: %s", message.id, where(error))
    return not FLAGS.isdisjoint(format_.flags(message.body))


def _told(mapped: Mapped | Exception) -> Iterator[Resource]:
    if not isinstance(mapped, Exception):
        for draft in mapped.drafts:
            if draft.key.type in RESULTS:
                yield draft.resource
