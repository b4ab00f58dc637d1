"""What may be subscribed to by topic, and by which change of a resource it comes about.

https://hl7.org/fhir/uv/subscriptions-backport/components.html#subscription-topics
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from mappers.names import TASK, TOPIC

Resource = Mapping[str, Any]

NEW: Final = "result-new"
AMENDED: Final = "result-amended"
WITHDRAWN: Final = "result-withdrawn"
CRITICAL: Final = "critical-open"
TASK_CHANGED: Final = "task-changed"
LINK_CHANGED: Final = "link-changed"

RESULTS: Final = ("DiagnosticReport", "Observation")
TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    NEW: RESULTS,
    AMENDED: RESULTS,
    WITHDRAWN: RESULTS,
    CRITICAL: ("Task",),
    TASK_CHANGED: ("Task",),
    LINK_CHANGED: ("Patient", "Person"),
}
"""The topics, and the types of what they are about."""

HELD, EARLY, RELEASED = 0, 1, 2
STAGES: Final[Mapping[str, int]] = {
    "partial": EARLY,
    "preliminary": EARLY,
    "final": RELEASED,
    "amended": RELEASED,
    "corrected": RELEASED,
    "appended": RELEASED,
}
"""How far a result is, by its status; what is registered, cancelled or in error is none."""

ACKNOWLEDGE: Final = "critical-ack"
OPEN: Final = frozenset(
    {"draft", "requested", "received", "accepted", "ready", "in-progress", "on-hold"}
)
SURROUNDINGS: Final = frozenset({"meta", "text"})
"""Parts of a result that say nothing of what was found."""


def canonical(topic: str) -> str:
    """Return the address of a topic."""
    return f"{TOPIC}:{topic}"


def named(criteria: str) -> str | None:
    """Return the topic that criteria name, "" one that is not known, None where they name none."""
    address = criteria.partition("|")[0]
    if "?" in address or ("://" not in address and not address.startswith("urn:")):
        return None
    topic = address.removeprefix(f"{TOPIC}:")
    return topic if topic in TYPES else ""


class Occasion(NamedTuple):
    """A topic that a change is one of, told to whose filters find the version that it made.

    `before`: the one that it changed. `alone`: and not the other one too.
    """

    topic: str
    before: bool = False
    alone: bool = False


def occasions(type_: str, before: Resource | None, after: Resource | None) -> Iterator[Occasion]:
    """Yield what is told of a change; `before` and `after` are None where nothing stands there.

    A result that turns out to be another patient's is withdrawn where filters have the one alone,
    and new where they have the other alone.
    """
    topics = tuple(happened(type_, before, after))
    if not (type_ in RESULTS and before and after) or _whose(before) == _whose(after):
        yield from (Occasion(topic, before=after is None) for topic in topics)
        return
    if _stage(before):
        yield Occasion(WITHDRAWN, before=True, alone=_stage(after) > HELD)
    if _stage(after):
        yield Occasion(NEW, alone=NEW not in topics)
    if AMENDED in topics:
        yield Occasion(AMENDED)


def happened(type_: str, before: Resource | None, after: Resource | None) -> Iterable[str]:
    """Return the topics of a change; `before` and `after` are None where nothing stands there."""
    if type_ in RESULTS:
        return _result(before, after)
    if type_ == "Task":
        opened = not _is_open(before) and _is_open(after)
        return (TASK_CHANGED, CRITICAL) if opened else (TASK_CHANGED,)
    if type_ in TYPES[LINK_CHANGED] and _links(before) != _links(after):
        return (LINK_CHANGED,)
    return ()


def _result(before: Resource | None, after: Resource | None) -> Iterable[str]:
    was, now = _stage(before), _stage(after)
    if now > was:
        return (NEW,)
    if now == HELD:
        return (WITHDRAWN,) if was else ()
    return () if _said(before) == _said(after) else (AMENDED,)


def _stage(result: Resource | None) -> int:
    return STAGES.get(result.get("status", ""), HELD) if result else HELD


def _whose(result: Resource) -> Any:
    return result.get("subject", {}).get("reference")


def _said(result: Resource | None) -> Resource:
    return {name: value for name, value in (result or {}).items() if name not in SURROUNDINGS}


def _is_open(task: Resource | None) -> bool:
    if not task or task.get("status") not in OPEN:
        return False
    codings = task.get("code", {}).get("coding", ())
    return any(one.get("system") == TASK and one.get("code") == ACKNOWLEDGE for one in codings)


def _links(person: Resource | None) -> Any:
    """Return what a Person or Patient says about who is the same."""
    return (person or {}).get("link", [])
