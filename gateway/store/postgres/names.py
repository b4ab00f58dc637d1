"""Names to integers, many at a time: what a group of batches needs is asked for in one go.

Under the writers' lock a name is either there or made by us, so one statement tells both apart.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final, TypeVar

from typing_extensions import override

from gateway.fhir.measures import DIMENSION
from gateway.fhir.sounds import sounds
from gateway.store.interning import Names
from gateway.store.long_names import short
from gateway.store.postgres.connection import Bigints, Bytes, Connection, Words
from gateway.store.records import Write

_BOTH: Final = """
    WITH asked AS (SELECT * FROM unnest({places}) AS asked({columns})),
    made AS (INSERT INTO {table} ({columns}) SELECT {columns} FROM asked
             ON CONFLICT DO NOTHING RETURNING id, {names})
    SELECT id, {names}, 1 FROM made
    UNION ALL SELECT t.id, {known}, 0 FROM asked a JOIN {table} t ON {same}"""


def _both(table: str, columns: Sequence[str], names: Sequence[str]) -> str:
    return _BOTH.format(
        table=table,
        columns=", ".join(columns),
        names=", ".join(names),
        places=", ".join("?" * len(columns)),
        known=", ".join(f"t.{name}" for name in names),
        same=" AND ".join(f"t.{name} = a.{name}" for name in names),
    )


SYSTEMS: Final = _both("system", ("uri",), ("uri",))
KEYS: Final = _both("key", ("type", "fhir_id"), ("type", "fhir_id"))
TERMS: Final = _both("term", ("code", "system"), ("code", "system"))
WORDS: Final = _both("word", ("text", "folded"), ("text",))
PASSAGES: Final = _both("passage", ("digest", "folded"), ("digest",))
SOUNDS: Final = "INSERT INTO sound SELECT * FROM unnest(?, ?) ON CONFLICT DO NOTHING"

Asked = tuple[str, Sequence[object]]
Name = TypeVar("Name")


@dataclass(slots=True)
class Wanted:
    """Names that are not remembered."""

    systems: set[str] = field(default_factory=set)
    keys: set[tuple[int, str]] = field(default_factory=set)
    terms: set[tuple[str, str]] = field(default_factory=set)
    words: dict[str, str] = field(default_factory=dict)
    passages: dict[bytes, str] = field(default_factory=dict)


class SharedNames(Names):
    """The integers of names in a database that other processes write too."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._db = connection

    @override
    def _insert(self, statement: str, values: tuple[object, ...]) -> int:
        return int(self._db.run(f"{statement} RETURNING id", values)[0][0])

    @override
    def _made_now(self, statement: str, values: tuple[object, ...]) -> int:
        made = self._db.run(f"{statement} ON CONFLICT DO NOTHING RETURNING id", values)
        return int(made[0][0]) if made else 0

    def wanted(self, writes: Iterable[Write]) -> Wanted:
        """Return the names in these that are not remembered."""
        keys: set[tuple[int, str]] = set()
        terms: set[tuple[str, str]] = set()
        uris: set[str] = set()
        want = Wanted()
        for write in writes:
            keys.add((write.type, write.id))
            keys.update((type_, id_) for _, type_, id_ in write.references)
            keys.update(write.patients)
            keys.update(write.certain or ())
            terms.update((system, code) for _, system, code in write.tokens)
            terms.update(write.codes)
            terms.update(write.claims)
            uris.update(uri for _, uri in write.uris)
            for one in write.measures:
                _measured(one, keys, terms)
            for _, text, folded in write.strings:
                if (word := short(text)) not in self._words:
                    want.words[word] = folded
            for _, folded in write.texts:
                digest = blake2b(folded.encode(), digest_size=16).digest()
                if digest not in self._passages:
                    want.passages[digest] = folded
        want.keys = _missing({(type_, short(id_)) for type_, id_ in keys}, self._keys)
        want.terms = _missing({(system, short(code)) for system, code in terms}, self._terms)
        uris.update(system for system, _ in want.terms)
        want.systems = _missing({short(uri) for uri in uris}, self._systems)
        return want

    def ask_systems(self, want: Wanted) -> list[Asked]:
        """Return the statement that finds or makes the systems, if any are wanted."""
        return [(SYSTEMS, (Words(sorted(want.systems)),))] if want.systems else []

    def ask(self, want: Wanted) -> list[Asked]:
        """Return the statements that find or make the rest; the systems are known by then."""
        asked: list[Asked] = []
        if want.keys:
            types, ids = zip(*sorted(want.keys), strict=True)
            asked.append((KEYS, (Bigints(types), Words(ids))))
        if want.terms:
            systems, codes = zip(*sorted(want.terms), strict=True)
            numbers = Bigints(self.system(system) for system in systems)
            asked.append((TERMS, (Words(codes), numbers)))
        if want.words:
            asked.append((WORDS, (Words(want.words), Words(want.words.values()))))
        if want.passages:
            asked.append((PASSAGES, (Bytes(want.passages), Words(want.passages.values()))))
        return asked

    def take_systems(self, rows: list[list[Any]]) -> None:
        """Remember what `ask_systems` was answered."""
        for id_, uri, made in (row for found in rows for row in found):
            self._take(self._systems, uri, id_, made)

    def take(self, want: Wanted, rows: Sequence[list[Any]]) -> list[Asked]:
        """Remember what `ask` was answered; return the statement that keeps sounds, if any."""
        answers = iter(rows)
        uris = {self.system(system): system for system, _ in want.terms}
        kinds: tuple[tuple[Any, dict[Any, int], Callable[..., Any]], ...] = (
            (want.keys, self._keys, lambda type_, fhir_id: (type_, fhir_id)),
            (want.terms, self._terms, lambda code, system: (uris[system], code)),
            (want.words, self._words, str),
            (want.passages, self._passages, bytes),
        )
        fresh: list[tuple[str, int]] = []
        for wanted, names, name_of in kinds:
            for id_, *parts, made in next(answers) if wanted else ():
                name = name_of(*parts)
                self._take(names, name, id_, made)
                if made and names is self._words:
                    fresh.append((name, id_))
        return _heard(fresh)

    def _take(self, names: dict[Any, int], name: Any, number: int, made: int) -> None:
        self._remember(names, name, (number,), "", ())
        if made:
            self._made.append((names, name))


def _missing(names: set[Name], known: dict[Name, int]) -> set[Name]:
    """Return the names that are not known.

    A set less the keys of a dict would go through all that is known, however few are asked for.
    """
    return {name for name in names if name not in known}


def _heard(words: Sequence[tuple[str, int]]) -> list[Asked]:
    """Return the statement that keeps how new texts sound, if any may be a Chinese name."""
    heard = [(one, id_) for text, id_ in words if not text.isascii() for one in sounds(text)]
    if not heard:
        return []
    return [(SOUNDS, (Words(one for one, _ in heard), Bigints(id_ for _, id_ in heard)))]


def _measured(one: Any, keys: set[tuple[int, str]], terms: set[tuple[str, str]]) -> None:
    if one.unit is not None:
        terms.add((DIMENSION, one.unit))
    if one.label is not None:
        terms.add(tuple(one.label))
    if one.written:
        terms.add(("", one.written))
    for name in (one.first, one.second):
        if name is not None:
            type_, system, text = name
            if type_ < 0:
                terms.add((system, text))
            else:
                keys.add((type_, text))
