"""What nobody but the gateway does to a `critical-ack` Task (DESIGN §4, "Tasks").

It is closed by `$acknowledge` with a read-back. A PUT may say that somebody is at it, and remark.
"""

from typing import Final

from gateway.interactions.following import Event
from gateway.workflow.critical.task import OPEN, attempt_of, is_critical_ack
from mappers.base import Resource

KEPT: Final = (
    *("code", "focus", "for", "input", "owner", "requester", "restriction", "output", "intent"),
    *("reasonCode", "reasonReference", "authoredOn", "description", "priority", "businessStatus"),
)
"""What a caller leaves as it stands."""
ASK: Final = "POST /fhir/Task/{id}/$acknowledge with readBack and actor"


Refusal = tuple[str, str]
"""Why, and at which element."""


def refusal(event: Event) -> Refusal | None:
    """Return why a caller's write is refused, None if it is not."""
    before = None if event.is_new or event.before is None else event.before.resource()
    if before is None or not is_critical_ack(before):
        if is_critical_ack(event.after):
            return "A critical-ack Task is opened by the gateway with its result.", "Task.code"
        return None
    if event.after is None:
        return f"A critical value's Task is not deleted; it is closed by {ASK}.", "Task"
    return _of_status(before, event.after) or _of_content(before, event.after)


def _of_status(before: Resource, after: Resource) -> Refusal | None:
    was, will = before.get("status"), after.get("status")
    if was == will or {was, will} <= OPEN:
        return None
    if will not in OPEN:
        return f"A critical value is closed with its read-back: {ASK}.", "Task.status"
    return "A closed critical value is opened again by the gateway alone.", "Task.status"


def _of_content(before: Resource, after: Resource) -> Refusal | None:
    changed = next((name for name in KEPT if before.get(name) != after.get(name)), "")
    changed = changed or _hidden(before, after)
    if not changed:
        return None
    return f"The gateway alone changes this; it is closed by {ASK}.", f"Task.{changed}"


def _hidden(before: Resource, after: Resource) -> str:
    """Return what would be taken from sight: an attempt, or the whole Task by a label."""
    remarks = after.get("note", ())
    if any(note not in remarks for note in before.get("note", ()) if attempt_of(note)):
        return "note"
    known = before.get("meta", {}).get("security", ())
    labels = after.get("meta", {}).get("security", ())
    return "" if all(one in known for one in labels) else "meta.security"
