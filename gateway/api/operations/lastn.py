"""`Observation/$lastn`.

https://hl7.org/fhir/R4/observation-operation-lastn.html
"""

from typing import Final

from gateway.api import bundles
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import criteria
from gateway.errors import InvalidRequestError
from gateway.operations.lastn import lastn as operation

ADDRESS: Final = "Observation/$lastn"
LONGEST: Final = 9


async def lastn(call: Call) -> Answer:
    """Return the newest Observations of each kind."""
    params = await criteria(call)
    numbers = [value for name, value in params if name == "max"]
    most = numbers[0] if numbers else "1"
    if len(numbers) > 1 or not (most.isascii() and most.isdigit()) or not int(most[:LONGEST]):
        raise InvalidRequestError("max is a number of at least 1.", expression="http.max")
    searched = [pair for pair in params if pair[0] != "max"]
    page = await operation(
        call.door, call.actor, searched, int(most[:LONGEST]), lenient=call.prefer.lenient
    )
    return Answer(bundles.searchset(page, call.base, ADDRESS))
