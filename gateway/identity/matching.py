"""Whether two Patients of two campuses are certainly one human: a pure decision.

Anything less certain is no: a wrong link shows one patient another's results.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.identity import citizen
from gateway.identity.names import name_of
from mappers.names import CITIZEN_ID, CITIZEN_ID_ALIAS, TAG

NUMBER: Final = re.compile(r"urn:hutong:(?P<code>.+):pid")
CITIZEN_SYSTEMS: Final = frozenset({CITIZEN_ID, CITIZEN_ID_ALIAS})
APART: Final = frozenset({"training", "debugging", "unverified-source"})
"""Tags of what is never linked: rehearsals, and senders that nobody vouches for."""
DAY: Final = 10
"""Characters of a whole birth date; a year alone proves nothing."""
SEXES: Final = frozenset({"male", "female"})

Number = tuple[str, str]
"""Campus code, number."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a Patient is matched by. `campus` is the code of the one that keeps it."""

    id: str
    campus: str
    name: str
    birth_date: str
    gender: str
    citizen: str
    """A valid citizen ID that agrees with birth date and sex, else ""."""
    citizens: frozenset[str]
    """All valid citizen IDs, those that contradict birth date or sex included."""
    own: frozenset[str]
    """Numbers given by its own campus."""
    foreign: frozenset[Number]
    """Numbers that other campuses gave."""

    @property
    def complete(self) -> bool:
        """Whether there is enough to be certain about anything."""
        return bool(self.name and len(self.birth_date) == DAY and self.gender in SEXES)


def traits(id_: str, campus: str, resource: Mapping[str, Any]) -> Traits | None:
    """Return what a Patient is matched by, None if it is never linked by rule."""
    tags = resource.get("meta", {}).get("tag", ())
    if any(one.get("system") == TAG and one.get("code") in APART for one in tags):
        return None
    own: set[str] = set()
    foreign: set[Number] = set()
    citizens: set[citizen.Citizen] = set()
    for identifier in resource.get("identifier", ()):
        system, value = identifier.get("system", ""), identifier.get("value", "")
        if not value or identifier.get("use") == "old":
            continue
        if system in CITIZEN_SYSTEMS:
            if found := citizen.read(value):
                citizens.add(found)
        elif number := NUMBER.fullmatch(system):
            if number["code"] == campus:
                own.add(value)
            else:
                foreign.add((number["code"], value))
    born, gender = resource.get("birthDate", ""), resource.get("gender", "")
    fitting = [one for one in citizens if one.birth_date == born and one.gender == gender]
    return Traits(
        id=id_,
        campus=campus,
        name=name_of(resource),
        birth_date=born,
        gender=gender,
        citizen=fitting[0].number if len(citizens) == 1 and fitting else "",
        citizens=frozenset(one.number for one in citizens),
        own=frozenset(own),
        foreign=frozenset(foreign),
    )


def certain(a: Traits, b: Traits) -> bool:
    """Return whether two Patients are certainly one human."""
    if a.campus == b.campus or not (a.complete and b.complete):
        return False
    if (a.name, a.birth_date, a.gender) != (b.name, b.birth_date, b.gender):
        return False
    if a.citizen and a.citizen == b.citizen:
        return True
    if a.citizens and b.citizens and a.citizens.isdisjoint(b.citizens):
        return False
    return names(a, b) or names(b, a)


def names(a: Traits, b: Traits) -> bool:
    """Return whether `a` carries a number of `b` with b's campus as the authority."""
    return any(code == b.campus and number in b.own for code, number in a.foreign)
