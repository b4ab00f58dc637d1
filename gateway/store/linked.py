"""Who is certainly the same human as whom, followed from many Patients at once.

A chain may lead to a thousand Patients: each round of the walk asks for all of them together.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from gateway.store.clauses import marks
from gateway.store.walks import Run

SIZES: Final = (1, 8, 64, 512)
"""How many are asked for in one statement: few texts, so that each stays prepared."""
HOLDERS: Final = {
    size: f"SELECT holder FROM certain WHERE patient IN ({marks(size)})" for size in SIZES
}
MEMBERS: Final = {
    size: f"SELECT patient FROM certain WHERE holder IN ({marks(size)})" for size in SIZES
}


def reached(start: Iterable[int], run: Run) -> tuple[set[int], set[int]]:
    """Return the Patients joined to these, themselves included, and what joins them."""
    seen, holders = set(start), set[int]()
    todo = list(seen)
    while todo:
        fresh = _asked(HOLDERS, todo, run) - holders
        if not fresh:
            break
        holders |= fresh
        todo = list(_asked(MEMBERS, list(fresh), run) - seen)
        seen.update(todo)
    return seen, holders


def _asked(texts: dict[int, str], keys: Sequence[int], run: Run) -> set[int]:
    if len(keys) == 1:
        return {found for (found,) in run(texts[1], keys)}
    most = SIZES[-1]
    asked = set[int]()
    for at in range(0, len(keys), most):
        part = list(keys[at : at + most])
        size = next(size for size in SIZES if size >= len(part))
        # Asked for twice it is found once.
        part += part[-1:] * (size - len(part))
        asked.update(found for (found,) in run(texts[size], part))
    return asked
