"""Every operation of the FHIR API, on one screen.

Routes, CapabilityStatement and what a caller hears of a name that is none are made from it.
"""

from typing import Final

from gateway.api.operations import code_system, value_set
from gateway.api.operations.acknowledge import acknowledge
from gateway.api.operations.bulk_import import bulk_import
from gateway.api.operations.concept_map import translate
from gateway.api.operations.description import ACKNOWLEDGE, IMPORT, RECOGNIZE, STATUS
from gateway.api.operations.document import as_document
from gateway.api.operations.everything import everything
from gateway.api.operations.export import export
from gateway.api.operations.lastn import lastn
from gateway.api.operations.meta import meta, meta_add, meta_delete
from gateway.api.operations.operation import R4, Operation
from gateway.api.operations.recognize import recognize, recognize_stored
from gateway.api.operations.stats import stats
from gateway.api.operations.status import status
from gateway.api.operations.subscription import events, standing
from gateway.api.operations.validate import validate
from gateway.api.operations.versions import versions

SUBS: Final = (
    "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription"
)
BOTH: Final = "type instance"
VALUE_SET, SYSTEM, MAP = ("ValueSet",), ("CodeSystem",), ("ConceptMap",)
BULK: Final = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition"

OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation("recognize", recognize, "type", ("ServiceRequest",), ("POST",), described=RECOGNIZE),
    Operation("recognize", recognize_stored, "instance", ("ServiceRequest",), described=RECOGNIZE),
    Operation("acknowledge", acknowledge, "instance", ("Task",), ("POST",), described=ACKNOWLEDGE),
    Operation(
        "everything",
        everything,
        "instance",
        ("Patient",),
        definition=f"{R4}Patient-everything",
    ),
    Operation(
        "everything",
        everything,
        "instance",
        ("Encounter",),
        definition=f"{R4}Encounter-everything",
    ),
    Operation(
        "document",
        as_document,
        "type instance",
        ("Composition",),
        definition=f"{R4}Composition-document",
    ),
    Operation("lastn", lastn, "type", ("Observation",), definition=f"{R4}Observation-lastn"),
    Operation("stats", stats, "type", ("Observation",), definition=f"{R4}Observation-stats"),
    Operation("meta", meta, "system type instance version", definition=f"{R4}Resource-meta"),
    Operation("meta-add", meta_add, "instance", (), ("POST",), f"{R4}Resource-meta-add"),
    Operation("meta-delete", meta_delete, "instance", (), ("POST",), f"{R4}Resource-meta-delete"),
    Operation("status", standing, "type instance", ("Subscription",), definition=f"{SUBS}-status"),
    Operation("events", events, "instance", ("Subscription",), definition=f"{SUBS}-events"),
    Operation("validate", validate, "type", (), ("POST",), f"{R4}Resource-validate"),
    Operation("validate", validate, "instance", definition=f"{R4}Resource-validate"),
    Operation("expand", value_set.expand, BOTH, VALUE_SET, definition=f"{R4}ValueSet-expand"),
    Operation(
        "validate-code",
        value_set.validate_code,
        BOTH,
        VALUE_SET,
        definition=f"{R4}ValueSet-validate-code",
    ),
    Operation("lookup", code_system.lookup, "type", SYSTEM, definition=f"{R4}CodeSystem-lookup"),
    Operation(
        "validate-code",
        code_system.validate_code,
        BOTH,
        SYSTEM,
        definition=f"{R4}CodeSystem-validate-code",
    ),
    Operation(
        "subsumes", code_system.subsumes, BOTH, SYSTEM, definition=f"{R4}CodeSystem-subsumes"
    ),
    Operation("translate", translate, BOTH, MAP, definition=f"{R4}ConceptMap-translate"),
    Operation("export", export, "system", definition=f"{BULK}/export"),
    Operation("export", export, "type", ("Patient",), definition=f"{BULK}/patient-export"),
    Operation("export", export, "instance", ("Group",), definition=f"{BULK}/group-export"),
    Operation("status", status, BOTH, ("SearchParameter",), ("GET",), described=STATUS),
    Operation("import", bulk_import, "system", (), ("POST",), described=IMPORT),
    Operation("versions", versions, "system", definition=f"{R4}CapabilityStatement-versions"),
)


def offered(level: str, type_: str) -> list[str]:
    """Return the names of what may be called at a level, of a type."""
    return sorted({f"${one.name}" for one in OPERATIONS if one.is_at(level, type_)})
