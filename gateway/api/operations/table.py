"""Every operation of the FHIR API, on one screen.

Routes, CapabilityStatement and what a caller hears of a name that is none are made from it.
"""

from typing import Final

from gateway.api.operations.acknowledge import acknowledge
from gateway.api.operations.operation import Operation
from gateway.api.operations.recognize import recognize, recognize_stored

OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation("recognize", recognize, "type", ("ServiceRequest",), ("POST",)),
    Operation("recognize", recognize_stored, "instance", ("ServiceRequest",)),
    Operation("acknowledge", acknowledge, "instance", ("Task",), ("POST",)),
)


def offered(level: str, type_: str) -> list[str]:
    """Return the names of what may be called at a level, of a type."""
    return sorted({f"${one.name}" for one in OPERATIONS if one.is_at(level, type_)})
