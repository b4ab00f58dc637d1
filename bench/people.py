"""The population in portions that a server takes at once, each of one campus.

Patients first, so that every reference leads to what is there, and campus after campus, so that
each Patient meets those it is linked with.
"""

from collections.abc import Iterator

from fixtures.population import CAMPUSES, Human, Resource, humans, person, record

PORTION = 200

Portion = tuple[str, list[Resource]]
"""A campus ("" for the consortium) and what it writes."""


def patients(size: int, share: tuple[int, int] = (0, 1)) -> Iterator[Portion]:
    """Yield the Patients; `share` is (which, of how many), where several load side by side."""
    every = [(human, member) for human in humans(size) for member in human.members]
    for campus in CAMPUSES:
        here = [one for one in every if one[1].campus == campus and _mine(one[0], share)]
        for at in range(0, len(here), PORTION):
            yield campus, [next(record(*one)) for one in here[at : at + PORTION]]


def persons(size: int) -> Iterator[Portion]:
    """Yield the Persons that join Patients, for servers that make none themselves."""
    made: list[Resource] = []
    for human in humans(size):
        if len(human.members) > 1:
            made.append(person(human))
        if len(made) == PORTION:
            yield "", made
            made = []
    if made:
        yield "", made


def records(size: int, share: tuple[int, int] = (0, 1)) -> Iterator[Portion]:
    """Yield all that is about the Patients."""
    made: dict[str, list[Resource]] = {campus: [] for campus in CAMPUSES}
    for human in humans(size):
        for member in human.members if _mine(human, share) else ():
            patient, *others = record(human, member)
            del patient
            portion = made[member.campus]
            portion += others
            while len(portion) >= PORTION:
                yield member.campus, portion[:PORTION]
                del portion[:PORTION]
    yield from (one for one in made.items() if one[1])


def _mine(human: Human, share: tuple[int, int]) -> bool:
    # The Patients of one human are judged together, so one loader takes them all.
    return human.index % share[1] == share[0]
