"""What interactions return."""

from dataclasses import dataclass

import msgspec

from gateway.errors import GatewayError, Issue
from gateway.interactions.look import WHOLE, Look
from gateway.store.stored import Stored


@dataclass(frozen=True, slots=True)
class Written:
    """A resource after a write. Not `changed`: it already stood there in the same words."""

    stored: Stored
    created: bool
    changed: bool
    warnings: tuple[Issue, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """One page of a search or history. `applied` is what the self link tells."""

    matches: list[Stored]
    includes: list[Stored] = []
    notes: list[Issue] = []
    next: str = ""
    applied: list[tuple[str, str]] = []
    total: int | None = None


@dataclass(frozen=True, slots=True)
class EntryResult:
    """What one entry of a batch or transaction became.

    `history` is what a page of versions is of, None where the page is of a search; `is_bare` tells
    of a version without showing it; `look` is how others are shown.
    """

    status: int
    written: Written | None = None
    stored: Stored | None = None
    page: Page | None = None
    type: str = ""
    error: GatewayError | None = None
    history: str | None = None
    is_bare: bool = False
    look: Look = WHOLE
