"""What is asked of a server that holds the population, and how much each question finds.

python -m bench.queries SIZE...     counts the hits once more and writes them to queries.json

The hits are counted here from the resources themselves, by nobody's index: `own` those of the one
Patient that is named, `linked` those of all Patients that are the same human, which is what a
gateway that knows links finds. `hits` are all, `page` those of the first pages, of all addresses.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from fixtures.population import (
    LABORATORY,
    RARE,
    Human,
    Member,
    Resource,
    humans,
    record,
    usual,
)

FILE: Final = Path(__file__).with_name("queries.json")
SAMPLE: Final = 200
"""Addresses of a query."""
SINCE: Final = "2023-01-01"
COMMON_CODE: Final = "718-7"
RARE_ITEM: Final = LABORATORY[RARE][1][0]
WHOM: Final = {
    "all": range(1, 100_000),
    "median": range(8, 13),
    "many": range(200, 20_000),
    "giant": range(20_000, 100_000),
}
"""Who is drawn from, by how many resources there are of them."""

Asked = tuple[Human, Member]


@dataclass(frozen=True)
class Query:
    """One line of queries.json. `whom` "" asks of nobody in particular; `pages` follows `next`."""

    name: str
    whom: str
    address: str
    pages: bool = False
    hits: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many come on a page."""
        return int(self.address.rpartition("_count=")[2]) if "_count=" in self.address else 50

    def addresses(self, size: int) -> list[str]:
        """Return what is asked, of a fixed sample of patients."""
        if not self.whom:
            return [self.address]
        return [self.address.format(**_words(*one)) for one in sample(size, self.whom)]


def queries() -> list[Query]:
    """Return all of queries.json."""
    return [Query(**one) for one in json.loads(FILE.read_text())["queries"]]


def label(size: int) -> str:
    """Return what a size is called in queries.json."""
    sizes: dict[str, int] = json.loads(FILE.read_text())["sizes"]
    return next(name for name, number in sizes.items() if number == size)


@cache
def everybody(size: int) -> tuple[Asked, ...]:
    """Return every Patient with its human."""
    return tuple((human, member) for human in humans(size) for member in human.members)


def sample(size: int, whom: str) -> Sequence[Asked]:
    """Return Patients spread evenly over those of a kind."""
    found = [one for one in everybody(size) if one[1].count in WHOM[whom]]
    return found[:: max(1, len(found) // SAMPLE)][:SAMPLE]


def _words(human: Human, member: Member) -> dict[str, str]:
    return {
        "id": member.id,
        "campus": member.campus,
        "number": member.number,
        "year": str(human.birth_date.year),
        "code": code_of(member),
    }


def code_of(member: Member) -> str:
    """Return the code of a test that a Patient often has."""
    _, items = LABORATORY[usual(member)]
    return items[0].loinc


# What is found, counted from the resources.


def _coded(found: Iterable[Resource], code: str) -> Iterator[Resource]:
    for one in found:
        if one["resourceType"] == "Observation" and one["code"]["coding"][0]["code"] == code:
            yield one


def _typed(found: Iterable[Resource], type_: str) -> int:
    return sum(one["resourceType"] == type_ for one in found)


def _since(found: Iterable[Resource], code: str) -> int:
    return sum(one["effectiveDateTime"] >= SINCE for one in _coded(found, code))


Counting = Callable[[Sequence[Resource], Member], int]
OF_PATIENT: Final[dict[str, Counting]] = {
    **dict.fromkeys(
        ("patient-code-date", "patient-code-date-many", "patient-code-date-giant"),
        lambda found, member: len(list(_coded(found, code_of(member)))),
    ),
    "patient-code-since": lambda found, member: _since(found, code_of(member)),
    "patient-category-pages": lambda found, _: _typed(found, "Observation"),
    "chain-to-one": lambda found, _: _typed(found, "DiagnosticReport"),
    "include": lambda found, _: _typed(found, "DiagnosticReport"),
    "identifier": lambda found, member: sum(
        one["resourceType"] == "Patient" and one["identifier"][0]["value"] == member.number
        for one in found
    ),
}
"""Of the resources that are about the one who is asked about."""


def count(size: int) -> dict[str, dict[str, dict[str, int]]]:
    """Return what each query finds."""
    found = {query.name: _of_patients(query, size) for query in queries() if _is_of(query)}
    every = _of_all(size)
    for query in queries():
        if query.name in every:
            each = every[query.name]
            one = {"hits": sum(each), "page": sum(min(hits, query.count) for hits in each)}
            found[query.name] = {"own": one, "linked": one}
    return found


def _is_of(query: Query) -> bool:
    return query.name in OF_PATIENT


def _of_patients(query: Query, size: int) -> dict[str, dict[str, int]]:
    counting = OF_PATIENT[query.name]
    own, linked = [], []
    for human, member in sample(size, query.whom):
        mine = list(record(human, member))
        others = [one for other in human.members if other != member for one in record(human, other)]
        own.append(counting(mine, member))
        linked.append(counting([*mine, *others], member))
    return {
        name: {"hits": sum(each), "page": sum(min(hits, query.count) for hits in each)}
        for name, each in (("own", own), ("linked", linked))
    }


def _of_all(size: int) -> dict[str, list[int]]:
    codes: Counter[str] = Counter()
    by_year: Counter[int] = Counter()
    women = 0
    patients: dict[str, set[int]] = {COMMON_CODE: set(), RARE_ITEM.loinc: set()}
    for human, member in everybody(size):
        for one in record(human, member):
            if one["resourceType"] != "Observation":
                continue
            code = one["code"]["coding"][0]["code"]
            codes[code] += 1
            if code in patients:
                patients[code].add(member.index)
            if code == COMMON_CODE:
                by_year[human.birth_date.year] += 1
                women += human.sex == "F"
    years = [human.birth_date.year for human, _ in sample(size, "all")]
    return {
        "code-newest": [codes[COMMON_CODE]],
        "rare-code-newest": [codes[RARE_ITEM.loinc]],
        "chain-to-some": [by_year[year] for year in years],
        "chain-to-many": [women],
        "has-some": [len(patients[RARE_ITEM.loinc])],
        "has-many": [len(patients[COMMON_CODE])],
    }


def main(sizes: Sequence[int]) -> None:
    """Write the hits of these sizes to queries.json."""
    told: dict[str, Any] = json.loads(FILE.read_text())
    for size in sizes:
        found = count(size)
        for query in told["queries"]:
            query.setdefault("hits", {})[label(size)] = found[query["name"]]
    lines = ",\n    ".join(json.dumps(one, ensure_ascii=False) for one in told["queries"])
    sizes_ = json.dumps(told["sizes"])
    FILE.write_text(f'{{\n  "sizes": {sizes_},\n  "queries": [\n    {lines}\n  ]\n}}\n')


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]])
