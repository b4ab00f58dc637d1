"""The clock of critical values: who is told when nobody answers (recognition.md §6).

Each step is one transaction on the version of the Task that it was decided on. So a step fires
once, whoever else writes the Task or runs this too, and what fell due while nothing ran fires when
it runs again: no step is missed.
"""

import asyncio
import logging
import os
from contextlib import suppress
from dataclasses import replace
from typing import Final

from gateway.access.actor import Actor
from gateway.access.scopes import Scopes
from gateway.errors import GatewayError, UnavailableError
from gateway.fhir.codec import encode
from gateway.interactions.commit import Change, Extras, commit
from gateway.interactions.door import Door
from gateway.store.records import Batch, StaleError, Statement
from gateway.workflow.critical.drafts import MINUTE, Row
from gateway.workflow.critical.model import Setting
from gateway.workflow.critical.registry import tables_of
from gateway.workflow.critical.task import Attempt, attempted

POLL: Final = 1.0
SOON: Final = 0.01
PORTION: Final = 100
BROKEN_SECONDS: Final = 60.0
"""How long one that a defect holds up is left alone, so that the others have their turn."""
UNANSWERED: Final = "critical-unanswered"
HELD: Final = "critical-held"
WAITS: Final = "A critical value waits for an answer."
BROKEN: Final = "A critical value waits and cannot be escalated: see the log."
SCOPES: Final = Scopes.parse("ingest")
QUARANTINED: Final = 2
"""State of a message in the inbox."""

log = logging.getLogger(__name__)


class Escalation:
    """Fires what is due, for one gateway; any number of them may run."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._tables = tables_of(door)
        self._wake = asyncio.Event()
        self._broken: dict[str, float] = {}
        door.store.subscribe("critical", lambda *_: self._wake.set())

    async def run(self) -> None:
        """Fire until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.step()
            except UnavailableError:
                log.warning("critical: the store does not write; steps wait")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._wake.wait()

    async def step(self) -> bool:
        """Fire every step that is due, in order; return whether there was any."""
        fired = False
        while rows := self._due():
            for row in rows:
                await self._try(row)
                fired = True
        return await self._step_held() or fired

    def _due(self) -> list[Row]:
        now = asyncio.get_running_loop().time()
        found = self._door.store.fetch("critical_due", (self._door.clock(), PORTION))
        rows = [Row(*one) for one in found]
        return [row for row in rows if self._broken.get(row.task, 0) <= now]

    def _pause(self) -> float:
        """Return the seconds until the next step, at most POLL."""
        ((due,),) = self._door.store.fetch("critical_next")
        if due is None:
            return POLL
        left = int(due) - self._door.clock()
        return min(POLL, max(SOON, left / 1_000_000))

    async def _try(self, row: Row) -> None:
        now = self._door.clock()
        try:
            await self._fire(row)
        except StaleError:
            return  # somebody answered, or another process fired it: looked at again
        except UnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke, the others are told
            place = type(error).__name__
            log.error("critical: a step of Task/%s failed: %s", row.task, place)  # noqa: TRY400
            self._broken[row.task] = asyncio.get_running_loop().time() + BROKEN_SECONDS
            await self._door.store.submit(
                Batch(os.urandom(16), statements=[_raised(row, BROKEN, now)])
            )

    async def _fire(self, row: Row) -> None:
        stored = self._door.store.current("Task", row.task)
        campus = self._door.directory.campus_by_id(row.campus)
        if stored is None or stored.deleted or campus is None:
            raise GatewayError("A critical value has lost its Task.")
        now = self._door.clock()
        setting = self._tables.setting(row.campus, row.category, row.ward)
        attempt, following = _next(row, setting, now)
        statements: list[Statement] = [following.put(), ("critical_told", (now, row.task))]
        if row.acknowledged is not None or row.step >= len(setting.steps):
            statements.append(_raised(row, WAITS, now))
        body = attempted(stored.resource(), attempt, now)
        change = Change("Task", row.task, encode(body), stored.version, (campus.id, campus.code))
        extras = Extras(statements=statements, reason=f"critical: {attempt.kind}", trusted=True)
        await commit(self._door, _actor(campus.id, campus.code), [change], extras)

    # Messages in quarantine.

    async def _step_held(self) -> bool:
        now = self._door.clock()
        rows = self._door.store.fetch("critical_held_due", (now, PORTION))
        for message, campus, opened, step, _, text, state in rows:
            code = self._door.directory.code(campus, str(campus))
            place = f"{code}/message {message}"
            if state != QUARANTINED:
                statements: list[Statement] = [
                    ("critical_held_drop", (message,)),
                    ("alert_close", (now, HELD, place)),
                ]
            else:
                setting = self._tables.setting(campus, "lab", "")
                due = _due_after(opened, step, setting, now)
                raised = (HELD, place, campus, f"{text} Step {step}.", now, now)
                statements = [
                    ("critical_held_step", (step + 1, due, message, step)),
                    ("alert_raise", raised),
                ]
            await self._door.store.submit(Batch(os.urandom(16), statements=statements))
        return bool(rows)


def _raised(row: Row, text: str, now: int) -> Statement:
    return "alert_raise", (UNANSWERED, f"Task/{row.task}", row.campus, text, now, now)


def settled(task: str, now: int) -> Statement:
    """Return the statement that closes the alert on a Task that was answered."""
    return "alert_close", (now, UNANSWERED, f"Task/{task}")


def _next(row: Row, setting: Setting, now: int) -> tuple[Attempt, Row]:
    """Return the attempt that is due, and the row that waits for the next one."""
    last = len(setting.steps)
    if row.acknowledged is not None:
        attempt = Attempt(
            "disposition", last, _told(setting, last), text="处理意见未记录 / overdue"
        )
        return attempt, replace(row, due=now + round(setting.repeat * MINUTE))
    step = min(row.step, last)
    to = _told(setting, step)
    if step == 0:
        attempt = Attempt("notify", 0, to, text=f"已通知 / notified: {to}")
    else:
        attempt = Attempt(
            "escalate", step, to, text=f"第{step}级上报 / escalated, step {step}: {to}"
        )
    due = _due_after(row.opened, step, setting, now)
    return attempt, replace(row, step=min(row.step, last) + 1, due=due)


def _due_after(opened: int, step: int, setting: Setting, now: int) -> int:
    """Return when the step after one is due; the last one repeats."""
    if step < len(setting.steps):
        return opened + round(setting.steps[step] * MINUTE)
    return now + round(setting.repeat * MINUTE)


def _told(setting: Setting, step: int) -> str:
    return setting.told[min(step, len(setting.told) - 1)] if setting.told else ""


def _actor(campus: int, code: str) -> Actor:
    return Actor(0, campus, code, SCOPES, name="critical")
