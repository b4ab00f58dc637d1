"""What a search in the store gives."""

import msgspec

from gateway.store.query import Place
from gateway.store.stored import Stored


class Found(msgspec.Struct, frozen=True):
    """One page: versions in order, whether more follow, where it ended, how many were withheld."""

    matches: list[Stored]
    more: bool
    last: Place | None
    mark: int
    withheld: int
