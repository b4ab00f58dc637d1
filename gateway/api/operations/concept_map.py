"""`ConceptMap/$translate`.

https://hl7.org/fhir/R4/conceptmap-operation-translate.html
"""

from typing import Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import Inputs, Param, inputs
from gateway.api.operations.terms import Desk, codings
from gateway.errors import InvalidRequestError
from gateway.fhir.codec import encode
from gateway.fhir.library import Resource
from gateway.interactions.search import search
from gateway.terminology.translate import parameters, translated

PARAMS: Final = (
    Param("url", ("uri",)),
    Param("conceptMap", ("resource",)),
    Param("conceptMapVersion"),
    Param("code", ("code",)),
    Param("system", ("uri",)),
    Param("version"),
    Param("source", ("uri",)),
    Param("coding", ("Coding",)),
    Param("codeableConcept", ("CodeableConcept",)),
    Param("target", ("uri",)),
    Param("targetsystem", ("uri",)),
    Param("reverse", ("boolean",)),
)
MOST: Final = 100
"""Maps that are looked into where none is named."""


async def translate(call: Call) -> Answer:
    """Return what a code is in another system."""
    asked = await inputs(call, PARAMS)
    wanted = codings(asked)
    maps = await _maps(call, asked)
    reverse = asked.get("reverse", default=False)
    found = translated(maps, wanted, asked.text("targetsystem"), reverse=reverse)
    return Answer(encode({"resourceType": "Parameters", "parameter": parameters(found)}))


async def _maps(call: Call, asked: Inputs) -> list[Resource]:
    """Return the map that is named, or all between the systems and value sets that are."""
    if call.id or asked.text("url") or asked.get("conceptMap"):
        version = asked.text("conceptMapVersion")
        return [await Desk(call).meant(asked, "ConceptMap", "url", version)]
    near, far = "source", "target"
    if asked.get("reverse", default=False):
        near, far = far, near
    systems = {
        f"{near}-system": codings(asked)[0].system,
        f"{far}-system": asked.text("targetsystem"),
    }
    criteria = [(name, _escaped(value)) for name, value in systems.items() if value]
    if not criteria:
        raise InvalidRequestError("url or a code system is needed.", expression="http.url")
    page = await search(call.door, call.actor, "ConceptMap", [*criteria, ("_count", str(MOST))])
    maps = [one.resource() for one in page.matches]
    return [one for one in maps if _is_between(one, asked.text(near), asked.text(far), (near, far))]


def _is_between(one: Resource, start: str, end: str, names: tuple[str, str]) -> bool:
    """Return whether a map is between two value sets, "" being any."""
    return all(
        not wanted or wanted in {one.get(f"{name}Uri"), one.get(f"{name}Canonical")}
        for name, wanted in zip(names, (start, end), strict=True)
    )


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("|", "\\|")
