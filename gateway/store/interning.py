"""Names to integers, in the writer: only it adds a name, so it may remember what it has seen."""

import sqlite3
from typing import Any, Final

CACHED: Final = 200_000


class Names:
    """The integers of resource names, systems, terms and words, made where missing.

    What a rolled back transaction made is forgotten with `forget`.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self._keys: dict[tuple[int, str], int] = {}
        self._systems: dict[str, int] = {}
        self._terms: dict[tuple[str, str], int] = {}
        self._words: dict[str, int] = {}

    def forget(self) -> None:
        """Drop everything remembered."""
        for names in (self._keys, self._systems, self._terms, self._words):
            names.clear()

    def key(self, type_: int, fhir_id: str) -> int:
        """Return the integer of `Type/id`, or of an address outside (type 0)."""
        name = type_, fhir_id
        found = self._keys.get(name)
        if found is None:
            row = self._execute(
                "SELECT id FROM key WHERE type = ? AND fhir_id = ?", name
            ).fetchone()
            found = (
                row[0]
                if row
                else self._insert("INSERT INTO key (type, fhir_id) VALUES (?, ?)", name)
            )
            _remember(self._keys, name, found)
        return found

    def term(self, system: str, code: str) -> int:
        """Return the integer of a code in a system ("" for none)."""
        name = system, code
        found = self._terms.get(name)
        if found is None:
            pair = code, self._system(system)
            row = self._execute(
                "SELECT id FROM term WHERE code = ? AND system = ?", pair
            ).fetchone()
            found = (
                row[0]
                if row
                else self._insert("INSERT INTO term (code, system) VALUES (?, ?)", pair)
            )
            _remember(self._terms, name, found)
        return found

    def word(self, text: str, folded: str) -> int:
        """Return the integer of a text, kept with its folded form."""
        found = self._words.get(text)
        if found is None:
            row = self._execute("SELECT id FROM word WHERE text = ?", (text,)).fetchone()
            found = (
                row[0]
                if row
                else self._insert("INSERT INTO word (text, folded) VALUES (?, ?)", (text, folded))
            )
            _remember(self._words, text, found)
        return found

    def _system(self, uri: str) -> int:
        found = self._systems.get(uri)
        if found is None:
            row = self._execute("SELECT id FROM system WHERE uri = ?", (uri,)).fetchone()
            found = row[0] if row else self._insert("INSERT INTO system (uri) VALUES (?)", (uri,))
            _remember(self._systems, uri, found)
        return found

    def _insert(self, statement: str, values: tuple[object, ...]) -> int:
        made = self._execute(statement, values).lastrowid
        assert made is not None  # noqa: S101 - every table here has an integer primary key
        return made


def _remember(names: dict[Any, int], name: Any, number: int) -> None:
    if len(names) >= CACHED:
        names.clear()
    names[name] = number
