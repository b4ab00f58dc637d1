"""The patient line: whose results these are, whole and in sight on every page about one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.web.display.age import Born, born, sex
from gateway.web.display.campus import Mark, campus_number, citizen_tail
from gateway.web.display.element import Resource, text
from gateway.web.display.name import Name, name
from gateway.web.display.reader import Reader


@dataclass(frozen=True, slots=True)
class Record:
    """One campus's record of a person: its mark, its number and the name it uses."""

    id: str
    mark: Mark
    number: str
    name: Name
    state: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person to draw; `tail` is the end of the citizen number, "" if none is known."""

    id: str
    name: Name
    sex: str
    born: Born
    tail: str
    records: tuple[Record, ...]
    deceased: str

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The campuses that know the person, each once."""
        return tuple(dict.fromkeys(record.mark for record in self.records))


def person(patients: Sequence[Resource], reader: Reader, at: datetime | None = None) -> Person:
    """Return the person of a link set as its first record describes them, at that time or now."""
    first = patients[0]
    return Person(
        text(first, "id"),
        name(reader.say, first),
        sex(reader.say, first),
        born(reader.say, first, at or reader.now),
        citizen_tail(patients),
        tuple(record(one, reader) for one in patients),
        reader.say("已故") if _is_deceased(first) else "",
    )


def record(patient: Resource, reader: Reader) -> Record:
    """Return what one campus calls the person."""
    state = "merged" if patient.get("active") is False else "active"
    number = campus_number(patient) or reader.say("无院内号")
    return Record(
        text(patient, "id"), reader.mark_of(patient), number, name(reader.say, patient), state
    )


def same_names(people: Sequence[Person]) -> dict[str, int]:
    """Return, by name, how many people of one sex bear it: those that are easily confused."""
    counted: dict[tuple[str, str], int] = {}
    for one in people:
        key = _key(one)
        counted[key] = counted.get(key, 0) + 1
    return {name_text: n for (name_text, _), n in counted.items() if n > 1}


def _key(one: Person) -> tuple[str, str]:
    return one.name.text, one.sex


def _is_deceased(patient: Resource) -> bool:
    return patient.get("deceasedBoolean") is True or bool(text(patient, "deceasedDateTime"))
