"""The results of a message that waits in quarantine: enough to tell whether one is critical.

Each OBX by itself: code, value, unit and flags. Whose it is and which report it belongs to is what
the message could not say, so this is never stored.
"""

from adapters.hl7v2 import OBX, Message, Segment
from mappers.base import Resource, Source
from mappers.flags import concept as flag_concept
from mappers.hl7v2.context import Context, QuarantineError
from mappers.hl7v2.datatypes import item, real
from mappers.hl7v2.groups import Result
from mappers.hl7v2.results import to_found, units_of

WITHDRAWN = frozenset("DWXN")
"""Codes of table 0085 that carry no result."""


def rough_results(message: Message, source: Source) -> list[Resource]:
    """Return an Observation, as far as it goes, for each result."""
    context = Context(message.msh, source)
    found = (_result(one, context) for one in message.segments if one.name == "OBX")
    return [one for one in found if one]


def _result(segment: Segment, context: Context) -> Resource:
    obx = segment.read(OBX)
    if real(obx.observation_result_status).upper() in WITHDRAWN:
        return {}
    observation: Resource = {
        "resourceType": "Observation",
        "status": "unknown",
        "code": item(obx.observation_identifier, context.campus) or {"text": "-"},
    }
    flags = [real(cwe.identifier, cwe.text) for cwe in obx.interpretation_codes]
    try:
        found = to_found(obx, units_of(obx.units), Result(segment), context)
    except QuarantineError:
        found = None
    if found:
        observation |= found.elements
        flags.append(found.flag)
    if concepts := [flag_concept(one) for one in flags if one]:
        observation["interpretation"] = concepts
    return observation
