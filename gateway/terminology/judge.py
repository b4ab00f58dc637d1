"""`$validate-code`, `$lookup` and `$subsumes`: what is said of one code, or of two.

https://hl7.org/fhir/R4/terminology-service.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.errors import InvalidRequestError, NotFoundError
from gateway.fhir.library import Library, Resource
from gateway.fhir.text import fold
from gateway.terminology import systems, value_sets, words
from gateway.terminology.expand import display
from gateway.terminology.systems import GRAMMARS, Concept, System

Parameters = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Coding:
    """A code as somebody wrote it."""

    system: str = ""
    code: str = ""
    display: str = ""
    version: str = ""
    bare: bool = False
    """Whether it is a code alone, as of an element that has no system."""

    @property
    def address(self) -> str:
        """The code system's address, with the version where one is named."""
        return f"{self.system}|{self.version}" if self.version else self.system


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a code is valid, and why not."""

    result: bool
    message: str = ""
    display: str = ""
    coding: Coding = Coding()

    def parameters(self) -> Parameters:
        """Return it as the operation's parameters."""
        found: Parameters = [{"name": "result", "valueBoolean": self.result}]
        if self.message:
            found.append({"name": "message", "valueString": self.message})
        if self.display:
            found.append({"name": "display", "valueString": self.display})
        return found


UNTOLD: Final = "Whether the code is valid cannot be told: its code system is not here whole."


def system_of(library: Library, address: str) -> System:
    """Return a code system; NotFoundError where its codes are not here."""
    found = systems.find(library, address)
    if found is None:
        text = "There is no such CodeSystem here with its codes."
        raise NotFoundError(text, expression="http.system")
    return found


def in_system(library: Library, coding: Coding, language: str = "") -> Verdict:
    """Return whether a code is one of its code system."""
    grammar = GRAMMARS.get(coding.system)
    if grammar is not None:
        is_right = grammar(coding.code)
        text = "" if is_right else "The code system has no such code."
        return Verdict(result=is_right, message=text, coding=coding)
    system = system_of(library, coding.address)
    concept = system.get(coding.code)
    if concept is None:
        text = "The code system has no such code." if system.whole else UNTOLD
        return Verdict(result=False, message=text, coding=coding)
    return _named(_names(concept), coding, language)


def in_systems(
    library: Library, codings: Sequence[Coding], meant: str = "", language: str = ""
) -> Verdict:
    """Return whether any of several codings is one of its code system, which may be told apart.

    NotFoundError where none of their systems is here.
    """
    verdicts: list[Verdict] = []
    missing: NotFoundError | None = None
    for coding in codings:
        if meant and coding.system != meant:
            text = "The code is of another code system."
            verdicts.append(Verdict(result=False, message=text, coding=coding))
            continue
        try:
            verdicts.append(in_system(library, coding, language))
        except NotFoundError as error:
            missing = error
    right = next((one for one in verdicts if one.result), None)
    if right is None and missing is not None:
        raise missing
    return right or verdicts[0]


@dataclass(frozen=True, slots=True)
class _Names:
    """What a code is called: by the value set and by its code system."""

    display: str
    known: frozenset[str]
    designations: tuple[Resource, ...]


def _names(concept: Concept | None, rows: Sequence[Resource] = ()) -> _Names:
    displays = [str(one["display"]) for one in rows if "display" in one]
    displays.append(concept.display if concept else "")
    listed = (each for one in rows for each in one.get("designation", ()))
    designations = (*listed, *(concept.designations if concept else ()))
    known = {*displays, *(str(one.get("value", "")) for one in designations)} - {""}
    return _Names(displays[0], frozenset(known), designations)


def _named(names: _Names, coding: Coding, language: str) -> Verdict:
    shown = display(names.display, names.designations, language)
    # Where nobody says what a code is called, no word for it is wrong.
    is_wrong = names.known and fold(coding.display) not in map(fold, names.known)
    if coding.display and is_wrong:
        text = "The display is not one of the code's."
        return Verdict(result=False, message=text, display=shown, coding=coding)
    return Verdict(result=True, display=shown, coding=coding)


