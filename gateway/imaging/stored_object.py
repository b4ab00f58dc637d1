"""One row of the table of DICOM objects."""

from typing import Final

import msgspec

from adapters.dicom import Instance

CURRENT, VERSION, HELD = 0, 1, 2
"""Shown; a further object under the same SOP Instance UID; waits for a person."""

encode_header: Final = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Instance).decode


class StoredObject(msgspec.Struct, frozen=True):
    """An object, where it came from, and under which digest its file lies."""

    id: int
    sop: str
    study: str
    series: str
    campus: int
    channel: str
    namespace: str
    received: int
    state: int
    digest: bytes
    size: int
    header: bytes

    @property
    def instance(self) -> Instance:
        """What its header tells."""
        return _decode(self.header)
