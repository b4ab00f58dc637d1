"""Which campus a thing comes from: its short mark, in sight on every row."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.web.display.element import Resource, extension, part, parts, text
from mappers.names import CITIZEN_ID, CITIZEN_ID_ALIAS, EXT_CAMPUS, identifier_system

CITIZEN = {CITIZEN_ID, CITIZEN_ID_ALIAS}
TAIL = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A campus chip. `state`: own, other or silent."""

    code: str
    text: str
    name: str
    state: str


def code_of(resource: Resource) -> str:
    """Return the code of the campus that owns a resource."""
    return text(extension(part(resource, "meta"), EXT_CAMPUS), "valueCode")


def campus_number(patient: Resource) -> str:
    """Return the patient's number at its own campus, whole."""
    system = identifier_system(code_of(patient), "pid")
    own = (one for one in parts(patient, "identifier") if text(one, "system") == system)
    return next((text(one, "value") for one in own), "")


def citizen_tail(patients: Sequence[Resource]) -> str:
    """Return the last four of the first citizen number known; the rest stays out of sight."""
    numbers = (
        text(one, "value")
        for patient in patients
        for one in parts(patient, "identifier")
        if text(one, "system") in CITIZEN
    )
    return next((number[-TAIL:] for number in numbers if number), "")
