"""Who is certainly the same human as whom, followed from many Patients at once.

A chain may lead to a thousand Patients: each round of the walk asks for all of them together.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from gateway.store.clauses import marks
from gateway.store.walks import Run

SIZES: Final = (1, 8, 64, 512)
"""How many are asked for in one statement: few texts, so that each stays prepared."""
NEAR: Final = {
    size: f"""SELECT a.holder, b.patient, c.holder
    FROM certain a CROSS JOIN certain b CROSS JOIN certain c
    WHERE a.patient IN ({marks(size)}) AND b.holder = a.holder AND c.patient = b.patient"""
    for size in SIZES
}
"""Who joins these, whom each of those joins, and who else joins them: mostly nobody."""
MEMBERS: Final = {
    size: f"SELECT patient FROM certain WHERE holder IN ({marks(size)})" for size in SIZES
}


def reached(start: Iterable[int], run: Run) -> tuple[set[int], set[int]]:
    """Return the Patients joined to these, themselves included, and what joins them."""
    seen, holders = set(start), set[int]()
    todo = list(seen)
    while todo:
        beyond = set[int]()
        for holder, patient, other in _asked(NEAR, todo, run):
            holders.add(holder)
            seen.add(patient)
            beyond.add(other)
        beyond -= holders
        holders |= beyond
        members = _asked(MEMBERS, list(beyond), run) if beyond else ()
        todo = list({patient for (patient,) in members} - seen)
        seen.update(todo)
    return seen, holders


def _asked(texts: dict[int, str], keys: Sequence[int], run: Run) -> list[tuple[int, ...]]:
    if len(keys) == 1:
        return run(texts[1], keys)
    most = SIZES[-1]
    asked: list[tuple[int, ...]] = []
    for at in range(0, len(keys), most):
        part = list(keys[at : at + most])
        size = next(size for size in SIZES if size >= len(part))
        # Asked for twice it is found once.
        part += part[-1:] * (size - len(part))
        asked += run(texts[size], part)
    return asked
