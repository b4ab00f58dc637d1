"""Open critical values of a link set, as far as the viewer may see the results that raised them."""

from collections.abc import Iterator, Sequence
from typing import Any

from gateway.access.actor import Actor
from gateway.fhir.codec import decode
from gateway.interactions.door import Door
from gateway.recognition.decide.model import Open
from gateway.workflow.critical.open import open_of


def waiting(door: Door, actor: Actor, people: Sequence[str]) -> tuple[Open, ...]:
    """Return the open critical values, by the id of their Task."""
    found: dict[tuple[str, str], Open] = {}
    for one in open_of(door.store, people):
        stored = door.store.current("Task", one.task)
        results = list(_results(decode(stored.json()))) if stored is not None else []
        seen = [name for name in results if _may_see(door, actor, name)]
        if seen or not results:
            found[one.group, one.task] = Open(one.task, one.group, tuple(seen))
    return tuple(found[place] for place in sorted(found))


def _results(task: dict[str, Any]) -> Iterator[str]:
    """Yield the results that a Task is about: its focus, and each value that was added."""
    references = [task.get("focus", {})]
    references += [one.get("valueReference", {}) for one in task.get("input", ())]
    for reference in references:
        name = str(reference.get("reference", ""))
        if name.partition("/")[0] in {"Observation", "DiagnosticReport"}:
            yield name


def _may_see(door: Door, actor: Actor, name: str) -> bool:
    type_, id_ = name.partition("/_history/")[0].split("/")
    stored = door.store.current(type_, id_)
    return stored is None or door.store.may_read(stored, door.viewer(actor))
