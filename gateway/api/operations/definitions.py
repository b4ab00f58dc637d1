"""The OperationDefinitions of our own operations, made from the table of operations.

https://hl7.org/fhir/R4/operationdefinition.html. `scripts/make_published.py` packs them beside
R4's own, so that they are read, searched and found by their address as those are.
"""

from collections.abc import Iterable, Sequence

from gateway.api.operations.description import Slot
from gateway.api.operations.operation import Operation
from gateway.fhir.codec import Resource

PREFIX = "hutong-"


def own(operations: Iterable[Operation]) -> list[Resource]:
    """Return the definitions of the operations that are described here, each once."""
    found: dict[str, list[Operation]] = {}
    for one in operations:
        if one.described is not None:
            found.setdefault(one.canonical, []).append(one)
    return [_definition(address, rows) for address, rows in sorted(found.items())]


def _definition(address: str, rows: Sequence[Operation]) -> Resource:
    described = rows[0].described
    assert described is not None  # noqa: S101 - they were chosen by it
    levels = {level for one in rows for level in one.levels.split()}
    types = sorted({type_ for one in rows for type_ in one.types})
    found: Resource = {
        "resourceType": "OperationDefinition",
        "id": PREFIX + rows[0].name,
        "url": address,
        "name": described.title,
        "status": "active",
        "kind": "operation",
        "publisher": "Hutong",
        "description": described.says,
        "affectsState": described.affects,
        "code": rows[0].name,
        "resource": types,
        "system": "system" in levels,
        "type": "type" in levels,
        "instance": "instance" in levels,
        "parameter": [
            *(_parameter(one, "in") for one in described.takes),
            *(_parameter(one, "out") for one in described.gives),
        ],
    }
    return {name: value for name, value in found.items() if value != []}


def _parameter(slot: Slot, use: str) -> Resource:
    found: Resource = {"name": slot.name, "use": use, "min": slot.least, "max": slot.most}
    if slot.parts:
        return found | {"part": [_parameter(one, use) for one in slot.parts]}
    return found | {"type": slot.kind}
