"""`Composition/{id}/$document`, `Composition/$document?id=…`.

https://hl7.org/fhir/R4/composition-operation-document.html
"""

import uuid
from typing import Final

import msgspec

from gateway.api.answer import Answer, Header
from gateway.api.call import Call
from gateway.api.operations.inputs import Inputs, Param, inputs
from gateway.errors import InvalidRequestError, NotSupportedError
from gateway.fhir.codec import encode
from gateway.fhir.dates import iso
from gateway.interactions import create as interaction
from gateway.interactions.update import ID
from gateway.operations.document import Document, document
from gateway.store.stored import Stored

PARAMS: Final = (
    Param("id", ("uri",)),
    Param("persist", ("boolean",)),
    Param("graph", ("uri",)),
)


async def as_document(call: Call) -> Answer:
    """Return the document: 200, or 201 where it was stored as a Bundle."""
    asked = await inputs(call, PARAMS)
    if "graph" in asked.given:
        raise NotSupportedError(
            "graph is not supported: a document holds all that its Composition refers to.",
            expression=asked.place("graph"),
        )
    persist = asked.get("persist", False)
    if persist and call.method != "POST":
        raise InvalidRequestError(
            "A document is stored by POST alone.", expression=asked.place("persist")
        )
    body = _bundle(call, await document(call.door, call.actor, _id(call, asked)))
    if not persist:
        return Answer(body)
    written = await interaction.create(call.door, call.actor, "Bundle", body)
    stored = written.stored
    address = f"{call.base}/Bundle/{stored.id}/_history/{stored.version}"
    headers: list[Header] = [(b"location", address.encode())]
    return Answer(stored.json(), 201, headers)


def _id(call: Call, asked: Inputs) -> str:
    given = asked.text("id").removeprefix(f"{call.base}/").removeprefix("Composition/")
    if bool(call.id) == bool(given):
        raise InvalidRequestError(
            "Name the Composition once: in the address or by id.", expression=asked.place("id")
        )
    if given and not ID.fullmatch(given):
        raise NotSupportedError(
            "Documents are made of Compositions of this server.", expression=asked.place("id")
        )
    return call.id or given


def _bundle(call: Call, found: Document) -> bytes:
    def entry(stored: Stored) -> dict[str, object]:
        address = f"{call.base}/{stored.type}/{stored.id}"
        return {"fullUrl": address, "resource": msgspec.Raw(stored.json())}

    return encode(
        {
            "resourceType": "Bundle",
            "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid.uuid4()}"},
            "type": "document",
            "timestamp": iso(call.door.clock()),
            "entry": [entry(one) for one in (found.composition, *found.resources)],
        }
    )
