"""Small messages for tests, and their mapping for campus B."""

from adapters.hl7v2 import parse
from mappers.base import Mapped, Source
from mappers.hl7v2 import to_fhir

AUTHORITIES = {"A": "A", "B": "B", "2.16.156.1": "A"}
PID = "PID|1||P1^^^B^MR||王^小明||19900307|M"


def header(kind: str = "ORU^R01", **fields: str) -> str:
    """Return an MSH; fields are msh7, msh10, msh11, msh16."""
    sent, number = fields.get("msh7", "20261122083015"), fields.get("msh10", "M1")
    processing, quality = fields.get("msh11", "P"), fields.get("msh16", "")
    return f"MSH|^~\\&|LIS|B|H|C|{sent}||{kind}|{number}|{processing}|2.5.1||||{quality}||UNICODE"


def mapped(*segments: str, **settings) -> Mapped:
    """Return what the segments say; settings are those of the Source."""
    source = Source("B", "Asia/Shanghai", **{"authorities": AUTHORITIES, **settings})
    return to_fhir(parse(("\r".join(segments) + "\r").encode()), source)


def result(*segments: str, **settings) -> Mapped:
    """Return what a result with these segments behind the PID says."""
    return mapped(header(), PID, *segments, **settings)


def only(found: Mapped, kind: str) -> dict:
    """Return the one resource of a type."""
    (resource,) = [draft.resource for draft in found.drafts if draft.key.type == kind]
    return resource


def keys(found: Mapped, kind: str) -> list[str]:
    """Return the key values of a type."""
    return [draft.key.value for draft in found.drafts if draft.key.type == kind]


def skips(found: Mapped) -> dict[str, str]:
    """Return the named skips by place."""
    return {skip.place: skip.reason for skip in found.account.skips}


def notes(found: Mapped) -> set[tuple[str, str]]:
    """Return codes and places of the notes that raise an alert."""
    return {(note.code, note.place) for note in found.notes if note.severity == "warning"}
