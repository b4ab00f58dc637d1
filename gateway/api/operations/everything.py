"""`Patient/{id}/$everything` and `Encounter/{id}/$everything`.

https://hl7.org/fhir/R4/patient-operation-everything.html
"""

from typing import Final

from gateway.api import bundles
from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import Param, inputs
from gateway.operations import everything as operation

PAGED: Final = (
    Param("_since", ("instant", "dateTime")),
    Param("_type", ("string",), many=True),
    Param("_count", ("positiveInt",)),
    Param("_detail", ("code",)),
    Param("_page", ("string",)),
)
OF_PATIENT: Final = (
    Param("start", ("date", "dateTime")),
    Param("end", ("date", "dateTime")),
    Param("_linked", ("boolean",)),
    *PAGED,
)


async def everything(call: Call) -> Answer:
    """Return a page of the record."""
    asked = await inputs(call, OF_PATIENT if call.type == "Patient" else PAGED)
    params = asked.pairs()
    page = await operation.everything(call.door, call.actor, (call.type, call.id), params)
    bundles.mark_page(page, params)
    return Answer(bundles.searchset(page, call.base, f"{call.type}/{call.id}/$everything"))