def in_value_set(
    library: Library, resource: Resource, codings: Sequence[Coding], language: str = ""
) -> Verdict:
    """Return whether any of several codings is in a value set."""
    first: Verdict | None = None
    for coding in codings:
        verdict = _one(library, resource, coding, language)
        if verdict.result:
            return verdict
        first = first or verdict
    return first or Verdict(result=False, message="There is no code.")


def _one(library: Library, resource: Resource, coding: Coding, language: str) -> Verdict:
    if not coding.system and not coding.bare:
        text = "The coding names no code system."
        return Verdict(result=False, message=text, coding=coding)
    inside = value_sets.contains(library, resource, (coding.system, coding.code))
    if inside is not True:
        text = UNTOLD if inside is None else "The value set has no such code."
        return Verdict(result=False, message=text, coding=coding)
    system = systems.find(library, coding.address) if coding.system else None
    concept = system.get(coding.code) if system else None
    rows = list(words.said(library, resource, (coding.system, coding.code)))
    return _named(_names(concept, rows), coding, language)


def looked_up(
    library: Library, coding: Coding, properties: Sequence[str] = (), language: str = ""
) -> Parameters:
    """Return what is said of a code; NotFoundError where it is none."""
    if coding.system in GRAMMARS:
        if not GRAMMARS[coding.system](coding.code):
            raise _no_code()
        return [
            {"name": "name", "valueString": coding.system},
            {"name": "display", "valueString": coding.code},
        ]
    system = system_of(library, coding.address)
    concept = system.get(coding.code)
    if concept is None:
        raise _no_code()
    shown = display(concept.display, concept.designations, language) or concept.code
    found: Parameters = [{"name": "name", "valueString": system.name or system.url}]
    if system.version:
        found.append({"name": "version", "valueString": system.version})
    found.append({"name": "display", "valueString": shown})
    if not properties or "designation" in properties:
        found += [_designation(one) for one in concept.designations]
    return found + _properties(system, concept, properties)


def _no_code() -> NotFoundError:
    return NotFoundError("The code system has no such code here.", expression="http.code")


def _designation(one: Resource) -> dict[str, Any]:
    kinds = (("language", "valueCode"), ("use", "valueCoding"), ("value", "valueString"))
    parts = [{"name": name, kind: one[name]} for name, kind in kinds if name in one]
    return {"name": "designation", "part": parts}


def _properties(system: System, concept: Concept, wanted: Sequence[str]) -> Parameters:
    rows: Parameters = []
    if concept.definition:
        rows.append({"code": "definition", "valueString": concept.definition})
    rows += [{"code": "parent", "valueCode": one} for one in sorted(concept.parents)]
    rows += [{"code": "child", "valueCode": one} for one in system.children.get(concept.code, ())]
    named = {str(row["code"]) for row in rows}
    rows += [dict(one) for one in concept.properties if one.get("code") not in named]
    return [
        {"name": "property", "part": [{"name": "code", "valueCode": row["code"]}, *_value(row)]}
        for row in rows
        if "code" in row and (not wanted or row["code"] in wanted)
    ]


def _value(row: dict[str, Any]) -> Parameters:
    """Return the value of a property, none where it has but an extension in its place."""
    return [{"name": "value", kind: row[kind]} for kind in row if kind.startswith("value")]


def subsumed(library: Library, a: Coding, b: Coding) -> str:
    """Return how the first code stands to the second (concept-subsumption-outcome)."""
    if a.system != b.system:
        raise InvalidRequestError("Both codes come from one code system.", expression="http.system")
    system = system_of(library, a.address)
    first, second = system.get(a.code), system.get(b.code)
    if first is None or second is None:
        raise _no_code()
    if first.code == second.code:
        return "equivalent"
    if second.code in system.below(first.code):
        return "subsumes"
    return "subsumed-by" if first.code in system.below(second.code) else "not-subsumed"
