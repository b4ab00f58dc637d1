"""A stored version, as it comes out."""

from typing import Any

import msgspec

from gateway.fhir.codec import decode_exact
from gateway.fhir.definitions import TYPE_NAMES
from gateway.store.body import fill, unpack
from gateway.store.writer import DELETED

ERROR = "entered-in-error"
Row = tuple[int, str, int, int, int, int, int, int, bytes, int, int]


class Stored(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One version of one resource. `row` is its moment in microseconds since 1970."""

    type_id: int
    id: str
    version: int
    row: int
    campus: int
    op: int
    hole: int
    codec: int
    body: bytes
    key: int
    label: int

    @property
    def type(self) -> str:
        """The resource type's name."""
        return TYPE_NAMES[self.type_id]

    @property
    def deleted(self) -> bool:
        """Whether this version is a tombstone."""
        return self.op == DELETED

    @property
    def in_error(self) -> bool:
        """Whether the resource says of itself that it should never have been."""
        body = unpack(self.codec, self.body)
        if b"entered-in-error" not in body:
            return False
        resource = self.resource()
        codings = resource.get("verificationStatus", {}).get("coding", ())
        return resource.get("status") == ERROR or any(one.get("code") == ERROR for one in codings)

    def json(self) -> bytes:
        """Return the resource's bytes, digit for digit as written, `meta` filled in."""
        return fill(unpack(self.codec, self.body), self.hole, self.version, self.row)

    def resource(self) -> dict[str, Any]:
        """Return the resource; its decimals are msgspec.Raw, so that writing it changes none."""
        return decode_exact(self.json())
