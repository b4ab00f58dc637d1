"""A stored version, as it comes out."""

from functools import lru_cache
from typing import Any, Final

import msgspec

from gateway.fhir.codec import decode_exact
from gateway.fhir.definitions import TYPE_NAMES
from gateway.store.body import fill, unpack
from gateway.store.records import DELETED

ERROR = "entered-in-error"
Row = tuple[int, str, int, int, int, int, int, int, bytes, int, int]


REMEMBERED: Final = 8_192
"""Versions kept as they are given out: some 12 MB a process."""
REMEMBERED_BYTES: Final = 2_048
"""Larger bodies, compressed, are made each time."""


class Stored(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One version of one resource. `row` is its moment in microseconds since 1970.

    `text` are its bytes as they are given out, where they are made already.
    """

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
    text: bytes = b""

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
        if self.text:
            return self.text
        if len(self.body) > REMEMBERED_BYTES:
            return _filled(self.codec, self.body, self.hole, self.version, self.row)
        return _remembered(self.codec, self.body, self.hole, self.version, self.row)

    def resource(self) -> dict[str, Any]:
        """Return the resource; its decimals are msgspec.Raw, so that writing it changes none."""
        return decode_exact(self.json())


def self_named(*row: Any) -> Stored:
    """Return a version of a type at a row that was read without its id: its body begins with that.

    To look each id up in the table of names takes PostgreSQL a quarter of a page.
    """
    return _self_named(*row) if len(row[_BODY]) > REMEMBERED_BYTES else _remembered_whole(*row)


def _self_named(type_: int, row: int, version: int, campus: int, *rest: Any) -> Stored:
    op, hole, codec, body, key, label = rest
    text = _filled(codec, body, hole, version, row)
    id_ = text[_BEFORE_ID[type_] : hole - _BEHIND_ID].decode()
    return Stored(type_, id_, version, row, campus, op, hole, codec, body, key, label, text)


_BODY: Final = 7
_BEFORE_ID: Final = {
    number: len(f'{{"resourceType":"{name}","id":"') for number, name in TYPE_NAMES.items()
}
_BEHIND_ID: Final = len('","meta":{')


def _filled(codec: int, body: bytes, hole: int, version: int, row: int) -> bytes:
    return fill(unpack(codec, body), hole, version, row)


# A version never changes, so what its parts give may be kept; who may see it is asked before.
_remembered = lru_cache(REMEMBERED)(_filled)
_remembered_whole = lru_cache(REMEMBERED)(_self_named)
