"""The message itself to Provenance: who said it, when, and who verified it.

Ingest adds what it alone knows: targets, the time of recording, the raw message.
"""

from adapters.hl7v2 import MSH, OBX, Segment
from mappers.base import Resource
from mappers.hl7v2.context import Context
from mappers.hl7v2.datatypes import practitioners, real
from mappers.names import CAMPUS, PROVENANCE_AGENT


def to_provenance(msh: MSH, verified: list[Segment], context: Context) -> Resource:
    """Return the Provenance of a message; `verified` are its OBX of status V."""
    provenance = context.resource("Provenance")
    if context.sent:
        provenance["occurredDateTime"] = context.sent.text
    sender = {
        "type": "Organization",
        "identifier": {"system": CAMPUS, "value": context.campus},
    }
    name = real(msh.sending_facility.namespace_id, msh.sending_application.namespace_id)
    provenance["agent"] = [_agent("author", {**sender, "display": name} if name else sender)]
    for person in _verifiers(verified, context):
        provenance["agent"].append(_agent("verifier", person))
    return provenance


def _agent(role: str, who: Resource) -> Resource:
    return {"type": {"coding": [{"system": PROVENANCE_AGENT, "code": role}]}, "who": who}


def _verifiers(verified: list[Segment], context: Context) -> list[Resource]:
    found: list[Resource] = []
    for segment in verified:
        for person in practitioners(segment.read(OBX).responsible_observer, context.campus):
            if person not in found:
                found.append(person)
    return found
