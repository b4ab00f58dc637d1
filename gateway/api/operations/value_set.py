"""`ValueSet/$expand` and `ValueSet/$validate-code`.

https://hl7.org/fhir/R4/valueset-operations.html
"""

from typing import Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import Inputs, Param, inputs
from gateway.api.operations.terms import Desk, codings
from gateway.errors import InvalidRequestError
from gateway.fhir.codec import encode
from gateway.fhir.dates import iso
from gateway.terminology import judge
from gateway.terminology.expand import Wish, expanded

SET: Final = (Param("url", ("uri",)), Param("valueSet", ("resource",)))
EXPAND: Final = (
    *SET,
    Param("valueSetVersion"),
    Param("filter"),
    Param("offset", ("integer",)),
    Param("count", ("integer",)),
    Param("includeDesignations", ("boolean",)),
    Param("includeDefinition", ("boolean",)),
    Param("activeOnly", ("boolean",)),
    Param("excludeNested", ("boolean",)),
    Param("excludeNotForUI", ("boolean",)),
    Param("displayLanguage", ("code",)),
)
VALIDATE: Final = (
    *SET,
    Param("valueSetVersion"),
    Param("code", ("code",)),
    Param("system", ("uri",)),
    Param("systemVersion"),
    Param("display"),
    Param("coding", ("Coding",)),
    Param("codeableConcept", ("CodeableConcept",)),
    Param("displayLanguage", ("code",)),
)


async def expand(call: Call) -> Answer:
    """Return a value set with its expansion."""
    asked = await inputs(call, EXPAND, bare="valueSet")
    desk = Desk(call)
    resource = await desk.meant(asked, "ValueSet", "url", asked.text("valueSetVersion"))
    wish, moment = _wish(asked), iso(call.door.clock())
    return Answer(
        encode(await desk.work(lambda library: expanded(library, resource, wish, moment)))
    )


def _wish(asked: Inputs) -> Wish:
    for name in ("offset", "count"):
        if asked.get(name, 0) < 0:
            raise InvalidRequestError(f"{name} is not negative.", expression=asked.place(name))
    return Wish(
        filter=asked.text("filter"),
        offset=asked.get("offset", 0),
        count=asked.get("count"),
        active_only=asked.get("activeOnly", default=False),
        designations=asked.get("includeDesignations", default=False),
        language=asked.text("displayLanguage"),
        definition=asked.get("includeDefinition", default=False),
        selectable_only=asked.get("excludeNotForUI", default=False),
    )


async def validate_code(call: Call) -> Answer:
    """Return whether a code is in a value set."""
    asked = await inputs(call, VALIDATE)
    desk = Desk(call)
    resource = await desk.meant(asked, "ValueSet", "url", asked.text("valueSetVersion"))
    wanted, language = codings(asked), asked.text("displayLanguage")
    verdict = await desk.work(
        lambda library: judge.in_value_set(library, resource, wanted, language)
    )
    return Answer(encode({"resourceType": "Parameters", "parameter": verdict.parameters()}))
