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
            codes = dict.fromkeys(code for name in seen for code in _codes(door, name))
            found[one.group, one.task] = Open(one.task, one.group, tuple(seen), tuple(codes))
    return tuple(found[place] for place in sorted(found))


def _results(task: dict[str, Any]) -> Iterator[str]:
    """Yield the results that a Task is about: its focus, and each value that was added."""
    references = [task.get("focus", {})]
    references += [one.get("valueReference", {}) for one in task.get("input", ())]
    for reference in references:
        name = str(reference.get("reference", ""))
        if name.partition("/")[0] in {"Observation", "DiagnosticReport"}:
            yield name


def _codes(door: Door, name: str) -> Iterator[str]:
    """Yield the codes of what a result measures, `system|code`."""
    stored = door.store.current(*_parted(name))
    if stored is not None and not stored.deleted:
        for coding in decode(stored.json()).get("code", {}).get("coding", ()):
            if coding.get("code"):
                yield f"{coding.get('system', '')}|{coding['code']}"


def _may_see(door: Door, actor: Actor, name: str) -> bool:
    stored = door.store.current(*_parted(name))
    return stored is None or door.store.may_read(stored, door.viewer(actor))


def _parted(name: str) -> tuple[str, str]:
    type_, _, id_ = name.partition("/_history/")[0].partition("/")
    return type_, id_
