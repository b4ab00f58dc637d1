"""`CodeSystem/$lookup`, `$validate-code` and `$subsumes`.

https://hl7.org/fhir/R4/codesystem-operations.html
"""

from typing import Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import Inputs, Param, inputs
from gateway.api.operations.terms import Desk, codings
from gateway.errors import InvalidRequestError
from gateway.fhir.codec import encode
from gateway.fhir.library import Library
from gateway.terminology import judge
from gateway.terminology.judge import Coding, Parameters

CODE: Final = (
    Param("code", ("code",)),
    Param("system", ("uri",)),
    Param("version"),
    Param("coding", ("Coding",)),
)
LOOKUP: Final = (
    *CODE,
    Param("displayLanguage", ("code",)),
    Param("property", ("code",), many=True),
)
VALIDATE: Final = (
    *CODE,
    Param("url", ("uri",)),
    Param("codeSystem", ("resource",)),
    Param("codeableConcept", ("CodeableConcept",)),
    Param("display"),
    Param("displayLanguage", ("code",)),
)
SUBSUMES: Final = (
    Param("codeA", ("code",)),
    Param("codeB", ("code",)),
    Param("system", ("uri",)),
    Param("version"),
    Param("codingA", ("Coding",)),
    Param("codingB", ("Coding",)),
)


async def lookup(call: Call) -> Answer:
    """Return what is said of a code."""
    asked = await inputs(call, LOOKUP)
    desk = Desk(call)
    (coding,) = _codings(asked, await _system(desk, asked))
    properties, language = asked.all("property"), asked.text("displayLanguage")

    def work(library: Library) -> Parameters:
        return judge.looked_up(library, coding, properties, language)

    return _told(await desk.work(work))


async def validate_code(call: Call) -> Answer:
    """Return whether a code is one of a code system."""
    asked = await inputs(call, VALIDATE)
    desk = Desk(call)
    system, language = await _system(desk, asked), asked.text("displayLanguage")
    wanted, meant = _codings(asked, system), system.partition("|")[0]

    def work(library: Library) -> Parameters:
        return judge.in_systems(library, wanted, meant, language).parameters()

    return _told(await desk.work(work))


async def subsumes(call: Call) -> Answer:
    """Return how one code stands to another."""
    asked = await inputs(call, SUBSUMES)
    desk = Desk(call)
    system, version = await _system(desk, asked), asked.text("version")
    first, second = (_end(asked, end, system, version) for end in "AB")
    outcome = await desk.work(lambda library: judge.subsumed(library, first, second))
    return _told([{"name": "outcome", "valueCode": outcome}])


def _end(asked: Inputs, end: str, system: str, version: str) -> Coding:
    """Return one of the two codes."""
    if one := asked.get(f"coding{end}"):
        named = one.get("version", version)
        return Coding(one.get("system", system), one.get("code", ""), version=named)
    if not asked.text(f"code{end}") or not system:
        raise InvalidRequestError(
            f"codeA and codeB with system, or codingA and codingB, are needed: {end} is not there.",
            expression=asked.place(f"code{end}"),
        )
    return Coding(system, asked.text(f"code{end}"), version=version)


def _codings(asked: Inputs, system: str) -> list[Coding]:
    """Return the codes that are asked about, each with a system."""
    system, _, version = system.partition("|")
    version = asked.text("version") or version
    found = [
        Coding(one.system or system, one.code, one.display, one.version or version)
        for one in codings(asked, system)
    ]
    if not found or not all(one.system for one in found):
        raise InvalidRequestError("The code system is not named.", expression="http.system")
    return found


async def _system(desk: Desk, asked: Inputs) -> str:
    """Return the address of the code system that is meant, "" where the codes name their own."""
    if desk.call.id or asked.get("codeSystem"):
        resource = await desk.meant(asked, "CodeSystem", "url")
        url = str(resource.get("url") or f"CodeSystem/{resource.get('id', '')}")
        # This version of it, and no other that has the same address.
        desk.library.add("CodeSystem", url, resource)
        return url
    return asked.text("system") or asked.text("url")


def _told(parameters: Parameters) -> Answer:
    return Answer(encode({"resourceType": "Parameters", "parameter": parameters}))
