"""`$validate` of a type and of an instance.

https://hl7.org/fhir/R4/resource-operation-validate.html: 200 with an OperationOutcome, whatever was
found.
"""

from typing import Any, Final

from gateway.api.answer import Answer
from gateway.api.call import Call
from gateway.api.operations.inputs import has_body, refuse_nameless
from gateway.errors import InvalidRequestError, InvalidResourceError, Issue
from gateway.fhir.codec import Resource, compact, decode, encode, has_repeats
from gateway.fhir.outcome import operation_outcome
from gateway.fhir.validation import check
from gateway.interactions import read as reading
from gateway.operations.validate import Asked, validated

MODES: Final = frozenset({"create", "update", "delete", "profile"})
NAMES: Final = ("resource", "mode", "profile")
REPEATS: Final = "The body names a member of an object twice: a write would be refused."


async def validate(call: Call) -> Answer:
    """Return what is wrong with a resource that is sent, or with a stored one."""
    found: dict[str, list[Any]] = {name: [] for name in NAMES}
    for name, value in call.params:
        _take(found, name, value, f"http.{name[:32]}")
    repeats: list[Issue] = []
    if call.method == "POST" and has_body(call):
        body = await call.resource()
        sent = decode(body)
        if has_repeats(compact(body), sent):
            repeats = [Issue("error", "structure", REPEATS)]
        _body(call, found, sent)
    for name in ("resource", "mode"):
        if len(found[name]) > 1:
            raise InvalidRequestError(f"{name} is given twice.", expression=f"http.{name}")
    mode = found["mode"][0] if found["mode"] else ""
    if mode and mode not in MODES:
        raise InvalidRequestError(f"mode is one of {', '.join(sorted(MODES))}.", expression="mode")
    if mode == "profile" and not found["profile"]:
        raise InvalidRequestError("The mode profile takes a profile.", expression="profile")
    resource = found["resource"][0] if found["resource"] else await _stored(call, mode)
    asked = Asked(call.type, call.id, resource, mode, tuple(found["profile"]))
    issues = await validated(call.door, call.actor, asked)
    return Answer(encode(operation_outcome(repeats + issues)))


def _take(found: dict[str, list[Any]], name: str, value: Any, place: str) -> None:
    kind = dict if name == "resource" else str
    if name not in found or not value or not isinstance(value, kind):
        raise InvalidRequestError(
            "The parameters are resource, mode (code) and profile (uri).", expression=place
        )
    found[name].append(value)


def _body(call: Call, found: dict[str, list[Any]], body: Resource) -> None:
    """Take the body: a Parameters with the operation's own, or the resource itself."""
    rows = body.get("parameter")
    is_asking = body.get("resourceType") == "Parameters" and (
        call.type != "Parameters" or _names_resource(rows)
    )
    if not is_asking:
        found["resource"].append(body)
        return
    # The resource may be as wrong as it likes; what surrounds it may not.
    rows = rows if isinstance(rows, list) else []
    shell = [_without_resource(one) for one in rows]
    if issues := [one for one in check(body | {"parameter": shell}) if one.severity == "error"]:
        raise InvalidResourceError("The parameters break R4's structure.", issues=issues)
    refuse_nameless(body)
    for index, one in enumerate(rows):
        value = one.get("resource", one.get("valueCode", one.get("valueUri")))
        value = value or one.get("valueCanonical") or one.get("valueString")
        _take(found, one["name"], value, f"Parameters.parameter[{index}]")


def _names_resource(rows: Any) -> bool:
    return isinstance(rows, list) and any(
        isinstance(one, dict) and one.get("name") == "resource" and "resource" in one
        for one in rows
    )


def _without_resource(row: Any) -> Any:
    if not isinstance(row, dict) or not isinstance(row.get("resource"), dict):
        return row
    return {name: value for name, value in row.items() if name != "resource"}


async def _stored(call: Call, mode: str) -> Resource | None:
    """Return the stored resource of the address; nothing is looked at for a delete."""
    if not call.id:
        raise InvalidRequestError("The resource is missing.", expression="resource")
    stored = await reading.read(call.door, call.actor, call.type, call.id)
    return None if mode == "delete" else decode(stored.json())
