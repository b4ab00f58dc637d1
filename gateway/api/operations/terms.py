"""What the terminology operations share: whose definitions, which one is meant, which code.

https://hl7.org/fhir/R4/terminology-service.html
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gateway.api.call import Call
from gateway.api.operations.inputs import Inputs
from gateway.errors import InvalidRequestError, InvalidResourceError, NotFoundError
from gateway.fhir.library import Definition, Library, Resource, worked_out
from gateway.fhir.validation import check
from gateway.interactions import read as reading
from gateway.interactions.record import record
from gateway.interactions.terms import Finder, definition
from gateway.recognition.catalogue.registry import Catalogues
from gateway.terminology import loinc, value_sets
from gateway.terminology.judge import Coding

T = TypeVar("T")


@dataclass(slots=True)
class Desk:
    """Definitions for one call: what the caller may read, and what the catalogue has of LOINC."""

    call: Call
    library: Library = field(default_factory=Library)

    async def work(self, work: Callable[[Library], T]) -> T:
        """Return what some work makes of definitions; those that it used are recorded."""
        call = self.call
        finder = Finder(call.door, call.actor)

        async def find(type_: str, url: str) -> Definition | None:
            found = await finder(type_, url)
            if found is None and (type_, url) == ("CodeSystem", loinc.URL):
                return _loinc(call.service.catalogues)
            return found

        try:
            return await worked_out(find, work, self.library, asyncio.to_thread)
        finally:
            stored = [one for one in finder.used.values() if one.key > 0]
            await record(call.door, call.actor, "E", stored, call.interaction)

    async def meant(self, asked: Inputs, type_: str, name: str, version: str = "") -> Resource:
        """Return the definition that is meant: the instance, one sent along, or by its address."""
        sent = asked.get(f"{type_[0].lower()}{type_[1:]}")
        if self.call.id:
            stored = await reading.read(self.call.door, self.call.actor, type_, self.call.id)
            instance = definition(stored).resource
            url = asked.text(name).partition("|")[0]
            if sent is not None or url not in {"", instance.get("url")}:
                text = f"The {type_} of the address is meant; another one is named beside it."
                raise InvalidRequestError(text, expression=asked.place(name))
            return instance
        if isinstance(sent, Mapping):
            return self._sent(asked, sent, type_)
        address = asked.text(name)
        if not address:
            raise InvalidRequestError(f"{name} is needed.", expression=asked.place(name))
        if version and "|" not in address:
            address = f"{address}|{version}"
        found = await self.work(lambda library: _named(library, type_, address))
        if found is None:
            raise NotFoundError(f"There is no such {type_} here.", expression=asked.place(name))
        return found

    def _sent(self, asked: Inputs, sent: Resource, type_: str) -> Resource:
        if sent.get("resourceType") != type_:
            place = asked.place(f"{type_[0].lower()}{type_[1:]}")
            raise InvalidRequestError(f"This is no {type_}.", expression=place)
        if issues := [one for one in check(sent) if one.severity == "error"]:
            raise InvalidResourceError(f"The {type_} breaks R4's structure.", issues=issues)
        if url := sent.get("url"):
            self.library.add(type_, url, sent)
        return sent


def _named(library: Library, type_: str, address: str) -> Resource | None:
    if type_ == "ValueSet":
        return value_sets.find(library, address)
    found = library.get(type_, address)
    return found.resource if found else None


def _loinc(catalogues: Catalogues) -> Definition | None:
    book = catalogues.now()
    if book is None:
        return None
    names = {code: one.name_en or one.name for one in book.catalogue.items for code in one.loinc}
    return loinc.fragment(names, book.catalogue.version)


def codings(asked: Inputs, system: str = "") -> list[Coding]:
    """Return the codes that are asked about, in whichever of R4's three ways."""
    if concept := asked.get("codeableConcept"):
        return [_coding(one) for one in concept.get("coding", ())]
    if one := asked.get("coding"):
        return [_coding(one)]
    code = asked.text("code")
    if not code:
        raise InvalidRequestError("A code or coding is needed.", expression="http.code")
    named = asked.text("system") or system
    version = asked.text("systemVersion")
    return [Coding(named, code, asked.text("display"), version, bare=True)]


def _coding(value: Mapping[str, Any]) -> Coding:
    system, code, display, version = (
        str(value.get(name, "")) for name in ("system", "code", "display", "version")
    )
    return Coding(system, code, display, version)
