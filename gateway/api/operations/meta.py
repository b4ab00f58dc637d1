"""`$meta`, `$meta-add`, `$meta-delete`.

https://hl7.org/fhir/R4/resource-operation-meta.html
"""

from typing import Any, Final

from gateway.api.answer import Answer, version_headers
from gateway.api.call import Call
from gateway.api.operations.inputs import Param, inputs
from gateway.api.update import preconditions
from gateway.fhir.codec import encode
from gateway.interactions import read as interaction
from gateway.operations import meta as operation
from gateway.store.stored import Stored

META: Final = (Param("meta", ("Meta",), required=True),)


async def meta(call: Call) -> Answer:
    """Return the meta of a resource or version, or all labels in use of a type or everywhere."""
    await inputs(call, ())
    if not call.id:
        return Answer(_told(await operation.in_use(call.door, call.actor, call.type)))
    place = call.door, call.actor, call.type, call.id
    if call.version:
        return _of(await interaction.vread(*place, call.version))
    return _of(await interaction.read(*place))


async def meta_add(call: Call) -> Answer:
    """Return the meta of a resource after profiles, tags and labels were added."""
    asked = await inputs(call, META)
    return await _changed(call, operation.adding(asked.get("meta")))


async def meta_delete(call: Call) -> Answer:
    """Return the meta of a resource after profiles, tags and labels were taken out."""
    asked = await inputs(call, META)
    return await _changed(call, operation.deleting(asked.get("meta")))


async def _changed(call: Call, asked: Any) -> Answer:
    written = await operation.changed(
        call.door, call.actor, call.type, call.id, asked, preconditions(call)
    )
    return _of(written.stored)


def _of(stored: Stored) -> Answer:
    return Answer(_told(stored.resource()["meta"]), headers=version_headers(stored))


def _told(found: dict[str, Any]) -> bytes:
    # A Meta without anything in it is no valid FHIR.
    value = {"valueMeta": found} if found else {}
    told = {"parameter": [{"name": "return", **value}]} if value else {}
    return encode({"resourceType": "Parameters", **told})
