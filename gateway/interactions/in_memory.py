"""Whether a resource that is not in the store answers a search, and where it stands in its order.

What an index row is to the store is here an entry of `Extracted`; the rules are those of
https://hl7.org/fhir/R4/search.html.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.fhir.dates import matches
from gateway.fhir.definitions import TYPE_NAMES
from gateway.fhir.extract import Extracted
from gateway.fhir.text import folded, joined
from gateway.store import query as q
from gateway.store.stored import Stored


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resource with its search values; its words and its body are made when they are needed."""

    id: str
    row: int
    campus: int
    rows: Extracted
    texts: Callable[[], list[tuple[int, str]]]
    stored: Callable[[], Stored]


def answers(candidate: Candidate, clauses: Iterable[q.Clause]) -> bool:
    """Return whether a resource matches all of these."""
    return all(_TESTS.get(type(clause), _never)(clause, candidate) for clause in clauses)


def ordered(found: Iterable[Candidate], sort: Sequence[q.Sort]) -> list[Candidate]:
    """Return candidates in the order asked for, rows without the value last; the newest first."""
    listed = sorted(found, key=lambda one: -one.row)
    for one in reversed(sort):
        keyed = [(_value(one, candidate), candidate) for candidate in listed]
        present = [pair for pair in keyed if pair[0] is not None]
        present.sort(key=lambda pair: pair[0], reverse=one.descending)
        listed = [each for _, each in present] + [each for key, each in keyed if key is None]
    return listed


def _value(sort: q.Sort, candidate: Candidate) -> Any:
    """Return the lowest value, for descending the highest, None where there is none."""
    if sort.kind == "row":
        return candidate.row
    if sort.kind == "id":
        return candidate.id
    pick = max if sort.descending else min
    values = _VALUES[sort.kind](candidate.rows) if sort.kind in _VALUES else ()
    return pick((value for param, value in values if param in sort.params), default=None)


_VALUES: Final[Mapping[str, Callable[[Extracted], Iterable[tuple[int, Any]]]]] = {
    "token": lambda rows: ((param, code) for param, _, code in rows.tokens),
    "reference": lambda rows: ((param, id_) for param, _, id_ in rows.references),
    "date": lambda rows: ((param, low) for param, low, _ in rows.dates),
    "string": lambda rows: ((param, joined(text)) for param, text in rows.strings),
    "uri": lambda rows: rows.uris,
}


# One test a kind of clause. What has none finds nothing: chains, amounts.


def _never(_clause: Any, _candidate: Candidate) -> bool:
    return False


def _tokens(clause: q.Tokens, candidate: Candidate) -> bool:
    return any(
        param in clause.params and _is_named(system, code, clause.values)
        for param, system, code in candidate.rows.tokens
    )


def _is_named(system: str, code: str, pairs: Iterable[q.Pair]) -> bool:
    return any(named in {None, system} and asked in {None, code} for named, asked in pairs)


def _references(clause: q.References, candidate: Candidate) -> bool:
    named = {(TYPE_NAMES.get(number, ""), id_) for number, id_ in clause.targets}
    return any(
        param in clause.params and (type_, id_) in named
        for param, type_, id_ in candidate.rows.references
    )


def _patients(clause: q.Patients, candidate: Candidate) -> bool:
    return any(
        param in clause.params and type_ == TYPE_NAMES[clause.type] and id_ in clause.ids
        for param, type_, id_ in candidate.rows.references
    )


def _dates(clause: q.Dates, candidate: Candidate) -> bool:
    return any(
        param in clause.params and matches(prefix, (lo, hi), low, high)
        for param, low, high in candidate.rows.dates
        for prefix, lo, hi in clause.bounds
    )


_HOW: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "exact": lambda value, text: value == text,
    "prefix": lambda value, text: joined(value).startswith(text),
    "contains": lambda value, text: text in joined(value),
}


def _strings(clause: q.Strings, candidate: Candidate) -> bool:
    return any(
        param in clause.params and how in _HOW and _HOW[how](value, text)
        for param, value in candidate.rows.strings
        for how, text in clause.values
    )


def _uris(clause: q.Uris, candidate: Candidate) -> bool:
    return any(
        param in clause.params
        and (value == uri or (how == "below" and value.startswith(f"{uri.rstrip('/')}/")))
        for param, value in candidate.rows.uris
        for how, uri in clause.values
    )


def _texts(clause: q.Texts, candidate: Candidate) -> bool:
    passages = [folded(text) for param, text in candidate.texts() if param in clause.params]
    return any(all(word in one for word in words) for one in passages for words in clause.values)


def _ids(clause: q.Ids, candidate: Candidate) -> bool:
    return candidate.id in clause.ids


def _updated(clause: q.Updated, candidate: Candidate) -> bool:
    row = candidate.row
    return any(matches(prefix, (lo, hi), row, row + 1) for prefix, lo, hi in clause.bounds)


def _campuses(clause: q.Campuses, candidate: Candidate) -> bool:
    return candidate.campus in clause.campuses


def _missing(clause: q.Missing, candidate: Candidate) -> bool:
    lacking = any(not candidate.rows.present & bits for bits in clause.bits)
    return lacking is clause.missing


def _holds(clause: q.Holds, candidate: Candidate) -> bool:
    return any(param in clause.params for param in candidate.rows.holds)


def _not(clause: q.Not, candidate: Candidate) -> bool:
    return not answers(candidate, (clause.clause,))


def _either(clause: q.Either, candidate: Candidate) -> bool:
    return any(answers(candidate, one) for one in clause.alternatives)


_TESTS: Final[Mapping[type, Callable[[Any, Candidate], bool]]] = {
    q.Tokens: _tokens,
    q.References: _references,
    q.Patients: _patients,
    q.Dates: _dates,
    q.Strings: _strings,
    q.Uris: _uris,
    q.Texts: _texts,
    q.Ids: _ids,
    q.Updated: _updated,
    q.Campuses: _campuses,
    q.Missing: _missing,
    q.Holds: _holds,
    q.Not: _not,
    q.Either: _either,
}
