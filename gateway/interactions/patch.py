"""FHIR patch: JSON Patch, JSON Merge Patch and FHIRPath Patch, by id and by criteria.

https://hl7.org/fhir/R4/http.html#patch. The patch is applied to the version that is current under
the writer's lock; what it does not touch keeps its bytes.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final, Literal

from gateway.access.actor import Actor
from gateway.errors import (
    GoneError,
    InvalidRequestError,
    InvalidResourceError,
    NotFoundError,
    UnprocessableError,
)
from gateway.fhir.codec import (
    Resource,
    compact,
    decode,
    decode_exact,
    decode_value,
    encode,
    has_repeats,
    members,
    same,
)
from gateway.fhir.patch import fhirpath_patch, json_patch, merge_patch
from gateway.fhir.validation import check
from gateway.interactions.commit import NO_EXTRAS, Change, Extras, commit
from gateway.interactions.door import Door, require
from gateway.interactions.matching import Params, match
from gateway.interactions.owning import check_owner
from gateway.interactions.preconditions import Preconditions
from gateway.interactions.read_only import refuse_write
from gateway.interactions.results import Written
from gateway.interactions.retry import retried
from gateway.store.stored import Stored

JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"

Kind = Literal["json", "merge", "fhirpath"]
IN_BINARIES: Final[dict[str, Kind]] = {JSON_PATCH: "json", MERGE_PATCH: "merge"}
Patch = Callable[[Resource], Any]
"""Changes a resource, and returns what became of it."""


def read_patch(kind: Kind, body: bytes) -> Patch:
    """Return what a body asks for; InvalidRequestError where it is no patch."""
    if kind != "fhirpath":
        sent = decode_value(body)
        if has_repeats(compact(body), sent):
            # RFC 6902 A.13: of two `op` nobody knows which one is meant.
            raise InvalidResourceError("The patch names a member of an object twice.")
        if kind == "json":
            steps = json_patch.read(sent)
            return lambda resource: json_patch.apply(resource, steps)
        changes = merge_patch.read(sent)
        return lambda resource: merge_patch.apply(resource, changes)
    looked = decode(body)
    if looked.get("resourceType") != "Parameters":
        raise InvalidResourceError("A FHIRPath Patch is a Parameters.", expression="resourceType")
    if issues := [one for one in check(looked) if one.severity == "error"]:
        raise InvalidResourceError("The patch breaks R4's structure.", issues=issues)
    operations = fhirpath_patch.read(decode_exact(body))
    return lambda resource: fhirpath_patch.apply(resource, operations)


def of_entry(body: bytes) -> Patch:
    """Return the patch in an entry of a bundle: a Parameters, or a Binary that holds another."""
    resource = decode(body)
    if resource.get("resourceType") != "Binary":
        return read_patch("fhirpath", body)
    kind = IN_BINARIES.get(str(resource.get("contentType", "")).partition(";")[0].strip())
    if kind is None:
        raise InvalidRequestError(
            f"A patch in a Binary is of {' or '.join(IN_BINARIES)}.",
            expression="Binary.contentType",
        )
    try:
        data = base64.b64decode(str(resource.get("data", "")), validate=True)
    except binascii.Error as error:
        raise InvalidRequestError("The data is no base64.", expression="Binary.data") from error
    return read_patch(kind, data)


def applied(patch: Patch, stored: Stored) -> bytes | None:
    """Return the resource after a patch, None where it is what it was."""
    before = stored.resource()
    after = patch(stored.resource())
    if not isinstance(after, dict) or after.get("resourceType") != stored.type:
        raise UnprocessableError("A patch leaves a resource of the same type.")
    if after.get("id") != stored.id:
        raise UnprocessableError("A patch does not change the id.", expression=f"{stored.type}.id")
    if same(before, after):
        return None
    raw = members(stored.json())
    parts = [
        b"%b:%b"
        % (
            encode_name(name),
            raw[name] if name in before and same(before[name], value) else encode(value),
        )
        for name, value in after.items()
    ]
    return b"{%b}" % b",".join(parts)


def encode_name(name: str) -> bytes:
    """Return the name of a member as JSON."""
    return encode([name])[1:-1]


async def patch(  # noqa: PLR0913, PLR0917 - a PATCH has these parts
    door: Door, actor: Actor, type_: str, id_: str, asked: Patch, given: Preconditions
) -> Written:
    """Return the resource after the patch; one that it does not change keeps its version."""
    require(actor, type_, "u")
    refuse_write(type_, id_)

    async def attempt() -> Written:
        current = door.store.current(type_, id_)
        if current is None or not door.store.may_read(current, door.viewer(actor)):
            raise NotFoundError(f"There is no such {type_}.")
        if current.deleted:
            raise GoneError(f"This {type_} was deleted.")
        given.check(current)
        return await _write(door, actor, asked, current)

    return await retried(attempt)


async def patch_match(  # noqa: PLR0913, PLR0917 - a PATCH has these parts
    door: Door, actor: Actor, type_: str, asked: Patch, params: Params, given: Preconditions
) -> Written:
    """Return the one resource that the criteria find, patched; NotFoundError where none is."""
    require(actor, type_, "u")

    async def attempt() -> Written:
        matched = await match(door, actor, type_, params)
        if matched.found is None:
            raise NotFoundError("The criteria find no resource.")
        refuse_write(type_, matched.found.id)
        given.check(matched.found)
        extras = Extras(absent=[matched.guard])
        return await _write(door, actor, asked, matched.found, extras)

    return await retried(attempt)


async def _write(
    door: Door, actor: Actor, asked: Patch, current: Stored, extras: Extras = NO_EXTRAS
) -> Written:
    check_owner(door, actor, Change(current.type, current.id, b""), current)
    body = applied(asked, current)
    if body is None:
        return Written(current, created=False, changed=False)
    change = Change(current.type, current.id, body, current.version)
    (written,) = await commit(door, actor, [change], extras)
    return written
