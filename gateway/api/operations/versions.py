"""`$versions`: which versions of FHIR are spoken here.

https://hl7.org/fhir/R4/capabilitystatement-operation-versions.html
"""

from typing import Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import inputs
from gateway.fhir.codec import encode

VERSION: Final = "4.0"


async def versions(call: Call) -> Answer:
    """Return the one version."""
    await inputs(call, ())
    found = [{"name": name, "valueCode": VERSION} for name in ("version", "default")]
    return Answer(encode({"resourceType": "Parameters", "parameter": found}))
