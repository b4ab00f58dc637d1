"""What was made from one order stays together: sensitivity and audience spread over the group.

DESIGN §3, "Campus ownership and sharing": codes on the sensitive list hide the report, specimen,
order, Provenance and original that belong to them; owning and ordering campus read them.
"""

from collections.abc import Sequence
from typing import Final

from gateway.fhir.extract import Extracted
from gateway.interactions.door import Door
from gateway.interactions.prepare import Prepared
from gateway.store.records import RESTRICTED

GROUPED: Final = frozenset(
    {
        "Binary",
        "DiagnosticReport",
        "DocumentReference",
        "ImagingStudy",
        "Media",
        "Observation",
        "Provenance",
        "ServiceRequest",
        "Specimen",
        "Task",
    }
)

Name = tuple[str, str]


def spread(door: Door, prepared: Sequence[Prepared]) -> None:
    """Mark every resource that shares a group with a sensitive one, and who ordered it."""
    here = {(one.type, one.id): one for one in prepared if one.type in GROUPED}
    for members in _components(here):
        outside = {
            name for member in members for name in _grouped(here[member].extracted)
        } - here.keys()
        stored = [found for name in outside if (found := door.store.current(*name))]
        sensitive = any(here[name].sensitive for name in members) or any(
            one.label == RESTRICTED for one in stored
        )
        if not sensitive:
            continue
        ordering = {one.campus for one in stored if one.type == "ServiceRequest"}
        ordering |= {here[name].campus for name in members if name[0] == "ServiceRequest"}
        for name in members:
            here[name].sensitive = True
            here[name].audience |= ordering


def _grouped(extracted: Extracted) -> set[Name]:
    return {(type_, id_) for _, type_, id_ in extracted.references if type_ in GROUPED}


def _components(here: dict[Name, Prepared]) -> list[set[Name]]:
    """Return the resources of one write, joined where one refers to another."""
    joined: dict[Name, set[Name]] = {name: set() for name in here}
    for name, one in here.items():
        for other in _grouped(one.extracted):
            if other in here:
                joined[name].add(other)
                joined[other].add(name)
    components, left = [], set(here)
    while left:
        todo, component = [left.pop()], set[Name]()
        while todo:
            name = todo.pop()
            component.add(name)
            fresh = joined[name] & left
            left -= fresh
            todo += fresh
        components.append(component)
    return components
