"""PN to HumanName: one for each group, the one in Chinese characters first.

PS3.5 §6.2.1.1; https://hl7.org/fhir/R4/datatypes.html#HumanName
"""

import re

from adapters.dicom import PersonName
from mappers.base import Resource
from mappers.names import EXT_NAME_REPRESENTATION

EAST_ASIAN = re.compile(
    "[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
IDEOGRAPHIC, ALPHABETIC, PHONETIC = "IDE", "ABC", "SYL"


def human_names(name: PersonName) -> list[Resource]:
    """Return the names of a person, [] if there is none."""
    groups = {
        IDEOGRAPHIC: name.ideographic,
        ALPHABETIC: name.alphabetic,
        PHONETIC: name.phonetic,
    }
    if not _parts(groups[IDEOGRAPHIC]) and EAST_ASIAN.search(groups[ALPHABETIC]):
        # Many devices have one field for a name, and write what they get into the first group.
        groups = {**groups, IDEOGRAPHIC: groups[ALPHABETIC], ALPHABETIC: ""}
    names = [human_name(group, code) for code, group in groups.items() if _parts(group)]
    for index, one in enumerate(names):
        one["use"] = "usual" if index else "official"
    if len(names) == 1 and names[0]["extension"][0]["valueCode"] == ALPHABETIC:
        del names[0]["extension"]
    return names


def human_name(group: str, representation: str) -> Resource:
    """Return the name of one group, `family^given^middle^prefix^suffix`."""
    family, given, middle, prefix, suffix = (*_split(group), "", "", "", "", "")[:5]
    givens = [part for part in (given, middle) if part]
    element: Resource = {
        "extension": [{"url": EXT_NAME_REPRESENTATION, "valueCode": representation}],
        "use": "",
        "text": text_of(group),
    }
    if family:
        element["family"] = family
    if givens:
        element["given"] = givens
    for key, part in (("prefix", prefix), ("suffix", suffix)):
        if part:
            element[key] = [part]
    return element


def text_of(group: str) -> str:
    """Return a name as people write it: Chinese in one word, others given name first."""
    family, *rest = _split(group)
    givens = [part for part in rest[:2] if part]
    if EAST_ASIAN.search(group):
        return "".join([family, *givens])
    return " ".join([*givens, family] if family else givens)


def display(name: PersonName) -> str:
    """Return a name in one way of writing, "" for none."""
    return text_of(name.ideographic) or text_of(name.alphabetic)


def _split(group: str) -> list[str]:
    return [" ".join(part.split()) for part in group.split("^")]


def _parts(group: str) -> bool:
    return any(_split(group))
