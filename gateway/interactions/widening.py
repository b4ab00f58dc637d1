"""Link sets: a reference to a Patient is one to all that are certainly the same human.

DESIGN §3, "A source Patient belongs to its campus".
"""

from typing import Final

from msgspec.structs import replace

from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.store.query import Clause, Patients, References

PATIENT: Final = TYPE_IDS["Patient"]


def widen(door: Door, clause: Clause, added: set[str]) -> Clause:
    """Return a clause on Patients widened by their link sets; `added` takes who came to it."""
    if isinstance(clause, Patients):
        ids, persons = door.store.link_set(clause.ids)
        fresh = ids - set(clause.ids)
        if fresh:
            clause = replace(clause, ids=(*clause.ids, *sorted(fresh)))
    elif isinstance(clause, References):
        given = [id_ for type_, id_ in clause.targets if type_ == PATIENT]
        ids, persons = door.store.link_set(given) if given else (set(), set())
        fresh = ids - set(given)
        if fresh:
            more = tuple((PATIENT, id_) for id_ in sorted(fresh))
            clause = replace(clause, targets=(*clause.targets, *more))
    else:
        return clause
    if fresh:
        added |= {f"Patient/{id_}" for id_ in fresh} | {f"Person/{id_}" for id_ in persons}
    return clause
