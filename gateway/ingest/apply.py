"""One message from the inbox to the store: all of it and its finished row in one transaction.

A message is wholly applied or still waiting, whenever the process dies (DESIGN §3, "Durable before
acknowledged").
"""

import asyncio
import logging
import os
import re
from typing import Final

from adapters.errors import EnvelopeError
from gateway.errors import InvalidResourceError, UnavailableError
from gateway.ingest import critical
from gateway.ingest.account import Account
from gateway.ingest.alert import alert
from gateway.ingest.defect import where
from gateway.ingest.intake import INBOX
from gateway.ingest.message import Message
from gateway.ingest.outcome import DONE, QUARANTINED
from gateway.ingest.reasons import REASONS, QuarantineError
from gateway.ingest.resolve import resolve
from gateway.ingest.shared import told_apart
from gateway.ingest.waiting import Waiting
from gateway.interactions.ahead import closely
from gateway.interactions.commit import Extras, commit
from gateway.interactions.door import Door
from gateway.store.records import Batch, StaleError, Statement
from mappers.base import Mapped, Note

ATTEMPTS: Final = 3
"""How often a message may meet a defect of ours before it is set aside."""
STALE_ATTEMPTS: Final = 100
"""How often a message is resolved anew because others wrote the same resources meanwhile."""
PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 5.0
NUMBER: Final = re.compile(r"\[\d+\]")

log = logging.getLogger(__name__)


async def apply(door: Door, message: Message, mapped: Mapped | Exception, waiting: Waiting) -> None:
    """Return once the message is finished: stored, or in quarantine."""
    pause = PAUSE
    while True:
        try:
            held = await _attempts(door, message, mapped, waiting)
            if held is not None:
                await _hold(door, message, mapped, held)
                waiting.add(held.waits_for, message.id)
        except UnavailableError:
            log.warning("ingest: the store does not write, message %d waits", message.id)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            return


async def _attempts(
    door: Door, message: Message, mapped: Mapped | Exception, waiting: Waiting
) -> QuarantineError | None:
    """Return why the message cannot be stored, None once it is; UnavailableError."""
    for _ in range(ATTEMPTS):
        try:
            await _store(door, message, _said(mapped), waiting)
        except UnavailableError:
            raise
        except (QuarantineError, EnvelopeError, InvalidResourceError) as error:
            return _reason(error)
        except Exception as error:  # noqa: BLE001 - whatever broke, the lane goes on
            log.error("ingest: message %d failed: %s", message.id, where(error))  # noqa: TRY400
        else:
            return None
    return QuarantineError("internal")


def _said(mapped: Mapped | Exception) -> Mapped:
    if isinstance(mapped, Exception):
        raise mapped
    return mapped


async def _store(door: Door, message: Message, mapped: Mapped, waiting: Waiting) -> None:
    for attempt in range(STALE_ATTEMPTS):
        mapped = told_apart(door, message, mapped)
        plan = resolve(door, message, mapped)
        released = waiting.released(plan.account.made)
        extras = Extras(
            versions=plan.versions,
            statements=[
                _finish(door, message, DONE, "", plan.account.json(mapped)),
                *_alerts(door, message, [*mapped.notes, *plan.account.notes]),
                *(("inbox_again", (id_,)) for id_ in released),
            ],
            notices=[("done", str(message.id)), *([INBOX] if released else [])],
            reason=f"message {message.id}",
            trusted=True,
        )
        try:
            with closely(when=attempt > 0):
                await commit(door, message.actor(), plan.changes, extras)
        except StaleError:
            continue
        if released:
            waiting.drop(plan.account.made)
        return
    raise UnavailableError("The resources of the message are being written by many at once.")


async def _hold(
    door: Door, message: Message, mapped: Mapped | Exception, held: QuarantineError
) -> None:
    """Put the message into quarantine."""
    told = None if isinstance(mapped, Exception) else mapped
    account = Account().json(told, held)
    text = f"A message waits in quarantine: {REASONS[held.code].en}."
    await door.store.submit(
        Batch(
            os.urandom(16),
            statements=[
                _finish(door, message, QUARANTINED, held.code, account),
                alert("quarantine", message.place, message.campus.id, text, door.clock()),
                *critical.held(door, message, mapped),
            ],
            notices=[("done", str(message.id)), ("critical", "")],
        )
    )


def _finish(door: Door, message: Message, state: int, reason: str, account: str) -> Statement:
    return "inbox_finish", (state, reason, account, door.clock(), 1, message.id)


def _alerts(door: Door, message: Message, notes: list[Note]) -> list[Statement]:
    """Return an alert for each kind of thing that someone should know of."""
    places = {
        (note.code, f"{message.place} {NUMBER.sub('', note.place)}".rstrip())
        for note in notes
        if note.severity == "warning"
    }
    now = door.clock()
    return [
        alert(code, place, message.campus.id, f"Messages of this channel: {code}.", now)
        for code, place in sorted(places)
    ]


def _reason(error: Exception) -> QuarantineError:
    if isinstance(error, QuarantineError):
        return error
    if isinstance(error, InvalidResourceError):
        return QuarantineError("invalid-resource", error.issues[0].expression)
    return QuarantineError("unreadable")
