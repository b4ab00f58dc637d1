"""A resource examined by all that is known: structure, rules, bindings, profiles, second opinion.

https://hl7.org/fhir/R4/validation.html
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from gateway.conformance import base, second_opinion
from gateway.conformance.profile import claimed
from gateway.conformance.report import Report
from gateway.errors import CostlyError, Issue
from gateway.fhir.codec import Resource
from gateway.fhir.fhirpath.faults import TooCostlyError
from gateway.fhir.library import ROUNDS, Find, Library, fetched
from gateway.fhir.validation import check

KEPT: Final = 1_024
UNTOLD: Final = Issue(
    "information",
    "informational",
    "Rules, bindings and profiles are looked at where the structure is right.",
)

COSTLY: Final = Issue(
    "warning", "too-costly", "The look was broken off: profiles and resource take too many steps."
)


async def examined(find: Find, resource: Resource, profiles: Sequence[str] = ()) -> list[Issue]:
    """Return what is wrong with a resource; definitions are those that `find` gives the caller.

    The work is done beside the event loop. What turns out to be needed is fetched, and the work
    done again; what a profile needed the last time is fetched before.
    """
    structure = await asyncio.to_thread(check, resource)
    if any(one.severity == "error" for one in structure):
        return [*structure, UNTOLD]
    library = Library()
    addresses = [*claimed(resource), *profiles]
    for url in addresses:
        library.missing.update(_needed(url))
    for _ in range(ROUNDS):
        await fetched(find, library)
        found = await asyncio.to_thread(_look, library, resource, profiles)
        if not library.missing:
            break
    else:
        raise CostlyError("The definitions lead to ever more definitions.")
    for url in addresses:
        _needed(url).update(library.used)
    return [*structure, *found, *await asyncio.to_thread(second_opinion.ask, resource)]


def _look(library: Library, resource: Resource, profiles: Sequence[str]) -> list[Issue]:
    report = Report()
    library.memo.clear()
    try:
        base.look(library, report, resource, profiles)
    except TooCostlyError:
        return [*report.issues, COSTLY]
    return report.issues


@lru_cache(KEPT)
def _needed(url: str) -> dict[tuple[str, str], None]:
    """Return the addresses that a look with a profile asked for: addresses alone, no content."""
    del url
    return {}
