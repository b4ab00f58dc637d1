"""How names compare and sound, made anew: they are kept as the rules were when a name first came.

What they are called by (`word.text`) stays; a portion a transaction, and whatever was cut short is
right to begin again.
"""

import os
from typing import Final

from gateway.fhir.sounds import sounds
from gateway.fhir.text import joined
from gateway.interactions.door import Door
from gateway.store.long_names import is_shortened
from gateway.store.records import Batch, Statement

PORTION: Final = 500
"""Names of one transaction."""


async def refold(door: Door) -> int:
    """Bring every name up to date; return how many were not."""
    return await _folded(door) + await _heard(door)


async def _folded(door: Door) -> int:
    """Fold every name as it is folded now; one that is too long to keep goes with its resource."""
    after, count = 0, 0
    while rows := await door.store.scan("words_after", (after, PORTION)):
        after = rows[-1][0]
        wrong: list[Statement] = [
            ("word_fold", (right, id_))
            for id_, text, folded in rows
            if not is_shortened(text) and (right := joined(text)) != folded
        ]
        count += await _write(door, wrong)
    return count


async def _heard(door: Door) -> int:
    """Take out readings that names do not have; those that they lack came with their resources."""
    after, count = ("", 0), 0
    while rows := await door.store.scan("sounds_after", (*after, PORTION)):
        after = rows[-1][:2]
        wrong: list[Statement] = [
            ("sound_drop", (sound, word)) for sound, word, text in rows if sound not in sounds(text)
        ]
        count += await _write(door, wrong)
    return count


async def _write(door: Door, statements: list[Statement]) -> int:
    if statements:
        await door.store.submit(Batch(os.urandom(16), statements=statements))
    return len(statements)
