"""Business keys: (campus, type, identifier system, value) decides, ids follow (DESIGN §3)."""

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Final

KINDS: Final = ("pid", "visit", "placer", "filler", "accession", "specimen", "report")
SYSTEM = re.compile(rf"urn:hutong:(?P<code>.+):(?:{'|'.join(KINDS)})")
NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:hutong")
STUDY_UID: Final = "urn:dicom:uid"
FOR_ALL: Final = frozenset({"ImagingStudy"})
"""Types whose keys name one thing for all campuses."""
CAMPUS_SYSTEM: Final = "urn:hutong:cs:campus"


def system(code: str, kind: str) -> str:
    """Return the identifier system of one kind of number of a campus."""
    return f"urn:hutong:{code}:{kind}"


def resource_id(code: str, type_: str, key_system: str, value: str) -> str:
    """Return the id that a first creation from a business key gets."""
    return str(uuid.uuid5(NAMESPACE, f"{code}|{type_}|{key_system}|{value}"))


def organization_id(code: str) -> str:
    """Return the id of a campus's Organization."""
    return resource_id("consortium", "Organization", CAMPUS_SYSTEM, code)


def claims(resource: Mapping[str, Any], code: str) -> list[tuple[str, str]]:
    """Return the business keys that a campus's resource carries.

    Numbers of its own namespace are keys. Only where there is none does another campus's number
    serve: a regional laboratory that knows a patient by the ward's number alone.
    """
    if resource.get("resourceType") in FOR_ALL:
        # Several studies may answer one order, so an accession number is no key of theirs.
        return [
            (STUDY_UID, _oid(value)) for name, value in _identifiers(resource) if name == STUDY_UID
        ]
    own: list[tuple[str, str]] = []
    foreign: list[tuple[str, str]] = []
    for name, value in _identifiers(resource):
        found = SYSTEM.fullmatch(name)
        if found and value:
            (own if found["code"] == code else foreign).append((name, value))
    return list(dict.fromkeys(own or foreign))


def _oid(value: str) -> str:
    """Return a UID as R4 writes it; some write it bare."""
    return value if value.startswith("urn:") else f"urn:oid:{value}"


def _identifiers(resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    found = resource.get("identifier") or ()
    for one in [found] if isinstance(found, dict) else found:
        if isinstance(one, dict) and "system" in one and one.get("use") != "old":
            yield str(one["system"]), str(one.get("value", ""))
