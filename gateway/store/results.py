"""What a search in the store gives."""

from dataclasses import dataclass

from gateway.store.query import Place
from gateway.store.stored import Stored


@dataclass(frozen=True, slots=True)
class Found:
    """One page: versions in order, whether more follow, where it ended, how many were withheld."""

    matches: list[Stored]
    more: bool
    last: Place | None
    mark: int
    withheld: int
