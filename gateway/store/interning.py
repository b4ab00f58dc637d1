"""Names to integers, in the writer: only it adds a name, so it may remember what it has seen."""

from hashlib import blake2b
from itertools import islice
from typing import Any, Final

from gateway.fhir.sounds import sounds
from gateway.store.long_names import short

CACHED: Final = 60_000
"""Names of a kind: some 15 MB. What is written together speaks of the same, so more gain little."""
KEY: Final = "INSERT INTO key (type, fhir_id) VALUES (?, ?)"


class Names:
    """The integers of resource names, systems, terms and words, made where missing.

    After each batch either `keep` or `take_back` is called; `forget` after a transaction that was
    rolled back as a whole.
    """

    def __init__(self, connection: Any) -> None:
        self._execute = connection.execute
        self._keys: dict[tuple[int, str], int] = {}
        self._systems: dict[str, int] = {}
        self._terms: dict[tuple[str, str], int] = {}
        self._words: dict[str, int] = {}
        self._passages: dict[bytes, int] = {}
        self._made: list[tuple[dict[Any, int], Any]] = []

    def forget(self) -> None:
        """Drop everything remembered."""
        for names in (
            *(self._keys, self._systems, self._terms, self._words),
            self._passages,
        ):
            names.clear()
        self._made.clear()

    def keep(self) -> None:
        """Let the names that a batch made stand."""
        self._made.clear()

    def take_back(self) -> None:
        """Drop the names that a batch made, since it was rolled back."""
        for names, name in self._made:
            names.pop(name, None)
        self._made.clear()

    def key(self, type_: int, fhir_id: str) -> int:
        """Return the integer of `Type/id`, or of an address outside (type 0)."""
        # What is too long is not found so: it stands under what is short for it.
        found = self._keys.get((type_, fhir_id))
        if found is None:
            name = type_, short(fhir_id)
            row = self._execute(
                "SELECT id FROM key WHERE type = ? AND fhir_id = ?", name
            ).fetchone()
            found = self._remember(self._keys, name, row, KEY, name)
        return found

    def of_write(self, type_: int, fhir_id: str, *, likely: bool = False) -> tuple[int, bool]:
        """Return the integer of what is written, and whether nothing ever spoke of it before.

        Where that is likely it is made first and looked for after.
        """
        name = type_, short(fhir_id)
        if likely and name not in self._keys and (made := self._made_now(KEY, name)):
            self._made.append((self._keys, name))
            return self._kept(self._keys, name, made), True
        before = len(self._made)
        key = self.key(type_, fhir_id)
        return key, len(self._made) > before

    def term(self, system: str, code: str) -> int:
        """Return the integer of a code in a system ("" for none)."""
        found = self._terms.get((system, code))
        if found is None:
            name = system, short(code)
            pair = name[1], self.system(system)
            row = self._execute(
                "SELECT id FROM term WHERE code = ? AND system = ?", pair
            ).fetchone()
            sql = "INSERT INTO term (code, system) VALUES (?, ?)"
            found = self._remember(self._terms, name, row, sql, pair)
        return found

    def word(self, text: str, folded: str) -> int:
        """Return the integer of a text, kept with its folded form."""
        found = self._words.get(text)
        if found is None:
            text = short(text)
            row = self._execute("SELECT id FROM word WHERE text = ?", (text,)).fetchone()
            sql = "INSERT INTO word (text, folded) VALUES (?, ?)"
            found = self._remember(self._words, text, row, sql, (text, folded))
            if row is None:
                self.sound(found, text)
        return found

    def sound(self, word: int, text: str) -> None:
        """Keep how a text sounds if it may be a Chinese name."""
        for one in () if text.isascii() else sounds(text):
            self._execute("INSERT INTO sound VALUES (?, ?) ON CONFLICT DO NOTHING", (one, word))

    def passage(self, folded: str) -> int:
        """Return the integer of a longer text."""
        digest = blake2b(folded.encode(), digest_size=16).digest()
        found = self._passages.get(digest)
        if found is None:
            row = self._execute("SELECT id FROM passage WHERE digest = ?", (digest,)).fetchone()
            sql = "INSERT INTO passage (digest, folded) VALUES (?, ?)"
            found = self._remember(self._passages, digest, row, sql, (digest, folded))
        return found

    def name(self, name: tuple[int, str, str] | None) -> int:
        """Return the integer of a code (-1, system, code) or of a resource (type, "", id)."""
        if name is None:
            return 0
        type_, system, text = name
        return self.term(system, text) if type_ < 0 else self.key(type_, text)

    def system(self, uri: str) -> int:
        """Return the integer of an address."""
        uri = short(uri)
        found = self._systems.get(uri)
        if found is None:
            row = self._execute("SELECT id FROM system WHERE uri = ?", (uri,)).fetchone()
            sql = "INSERT INTO system (uri) VALUES (?)"
            found = self._remember(self._systems, uri, row, sql, (uri,))
        return found

    def _remember(
        self,
        names: dict[Any, int],
        name: Any,
        row: tuple[int] | None,
        statement: str,
        values: tuple[object, ...],
    ) -> int:
        """Return the integer in the row, or that of a row made now; remember it."""
        number = self._kept(names, name, row[0] if row else self._insert(statement, values))
        if not row:
            self._made.append((names, name))
        return number

    def _kept(self, names: dict[Any, int], name: Any, number: int) -> int:
        """Remember an integer."""
        if len(names) >= CACHED:
            # The oldest go, many at once: where each goes by itself, the place of the next is
            # sought behind the gaps of all before it (a fifth of the writer's time).
            for old in list(islice(names, CACHED // 8 + 1)):
                del names[old]
        names[name] = number
        return number

    def _made_now(self, statement: str, values: tuple[object, ...]) -> int:
        """Return the integer of a new row, 0 where it is there already."""
        made = self._execute(f"{statement} ON CONFLICT DO NOTHING", values)
        return int(made.lastrowid) if made.rowcount else 0

    def _insert(self, statement: str, values: tuple[object, ...]) -> int:
        made: int = self._execute(statement, values).lastrowid
        return made
