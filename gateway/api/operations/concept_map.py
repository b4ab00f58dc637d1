"""`ConceptMap/$translate`.

https://hl7.org/fhir/R4/conceptmap-operation-translate.html
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import Inputs, Param, inputs
from gateway.api.operations.terms import Desk, codings
from gateway.errors import CostlyError, InvalidRequestError
from gateway.fhir import published
from gateway.fhir.codec import encode
from gateway.fhir.library import Library, Resource
from gateway.interactions.search import search
from gateway.terminology.judge import Coding
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
    if not _names_map(call, asked):
        # "1" of any system would be found in whatever map there is.
        wanted = [one for one in wanted if one.system]
    maps = await _maps(call, asked, wanted)
    reverse = asked.get("reverse", default=False)
    target = asked.text("targetsystem")
    found = await asyncio.to_thread(translated, Library(), maps, wanted, target, reverse=reverse)
    return Answer(encode({"resourceType": "Parameters", "parameter": parameters(found)}))


def _names_map(call: Call, asked: Inputs) -> bool:
    return bool(call.id or asked.text("url") or asked.get("conceptMap"))


async def _maps(call: Call, asked: Inputs, wanted: Sequence[Coding]) -> list[Resource]:
    """Return the map that is named, or all between the systems and value sets that are.

    Of several versions of a map one counts, the same as where its address is named.
    """
    if _names_map(call, asked):
        version = asked.text("conceptMapVersion")
        return [await Desk(call).meant(asked, "ConceptMap", "url", version)]
    near, far = "source", "target"
    if asked.get("reverse", default=False):
        near, far = far, near
    if not wanted:
        text = "A map by its url is needed, or a code with its system."
        raise InvalidRequestError(text, expression="http.system")
    systems = {
        f"{near}-system": sorted({one.system for one in wanted}),
        f"{far}-system": [asked.text("targetsystem")],
    }
    listed = ((name, ",".join(map(_escaped, all_))) for name, all_ in systems.items())
    criteria = [one for one in listed if one[1]]
    page = await search(call.door, call.actor, "ConceptMap", [*criteria, ("_count", str(MOST + 1))])
    if len(page.matches) > MOST:
        raise CostlyError(f"More than {MOST} maps are between these systems; name one by its url.")
    own_first = sorted(page.matches, key=lambda one: one.campus != call.actor.campus)
    maps = _first([one.resource() for one in own_first])
    return [one for one in maps if _is_between(one, asked.text(near), asked.text(far), (near, far))]


def _first(found: list[Resource]) -> list[Resource]:
    """Return one map an address: R4's own where it has one, else the first."""
    kept: dict[object, Resource] = {}
    for one in found:
        url = one.get("url", "")
        own = published.at("ConceptMap", url)
        kept.setdefault(url or id(one), published.resource(own) if own else one)
    return list(kept.values())


def _is_between(one: Resource, start: str, end: str, names: tuple[str, str]) -> bool:
    """Return whether a map is between two value sets, "" being any."""
    return all(
        not wanted or wanted in {one.get(f"{name}Uri"), one.get(f"{name}Canonical")}
        for name, wanted in zip(names, (start, end), strict=True)
    )


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("|", "\\|")
