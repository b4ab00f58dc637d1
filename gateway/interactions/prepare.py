"""A resource made ready for the writer: checked, owned, labelled, cut open for its version.

All of it happens before the writer's lock is taken (DESIGN §3, "Group commit").
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from gateway.access.sensitive import SECURITY, is_sensitive, labels
from gateway.errors import InvalidResourceError, Issue, TooLargeError
from gateway.fhir.clinical import clinical
from gateway.fhir.codec import (
    Resource,
    compact,
    decode,
    decode_exact,
    encode,
    has_repeats,
    members,
)
from gateway.fhir.definitions import RESOURCE_TYPES, TYPE_IDS
from gateway.fhir.extract import Extracted, extract
from gateway.fhir.searchparams import presence, search_params
from gateway.fhir.text import folded, joined
from gateway.fhir.validation import check, deepest
from gateway.interactions.detached import refuse_subset
from gateway.interactions.door import Door
from gateway.interactions.keys import FOR_ALL, claims, organization_id
from gateway.store.body import pack
from gateway.store.records import OWN, RESTRICTED, SHARED, UNDATED, Op, Require, Write

CAMPUS_EXTENSION: Final = "urn:hutong:ext:campus"
OWN_TYPES: Final = frozenset({"Task", "Subscription", "AuditEvent"})
"""Read by owner and addressee only."""
MAX_VALUES: Final = 100_000
SPLICED: Final = frozenset({"resourceType", "id", "meta"})

_SECURITY_BIT: Final = presence(search_params("Patient")["_security"].id)


class Change(msgspec.Struct, frozen=True, gc=False):
    """One resource to be written (`body`) or deleted (None).

    `expect` is the version this was decided on, 0 for none ever, None where it does not matter.
    `owner` is (campus, code) where it is not the actor's: identity writes for the consortium.
    `seen` is what `inspect` made of the body already; `place` where a bundle has it; `leads` are
    the business keys that gave it its id, and what each must still lead to.
    """

    type: str
    id: str
    body: bytes | None
    expect: int | None = None
    owner: tuple[int, str] | None = None
    seen: "Seen | None" = None
    place: str = ""
    leads: tuple[Require, ...] = ()


class Seen(NamedTuple):
    """A resource that was checked, its warnings, and its body without needless space."""

    resource: Resource
    warnings: list[Issue]
    body: bytes


class Prepared(msgspec.Struct, gc=False):
    """One resource on its way to the writer."""

    type: str
    id: str
    code: str  # the owning campus
    campus: int
    resource: Resource
    raw: dict[str, msgspec.Raw]
    warnings: list[Issue]
    extracted: Extracted
    claims: list[tuple[str, str]]
    sensitive: bool
    audience: set[int]
    certain: list[tuple[int, str]] | None = None
    own_extensions: frozenset[str] = frozenset({CAMPUS_EXTENSION})  # not taken from the body
    kept: tuple[dict[str, Any], ...] = ()  # extensions of `meta` that stand in their place


def inspect(body: bytes, type_: str) -> Seen:
    """Return the resource in a body and its warnings; InvalidResourceError with every error."""
    resource = decode(body)
    named = resource.get("resourceType")
    if named != type_:
        known = named if named in RESOURCE_TYPES else "no R4 type"
        raise InvalidResourceError(
            f"The address asks for {type_}, the body's resourceType is {known}.",
            expression="resourceType",
        )
    body = compact(body)
    if has_repeats(body, resource):
        raise InvalidResourceError("The body names a member of an object twice.")
    issues = check(resource, deepest(body))
    if any(issue.severity == "error" for issue in issues):
        raise InvalidResourceError("The resource breaks R4's structure.", issues=issues)
    refuse_subset(resource)
    return Seen(resource, issues, body)


def prepare(door: Door, change: Change, owner: tuple[int, str]) -> Prepared:
    """Return the resource, checked and with its search values; `owner` is (campus, code)."""
    resource, warnings, body = change.seen or inspect(change.body or b"", change.type)
    campus, code = owner
    resource["id"] = change.id
    extracted = extract(resource, door.zone, door.base, door.params.takes(change.type))
    if len(extracted) > MAX_VALUES:
        # One such write would hold up those of everybody else for seconds.
        raise TooLargeError(f"The resource has more than {MAX_VALUES} values to search by.")
    return Prepared(
        type=change.type,
        id=change.id,
        code=code,
        campus=campus,
        resource=resource,
        raw=members(body),
        warnings=warnings,
        extracted=extracted,
        claims=claims(resource, code),
        sensitive=is_sensitive(resource),
        audience=addressees(door, resource),
    )


def same_words(was: Mapping[str, msgspec.Raw], now: Mapping[str, msgspec.Raw]) -> bool:
    """Return whether two resources say the same, byte for byte, but for their `meta`."""
    return all(
        bytes(was.get(name, b"")) == bytes(now.get(name, b""))
        for name in (was.keys() | now.keys()) - SPLICED
    )


def addressees(door: Door, resource: Mapping[str, Any]) -> set[int]:
    """Return the campuses that a Task is addressed to, by their Organizations."""
    if resource.get("resourceType") != "Task":
        return set()
    named = [resource.get("owner"), resource.get("requester")]
    named += (resource.get("restriction") or {}).get("recipient") or []
    base = f"{door.base}/"
    references = {
        one.get("reference", "").removeprefix(base).partition("/_history/")[0]
        for one in named
        if isinstance(one, dict)
    }
    return {
        campus.id
        for campus in door.directory.campuses()
        if f"Organization/{organization_id(campus.code)}" in references
    }


def to_write(prepared: Prepared, op: Op, expect: int | None) -> Write:
    """Return what the writer stores."""
    due = labels(prepared.resource) or [SECURITY] if prepared.sensitive else []
    body, hole = _cut(prepared, due)
    digest = hashlib.blake2b(body, digest_size=16).digest()
    codec, packed = pack(body)
    write = Write(
        type=TYPE_IDS[prepared.type],
        id=prepared.id,
        campus=prepared.campus,
        op=op,
        expect=expect,
        body=packed,
        hole=hole,
        codec=codec,
        digest=digest,
        label=_label(prepared),
        audience=tuple(sorted(prepared.audience - {prepared.campus})),
        claims=prepared.claims,
        claims_for_all=prepared.type in FOR_ALL,
        certain=prepared.certain,
    )
    index(prepared.type, prepared.extracted, write, due)
    return write


def index(type_: str, found: Extracted, write: Write, due: Sequence[dict[str, str]] = ()) -> None:
    """Fill in what a version is found by; `due` are labels that the door adds."""
    found_by(found, write)
    write.tokens = [*found.tokens, *_labelled(type_, due, found)]
    write.present = found.present | (_SECURITY_BIT if due else 0)
    _clinical(type_, found, write)


def found_by(found: Extracted, write: Write) -> None:
    """Fill in the values that were taken out of a resource."""
    write.tokens = found.tokens
    write.references = [
        (param, TYPE_IDS.get(target, 0), id_) for param, target, id_ in found.references
    ]
    write.strings = [(param, text, joined(text)) for param, text in found.strings]
    write.dates = found.dates
    write.measures = found.measures
    write.uris = found.uris
    write.texts = [(param, folded(text)) for param, text in found.texts]
    write.holds = found.holds
    write.positions = found.positions


def _labelled(
    type_: str, due: Sequence[dict[str, str]], found: Extracted
) -> list[tuple[int, str, str]]:
    """Return the index rows of the labels that the door adds."""
    param = search_params(type_)["_security"].id
    rows = [(param, one["system"], one["code"]) for one in due]
    return [row for row in rows if row not in found.tokens]


def _label(prepared: Prepared) -> int:
    if prepared.type in OWN_TYPES:
        return OWN
    return RESTRICTED if prepared.sensitive else SHARED


def _clinical(type_: str, found: Extracted, write: Write) -> None:
    kind = clinical(type_)
    if kind is None:
        return
    about = [
        id_
        for param, target, id_ in found.references
        if param in kind.patient and target == "Patient"
    ]
    dates = [(lo, hi) for param, lo, hi in found.dates if param in kind.date]
    if dates:
        write.date = dates[0]
    elif kind.date:
        # Stands for "no date", so that a walk over the date index meets this row too, last.
        write.dates = [*write.dates, (kind.date[0], UNDATED, UNDATED)]
    if not about:
        return
    write.patients = [(TYPE_IDS["Patient"], id_) for id_ in dict.fromkeys(about)]
    write.codes = list(
        {(system, code) for param, system, code in found.tokens if param in kind.code}
    )


def _cut(prepared: Prepared, due: list[dict[str, str]]) -> tuple[bytes, int]:
    """Return the bytes to keep, the client's own but for id and meta, and where their hole is."""
    raw = prepared.raw
    given = decode_exact(bytes(raw["meta"])) if "meta" in raw else {}
    extensions = given.get("extension", ())
    given["extension"] = [
        *prepared.kept,
        *(one for one in extensions if one.get("url") not in prepared.own_extensions),
    ]
    meta = _meta(given, prepared.code, due)
    head = f'{{"resourceType":"{prepared.type}","id":"{prepared.id}","meta":{{'.encode()
    parts = [head, b",", encode(meta)[1:]]
    for name, value in raw.items():
        if name not in SPLICED:
            parts += (b',"', name.encode(), b'":', value)
    parts.append(b"}")
    return b"".join(parts), len(head)


def _meta(given: Resource, code: str, due: list[dict[str, str]]) -> Resource:
    meta: Resource = {
        "extension": [
            *given["extension"],
            {"url": CAMPUS_EXTENSION, "valueCode": code},
        ]
    }
    meta |= {
        name: value
        for name, value in given.items()
        if name not in {"versionId", "lastUpdated", "extension"}
    }
    if due:
        given_labels = meta.get("security", [])
        codes = {one.get("code") for one in given_labels}
        meta["security"] = [*given_labels, *(one for one in due if one["code"] not in codes)]
    return meta
