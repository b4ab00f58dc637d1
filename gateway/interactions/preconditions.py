"""What must be current for a write to be made: If-Match and If-None-Match.

https://hl7.org/fhir/R4/http.html#concurrency, RFC 9110 §13.1
"""

import re
from dataclasses import dataclass
from typing import Final

from gateway.errors import InvalidRequestError, VersionConflictError
from gateway.store.stored import Stored

ETAG: Final = re.compile(r'(?:W/)?"(\d{1,18})"', re.ASCII)


@dataclass(frozen=True, slots=True)
class Preconditions:
    """The headers of a write, "" where it has none."""

    if_match: str = ""
    if_none_match: str = ""

    def __bool__(self) -> bool:
        """Return whether anything is asked."""
        return bool(self.if_match or self.if_none_match)

    def check(self, current: Stored | None) -> int | None:
        """Return the version that must still be current when the write is made, None for any."""
        if not self:
            return None
        standing = None if current is None or current.deleted else current.version
        if self.if_match and standing not in _versions(self.if_match, "If-Match", standing):
            raise VersionConflictError("Another version is current.", expression="If-Match")
        if self.if_none_match and standing in _versions(
            self.if_none_match, "If-None-Match", standing
        ):
            raise VersionConflictError("This version is current.", expression="If-None-Match")
        return current.version if current is not None else 0


NO_PRECONDITIONS: Final = Preconditions()


def _versions(header: str, name: str, standing: int | None) -> set[int | None]:
    """Return the versions that a header names; its star names any that stands."""
    if header.strip() == "*":
        return {standing} - {None}
    found = [ETAG.fullmatch(one.strip()) for one in header.split(",")]
    if not all(found):
        raise InvalidRequestError(f'{name} has the form W/"3".', expression=name)
    return {int(one[1]) for one in found if one}
