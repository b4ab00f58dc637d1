"""What the operations of our own take and give, as their OperationDefinitions tell it.

https://hl7.org/fhir/R4/operationdefinition.html; those of HL7 are described by HL7.
"""

from dataclasses import dataclass
from typing import Final

MANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Slot:
    """One parameter. `kind` is a FHIR type, "" where it has parts; `Type` stands for several."""

    name: str
    kind: str = ""
    least: int = 0
    most: str = "1"
    parts: tuple["Slot", ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """An operation as people and programs are told of it. `affects`: it changes what is stored."""

    title: str
    says: str
    affects: bool
    takes: tuple[Slot, ...] = ()
    gives: tuple[Slot, ...] = ()


RECOGNIZE: Final = Description(
    "Recognize",
    "Tells for each order which result made elsewhere may stand for it, and why. A POST is recorded"
    " and can be answered, a GET of a stored order judges alone.",
    affects=True,
    takes=(
        Slot("order", "ServiceRequest", 1, MANY),
        Slot("encounterClass", "Coding"),
        Slot("at", "dateTime"),
    ),
    gives=(
        Slot(
            "decision",
            least=1,
            most=MANY,
            parts=(
                Slot("id", "string"),
                Slot("outcome", "code", 1),
                Slot("item", "Coding"),
                Slot("result", "Reference"),
                Slot("validUntil", "dateTime"),
                Slot("reason", "Coding", 1),
                Slot(
                    "rule",
                    least=1,
                    most=MANY,
                    parts=(
                        Slot("id", "code", 1),
                        Slot("verdict", "code", 1),
                        Slot("evidence", "Type", 0, MANY),
                    ),
                ),
                Slot("residual", "Coding", 0, MANY),
            ),
        ),
        Slot(
            "coverage",
            least=1,
            parts=(
                Slot("included", "Reference", 0, MANY),
                Slot(
                    "silent",
                    most=MANY,
                    parts=(Slot("campus", "Reference", 1), Slot("since", "dateTime", 1)),
                ),
            ),
        ),
    ),
)
ACKNOWLEDGE: Final = Description(
    "Acknowledge",
    "Closes the Task of a critical value: a person of the campus that must answer reads the value"
    " back. The same key, or the same person and number, twice is one answer.",
    affects=True,
    takes=(
        Slot("readBack", "Type"),
        Slot("actor", "Type"),
        Slot("comment", "string"),
        Slot("key", "string"),
    ),
    gives=(Slot("return", "Task", 1),),
)
STATUS: Final = Description(
    "SearchParameterStatus",
    "Tells which search parameters are defined on this server, and how far each is built.",
    affects=False,
    gives=(
        Slot(
            "parameter",
            most=MANY,
            parts=(
                Slot("resource", "Reference", 1),
                Slot("url", "uri", 1),
                Slot("code", "code", 1),
                Slot("state", "code", 1),
                Slot("percent", "integer", 1),
            ),
        ),
    ),
)
IMPORT: Final = Description(
    "Import",
    "Starts a job that takes in NDJSON files, each line a resource. The answer is 202 with"
    " Content-Location, where the job is asked after. NDJSON may also be the body itself.",
    affects=True,
    takes=(
        Slot("input", least=1, most=MANY, parts=(Slot("type", "code", 1), Slot("url", "url", 1))),
    ),
)
