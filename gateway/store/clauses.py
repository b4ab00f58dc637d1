"""Clauses to SQL conditions over the index tables.

Every text is one of the fixed fragments below with `?`; values travel as parameters.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

import msgspec

from gateway.store.long_names import short
from gateway.store.query import Dates, Patients, References, Strings, Tokens, Updated
from gateway.store.records import LONG, UNDATED, Viewer

Fetch = Callable[[str, Sequence[object]], list[Any]]

WIDE: Final = 32
"""Conditions that one word joins without brackets."""
ENDS_AFTER: Final = frozenset({"gt", "ge", "ap"})
"""Prefixes that ask when a stored range ends."""


class Rows(msgspec.Struct, frozen=True, gc=False):
    """One clause over an index table `s`. `nothing`: no row can match; `repeats`: twice may."""

    table: str
    where: str
    values: tuple[object, ...]
    repeats: bool = False
    nothing: bool = False


@cache
def marks(count: int) -> str:
    """Return that many question marks."""
    return ",".join("?" * count)


def joined(texts: Sequence[str], word: str = "OR") -> str:
    """Return conditions joined by a word, very many as a tree: SQLite takes a depth of 1,000."""
    while len(texts) > WIDE:
        parts = (texts[at : at + WIDE] for at in range(0, len(texts), WIDE))
        texts = [f"({f' {word} '.join(part)})" for part in parts]
    return f" {word} ".join(texts)


def visible(viewer: Viewer, alias: str = "r") -> tuple[str, tuple[object, ...]]:
    """Return the access predicate on `res` (DESIGN §3, "Campus ownership and sharing")."""
    text = _visible(viewer.break_glass, len(viewer.inactive), alias)
    return text, (viewer.campus, *viewer.inactive, viewer.campus)


@cache
def _visible(break_glass: bool, inactive: int, alias: str) -> str:  # noqa: FBT001 - of a cache
    labels = "r.label IN (0, 2)" if break_glass else "r.label = 0"
    if inactive:
        labels += f" AND r.campus NOT IN ({marks(inactive)})"
    text = f"""(r.campus = ? OR ({labels}) OR EXISTS
             (SELECT 1 FROM audience a WHERE a.key = r.key AND a.campus = ?))"""
    return text.replace("r.", f"{alias}.")


def token_rows(clause: Tokens, fetch: Fetch) -> Rows:
    """Return the rows of a token clause, its pairs looked up as terms."""
    terms: list[int] = []
    systems: list[int] = []
    for system, code in clause.values:
        if system is None:
            terms += [term for (term,) in fetch("terms_of_code", (code,))]
        elif known := fetch("system_id", (system,)):
            if code is None:
                systems.append(known[0][0])
            else:
                terms += [term for (term,) in fetch("term_id", (code, known[0][0]))]
    either = []
    if terms:
        either.append(f"s.value IN ({marks(len(terms))})")
    if systems:
        either.append(f"s.value IN (SELECT id FROM term WHERE system IN ({marks(len(systems))}))")
    return _rows("sp_token", clause.params, either, (*terms, *systems))


def reference_rows(clause: References | Patients, fetch: Fetch) -> Rows:
    """Return the rows of a reference clause."""
    targets = (
        clause.targets
        if isinstance(clause, References)
        else [(clause.type, id_) for id_ in clause.ids]
    )
    keys = [key for target in targets for (key,) in fetch("key_id", target)]
    if isinstance(clause, References):
        keys += clause.keys
    either = [f"s.value IN ({marks(len(keys))})"] if keys else []
    return _rows("sp_reference", clause.params, either, tuple(keys))


def string_rows(clause: Strings) -> Rows:
    """Return the rows of a string clause."""
    either, values = [], []
    for how, text in clause.values:
        if how == "exact":
            either.append("s.value IN (SELECT id FROM word WHERE text = ?)")
            values.append(short(text))
        elif how == "prefix":
            either.append("s.value IN (SELECT id FROM word WHERE folded >= ? AND folded < ?)")
            values += [text, text + "\U0010ffff"]
        elif how == "sound":
            either.append("s.value IN (SELECT word FROM sound WHERE sound >= ? AND sound < ?)")
            values += [text, text + "\U0010ffff"]
        else:
            either.append("s.value IN (SELECT id FROM word WHERE instr(folded, ?) > 0)")
            values.append(text)
    rows = _rows("sp_string", clause.params, either, tuple(values))
    return Rows(rows.table, rows.where, rows.values, repeats=True, nothing=rows.nothing)


def date_rows(clause: Dates) -> Rows:
    """Return the rows of a date clause."""
    ways = [way for bound in clause.bounds for way in _ways(*bound)]
    if not 1 < len(ways) <= WIDE:
        # One condition, or more than it is worth to enter the index for.
        found = [compare("s", *bound) for bound in clause.bounds]
        bounds = tuple(value for _, its in found for value in its)
        return _rows("sp_date", clause.params, [text for text, _ in found], bounds)
    of_params = f"s.param IN ({marks(len(clause.params))})"
    # Told again in each way, and by itself no way to enter by: it would be all that have a date.
    where = f"+{of_params} AND ({joined([f'({of_params} AND {text})' for text, _ in ways])})"
    values = tuple(value for _, its in ways for value in (*clause.params, *its))
    return Rows("sp_date", where, (*clause.params, *values), repeats=True)


def _ways(prefix: str, lo: int, hi: int) -> list[tuple[str, list[object]]]:
    """Return a comparison as conditions, each with an index to enter by; either is enough.

    What ends after a moment begins no more than LONG before it, or is one of the few that are
    longer, which have an index by their end.
    """
    if prefix == "ne":
        return [compare("s", "lt", lo, hi), *_ways("gt", lo, hi)]
    text, values = compare("s", prefix, lo, hi)
    if prefix not in ENDS_AFTER:
        return [(text, values)]
    after = hi if prefix == "gt" else lo
    return [
        (f"s.lo >= ? AND {text}", [after - LONG, *values]),
        (f"s.hi > s.lo + {LONG} AND {text}", values),
    ]


def compare(alias: str, prefix: str, lo: int, hi: int) -> tuple[str, list[object]]:
    """Return R4's comparison of a stored range with a search range (search.html#prefix).

    The row that stands for "no date" matches nothing. `ge` and `le` name a bound that follows from
    the rest, so that an index can be entered at it.
    """
    low, high = f"{alias}.lo", f"{alias}.hi"
    table: dict[str, tuple[str, list[object]]] = {
        "eq": (f"({low} >= ? AND {low} < ? AND {high} <= ?)", [lo, hi, hi]),
        "ne": (f"(({low} < ? OR {high} > ?) AND {low} > ?)", [lo, hi, UNDATED]),
        "gt": (f"({high} > ?)", [hi]),
        "sa": (f"({low} >= ?)", [hi]),
        "lt": (f"({low} < ? AND {low} > ?)", [lo, UNDATED]),
        "eb": (f"({high} <= ? AND {low} > ?)", [lo, UNDATED]),
        "ge": (f"({high} > ? AND ({high} > ? OR {low} >= ?))", [lo, hi, lo]),
        "le": (f"({low} > ? AND {low} < ? AND ({low} < ? OR {high} <= ?))", [UNDATED, hi, lo, hi]),
        "ap": (f"({low} < ? AND {high} > ?)", [hi, lo]),
    }
    return table[prefix]


def _rows(
    table: str, params: tuple[int, ...], either: Sequence[str], values: tuple[object, ...]
) -> Rows:
    if not either:
        return Rows(table, "", (), nothing=True)
    where = f"s.param IN ({marks(len(params))}) AND ({joined(either)})"
    one = (
        len(params) == 1 and len(either) == 1 and "," not in either[0] and "SELECT" not in either[0]
    )
    return Rows(table, where, (*params, *values), repeats=not one or table == "sp_date")


def updated(clause: Updated, alias: str = "r") -> tuple[str, tuple[object, ...]]:
    """Return the condition on `res.row` of a `_lastUpdated` clause."""
    either, values = [], []
    for prefix, lo, hi in clause.bounds:
        text, its = {
            "eq": ("(r.row >= ? AND r.row < ?)", [lo, hi]),
            "ap": ("(r.row >= ? AND r.row < ?)", [lo, hi]),
            "ne": ("(r.row < ? OR r.row >= ?)", [lo, hi]),
            "gt": ("r.row >= ?", [hi]),
            "sa": ("r.row >= ?", [hi]),
            "ge": ("r.row >= ?", [lo]),
            "lt": ("r.row < ?", [lo]),
            "eb": ("r.row < ?", [lo]),
            "le": ("r.row < ?", [hi]),
        }[prefix]
        either.append(text)
        values += its
    return f"({joined(either)})".replace("r.", f"{alias}."), tuple(values)
