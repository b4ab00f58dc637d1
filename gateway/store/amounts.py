"""Clauses on numbers, quantities, composites, addresses and passages to SQL conditions.

As in `clauses`, every text is one of the fixed fragments below with `?`.
"""

from collections.abc import Sequence
from typing import Final

from gateway.fhir.measures import DIMENSION
from gateway.store.clauses import Fetch, Rows, joined, marks
from gateway.store.long_names import short
from gateway.store.query import Amount, Near, Pairs, Part, Quantities, Texts, Unit, Uris

NAMED: Final = 1_000
"""Passages that a statement names."""

Condition = tuple[str, list[object]]
"""A piece of SQL and its values."""

_NUMBERS: Final = {
    "eq": "(s.lo >= :lo AND s.lo < :hi AND s.hi < :hi)",
    "ne": "(s.lo < :lo OR s.hi >= :hi)",
    "gt": "(s.hi > :at)",
    "lt": "(s.lo < :at)",
    "ge": "(s.hi >= :at)",
    "le": "(s.lo <= :at)",
    "sa": "(s.lo > :at)",
    "eb": "(s.hi < :at)",
    "ap": "(s.lo <= :hi AND s.hi >= :lo)",
}


def quantity_rows(clause: Quantities, fetch: Fetch) -> Rows:
    """Return the rows of a clause on numbers or quantities."""
    found = [amount(one, fetch) for one in clause.amounts]
    return _rows("sp_quantity", clause.params, [one for one in found if one], "s.value = 0 AND ")


def amount(one: Amount, fetch: Fetch) -> Condition | None:
    """Return the condition on a stored range, None where nothing is stored in that unit."""
    unit = _unit(one.unit, fetch)
    if unit is None:
        return None
    text, values = _compared(one, "s.lo", "s.hi")
    return f"({unit[0]} AND {text})", [*unit[1], *values]


def _compared(one: Amount, low: str, high: str) -> Condition:
    """Return R4's comparison with the named values put in their places."""
    text = _NUMBERS[one.prefix].replace("s.lo", low).replace("s.hi", high)
    parts = text.split(":")
    named = {"lo": one.lo, "hi": one.hi, "at": one.value}
    values: list[object] = [named[part[:2]] for part in parts[1:]]
    return "?".join([parts[0], *(part[2:] for part in parts[1:])]), values


def _unit(unit: Unit, fetch: Fetch) -> Condition | None:
    how, system, code = unit
    match how:
        case "any":
            return "s.unit = 0", []
        case "base":
            terms = _terms((DIMENSION, code), fetch)
            return ("s.unit = ?", [terms[0]]) if terms else None
        case "label":
            terms = _terms((system, code), fetch)
            return ("s.unit = 0 AND s.label = ?", [terms[0]]) if terms else None
        case "written":
            terms = [term for (term,) in fetch("terms_of_code", (code,))]
            if not terms:
                return None
            listed = marks(len(terms))
            text = f"s.unit = 0 AND (s.label IN ({listed}) OR s.written IN ({listed}))"
            return text, [*terms, *terms]


def _terms(pair: tuple[str | None, str | None], fetch: Fetch) -> list[int]:
    system, code = pair
    if system is None:
        return [term for (term,) in fetch("terms_of_code", (code,))]
    known = fetch("system_id", (system,))
    if not known:
        return []
    return [term for (term,) in fetch("term_id", (code, known[0][0]))]


def pair_rows(clause: Pairs, fetch: Fetch) -> Rows:
    """Return the rows of a stored composite."""
    either = []
    for first, second, third in clause.values:
        head = _named("s.value", first, fetch)
        tail = (
            amount(second, fetch) if isinstance(second, Amount) else _named("s.lo", second, fetch)
        )
        if head is None or tail is None:
            continue
        text, values = f"({head[0]} AND {tail[0]}", [*head[1], *tail[1]]
        if third is not None:
            more, its = _compared(third, "s.also", "s.also")
            text, values = f"{text} AND {more}", [*values, *its]
        either.append((f"{text})", values))
    return _rows("sp_quantity", clause.params, either, "")


def _named(column: str, part: Part, fetch: Fetch) -> Condition | None:
    """Return the condition that a column holds what a code or reference is interned as."""
    if part[0] == "reference":
        found = [key for (key,) in fetch("key_id", part[1])]
    elif part[1][1] is None:
        known = fetch("system_id", (part[1][0],))
        text = f"{column} IN (SELECT id FROM term WHERE system = ?)"
        return (text, [known[0][0]]) if known else None
    else:
        found = _terms(part[1], fetch)
    return (f"{column} IN ({marks(len(found))})", list(found)) if found else None


def uri_rows(clause: Uris) -> Rows:
    """Return the rows of a clause on addresses."""
    either: list[Condition] = []
    for how, uri in clause.values:
        if how == "exact":
            either.append(("s.value IN (SELECT id FROM system WHERE uri = ?)", [short(uri)]))
            continue
        under = uri if uri.endswith("/") else f"{uri}/"
        text = "s.value IN (SELECT id FROM system WHERE uri = ? OR (uri >= ? AND uri < ?))"
        either.append((text, [short(uri), under, under + "\U0010ffff"]))
    return _rows("sp_uri", clause.params, either, "")


def near_rows(clause: Near) -> Rows:
    """Return the rows of places: a belt of the sphere, in it what a straight line reaches."""
    text = (
        "(s.z >= ? AND s.z <= ? AND (s.z - ?) * (s.z - ?) + (s.x - ?) * (s.x - ?)"
        " + (s.y - ?) * (s.y - ?) <= ?)"
    )
    either: list[Condition] = [
        (text, [low, high, z, z, x, x, y, y, most]) for z, x, y, low, high, most in clause.circles
    ]
    return _rows("sp_position", clause.params, either, "")


def text_rows(clause: Texts, fetch: Fetch) -> Rows:
    """Return the rows of a clause on words: passages are looked through, each once."""
    passages = _passages(clause, fetch)
    if passages is not None:
        text = f"s.value IN ({marks(len(passages))})"
        return _rows("sp_text", clause.params, [(text, [*passages])] if passages else [], "")
    either: list[Condition] = []
    for words in clause.values:
        text = " AND ".join(["instr(folded, ?) > 0"] * len(words))
        either.append((f"s.value IN (SELECT id FROM passage WHERE {text})", list(words)))
    return _rows("sp_text", clause.params, either, "")


def _passages(clause: Texts, fetch: Fetch) -> list[int] | None:
    """Return the passages that are found, None where they are more than a statement names."""
    found: dict[int, None] = {}
    for words in clause.values:
        many = fetch(f"passages_of_{len(words)}", (*words, NAMED + 1))
        found.update((id_, None) for (id_,) in many)
        if len(found) > NAMED:
            return None
    return list(found)


def _rows(table: str, params: Sequence[int], either: Sequence[Condition], also: str) -> Rows:
    if not either:
        return Rows(table, "", (), nothing=True)
    text = joined([text for text, _ in either])
    values = [value for _, its in either for value in its]
    where = f"s.param IN ({marks(len(params))}) AND {also}({text})"
    return Rows(table, where, (*params, *values), repeats=True)
