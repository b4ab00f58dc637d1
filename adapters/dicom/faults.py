"""What can be wrong with a DICOM object, and the status that says so; places, never values.

ObjectError                 C000  cannot understand
├── NotDicomError           C000  no DICOM at all
├── TruncatedError          C000  it ends too early
├── ExcessError             C000  deeper, or of more parts, than any object is
├── UidError                C000  a UID is missing or no UID
├── MismatchError           A900  not of the SOP class and instance that its command names
└── ResourceError           A700  no room for it

Statuses: PS3.4 §B.2.3, PS3.18 §10.5.
"""

from typing import ClassVar

from adapters.errors import AdapterError


class ObjectError(AdapterError):
    """An object that cannot be taken. `reason` is a code of docs/reference/dicom-mapping.md."""

    status: ClassVar[int] = 0xC000
    reason: str = "not-dicom"

    def __init__(self, text: str, *, place: str = "", reason: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.place = place
        if reason:
            self.reason = reason


class NotDicomError(ObjectError):
    """Bytes that are no DICOM."""


class TruncatedError(ObjectError):
    """An element or the pixel data is longer than what is there."""

    reason = "truncated"


class ExcessError(ObjectError):
    """Nested too deep, or made of too many elements."""

    reason = "too-many-parts"


class UidError(ObjectError):
    """A UID is missing, too long, or has other characters than digits and dots."""

    reason = "bad-uid"


class MismatchError(ObjectError):
    """SOP class or instance are missing, or others than announced."""

    status = 0xA900
    reason = "sop-mismatch"


class ResourceError(ObjectError):
    """There is no room to keep it: it may be sent again."""

    status = 0xA700
    reason = "no-room"
