"""How a resource is shown: whole, or the part that `_summary` and `_elements` ask for.

https://hl7.org/fhir/R4/search.html#summary
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import InvalidRequestError
from gateway.fhir import subset
from gateway.fhir.codec import Resource, encode
from gateway.store.stored import Stored

NAMES: Final = frozenset({"_summary", "_elements"})
INCLUDES: Final = frozenset({"_include", "_revinclude"})
READ: Final = "_elements and _summary (true, text, data or false)"
"""What a read of one version takes."""
DETACHED: Final = frozenset({"component", "series"})
"""Elements within which a search leaves something out unless asked."""
PARTS: Final[dict[str, subset.Summary]] = {"true": "true", "text": "text", "data": "data"}
SUMMARIES: Final = (*PARTS, "count", "false")


@dataclass(frozen=True, slots=True)
class Look:
    """What is shown of each resource; `params` say so in links."""

    summary: subset.Summary = ""
    elements: frozenset[str] = frozenset()
    params: tuple[tuple[str, str], ...] = ()

    def json(self, stored: Stored) -> bytes:
        """Return a version as it is shown."""
        if not self.params:
            return stored.json()
        return encode(self.part(stored.resource()))

    def part(self, resource: Resource) -> Resource:
        """Return what is shown of a resource; there is something asked for."""
        if self.elements:
            return subset.chosen(resource, self.elements)
        return subset.summarised(resource, self.summary)


WHOLE: Final = Look()


def look(type_: str, params: Sequence[tuple[str, str]]) -> Look:
    """Return how parameters want resources to be shown. `type_` is "" where many types come."""
    asked = [pair for pair in params if pair[0] in NAMES]
    if not asked:
        return WHOLE
    summaries = [value for name, value in asked if name == "_summary"]
    lists = [value for name, value in asked if name == "_elements"]
    if len(summaries) > 1:
        raise InvalidRequestError("_summary is given once.", expression="http._summary")
    if summaries and summaries[0] not in SUMMARIES:
        raise InvalidRequestError(
            f"_summary takes one of {', '.join(SUMMARIES)}.", expression="http._summary"
        )
    summary = PARTS.get(summaries[0], "") if summaries else ""
    if summary and lists:
        raise InvalidRequestError(
            "_summary and _elements do not go together.", expression="http._elements"
        )
    if summary == "text" and any(name.partition(":")[0] in INCLUDES for name, _ in params):
        raise InvalidRequestError(
            "_summary=text does not go with _include and _revinclude.", expression="http._summary"
        )
    names = frozenset(name.strip() for text in lists for name in text.split(","))
    if lists and (not all(names) or not all(_known(type_, name) for name in names)):
        raise InvalidRequestError(
            f"_elements takes names of elements{f' of {type_}' if type_ else ''}.",
            expression="http._elements",
        )
    told = [pair for pair in asked if pair[0] == "_elements" or pair[1] in PARTS]
    return Look(summary, names, tuple(told))


def beside(look: Look, params: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the parameters that say something else than how resources are shown."""
    shown = {*look.params, ("_summary", "false")}
    return [pair for pair in params if look is WHOLE or pair not in shown]


def detailed(look: Look, params: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return a search's parameters: whoever names what a search leaves out wants it.

    DESIGN §3, "Detached parts".
    """
    if look.elements & DETACHED and not any(name == "_detail" for name, _ in params):
        return [*params, ("_detail", "full")]
    return list(params)


def _known(type_: str, name: str) -> bool:
    # Not an element, but always there, and some clients name it.
    return not type_ or name == "resourceType" or subset.is_element(type_, name)
