"""Which critical values stand open for somebody: what recognition asks before it says yes.

recognition.md §2.10.1: an open critical value of the item's group makes its results
context-critical, whatever older ones there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.store.protocol import Store


@dataclass(frozen=True, slots=True)
class OpenCritical:
    """One Task that waits; times are microseconds since 1970."""

    task: str
    """FHIR id of the Task."""
    patient: str
    """FHIR id of the Patient that it is for."""
    group: str
    """Analyte group, `potassium`."""
    campus: int
    """Who must answer."""
    performer: int
    opened: int
    deadline: int
    step: int
    due: int | None
    acknowledged: int | None
    """Acknowledged, but waiting for its disposition."""
    category: str
    ward: str


def open_of(store: Store, patients: Iterable[str]) -> list[OpenCritical]:
    """Return the open Tasks over Patients (FHIR ids), the earliest deadline first."""
    found = {
        row[0]: OpenCritical(*row)
        for patient in sorted(set(patients))
        for row in store.fetch("critical_open_of", (patient, patient))
    }
    return sorted(found.values(), key=lambda one: (one.deadline, one.task))


def open_groups(store: Store, patients: Iterable[str]) -> dict[str, list[OpenCritical]]:
    """Return analyte group -> open Tasks over these Patients (FHIR ids)."""
    groups: dict[str, list[OpenCritical]] = {}
    for one in open_of(store, patients):
        groups.setdefault(one.group, []).append(one)
    return groups
