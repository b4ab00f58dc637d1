"""Names that are too long for an index: their beginning and a digest stand for them.

An entry of a B-tree takes some 2,700 bytes on PostgreSQL (BTMaxItemSize in nbtree.h). Two names are
the same where what stands for them is.
"""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

LONGEST: Final = 600
"""Characters, of up to four bytes."""
KEPT: Final = 500

_MARK: Final = "…"
_SHORTENED: Final = re.compile(f".{{{KEPT}}}{_MARK}[0-9a-f]{{32}}", re.DOTALL)

NAMED: Final = frozenset(
    {"key_id", "key_name", "system_id", "term_id", "terms_of_code", "by_business_key"}
)
"""Reads by name."""


def short(name: str) -> str:
    """Return what stands for a name in an index."""
    if len(name) <= LONGEST:
        return name
    return f"{name[:KEPT]}{_MARK}{blake2b(name.encode(), digest_size=16).hexdigest()}"


def is_shortened(name: str) -> bool:
    """Return whether a name stands for a longer one."""
    return _SHORTENED.fullmatch(name) is not None


def shortened(values: Sequence[object]) -> Sequence[object]:
    """Return the values of a read by name."""
    for value in values:
        if isinstance(value, str) and len(value) > LONGEST:
            return tuple(short(one) if isinstance(one, str) else one for one in values)
    return values
