"""Statistics as they are asked for: a period, sorted by what matters to the reader (§2.8)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import ForbiddenError, InvalidRequestError
from gateway.interactions.door import Door
from gateway.recognition.books import Book, Books
from gateway.recognition.reasons import REASONS
from gateway.recognition.statistics.basis import bases
from gateway.recognition.statistics.facts import Fact, Period, day, facts
from gateway.recognition.statistics.figures import Basis, Figures
from gateway.store.records import CONSORTIUM

RECEIVING: Final = "receiving"
SOURCE: Final = "source"
SIDES: Final = (RECEIVING, SOURCE)
UNKNOWN: Final = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. `by` names dimensions; `side` is whose figures a campus sees as its own."""

    period: Period
    by: tuple[str, ...] = ()
    side: str = RECEIVING


@dataclass(frozen=True, slots=True)
class Group:
    """Figures of what has the same values in every dimension asked for, with their words."""

    values: tuple[str, ...]
    words: tuple[str, ...]
    figures: Figures
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole and its groups. `campus` is whose it is, 0 for the consortium's."""

    query: Query
    campus: int
    total: Figures
    basis: Basis | None
    groups: tuple[Group, ...]


async def report(door: Door, catalogues: Books, actor: Actor, query: Query) -> Report:
    """Return the statistics of the actor's campus, or of all for an administrator."""
    if not actor.has("recognition"):
        raise ForbiddenError("The token's scopes do not allow recognition.")
    for name in query.by:
        if name not in DIMENSIONS:
            raise InvalidRequestError(f"by is of {', '.join(DIMENSIONS)}.", expression="by")
    book = catalogues.at(query.period.end - 1)
    found = [one for one in await facts(door, query.period) if _is_of(actor, query, one)]
    basis = await _bases(door, book, actor, query)
    total = Figures()
    _count(total, found)
    return Report(
        query,
        actor.campus,
        total,
        sum(basis.values(), Basis()) if basis is not None else None,
        _groups(Words(door, book), query, found, basis),
    )


def _is_of(actor: Actor, query: Query, fact: Fact) -> bool:
    whose = fact.source if query.side == SOURCE else fact.campus
    return actor.campus in {CONSORTIUM, whose}


async def _bases(
    door: Door, book: Book | None, actor: Actor, query: Query
) -> dict[int, Basis] | None:
    """Return what is divided, by receiving campus; of a source nobody attends anything."""
    if query.side == SOURCE:
        return None
    found = await bases(door, book, query.period)
    return {id_: one for id_, one in found.items() if actor.campus in {CONSORTIUM, id_}}


def _groups(
    words: "Words", query: Query, found: Iterable[Fact], basis: Mapping[int, Basis] | None
) -> tuple[Group, ...]:
    if not query.by:
        return ()
    dimensions = [DIMENSIONS[name] for name in query.by]
    groups: dict[tuple[str | int, ...], list[Fact]] = {}
    if basis is not None and query.by == ("campus",):
        groups = {(id_,): [] for id_ in basis}
    for one in found:
        if "reason" not in query.by or one.kind == "not-recognised":
            groups.setdefault(tuple(each.of(words, one) for each in dimensions), []).append(one)
    told = []
    for values, some in groups.items():
        figures = Figures()
        _count(figures, some)
        named = [each.word(words, value) for each, value in zip(dimensions, values, strict=True)]
        known = basis is not None and query.by == ("campus",)
        told.append(
            Group(
                tuple(code for code, _ in named),
                tuple(word for _, word in named),
                figures,
                (basis or {}).get(int(values[0]), Basis()) if known else None,
            )
        )
    return tuple(sorted(told, key=lambda one: one.values))


def _count(figures: Figures, found: Iterable[Fact]) -> None:
    for one in found:
        figures.add(one.kind, one.reason, one.count, one.saved)


class Words:
    """What numbers and codes are called."""

    def __init__(self, door: Door, book: Book | None) -> None:
        self._door = door
        self._book = book

    def campus(self, value: str | int) -> tuple[str, str]:
        """Return code and name of a campus."""
        campus = self._door.directory.campus_by_id(int(value))
        return (campus.code, campus.name) if campus else (str(value), "")

    def item(self, value: str | int) -> tuple[str, str]:
        """Return code and name of an item; one that is in the catalogue no more is its code."""
        item = self._book.item(str(value)) if self._book else None
        return str(value), item.name if item else ""

    def category(self, item: str) -> str:
        """Return the category of an item."""
        found = self._book.item(item) if self._book else None
        return found.category if found else UNKNOWN

    def reason(self, value: str | int) -> tuple[str, str]:
        """Return code and words of a reason; a client's own has none here."""
        reason = REASONS.get(str(value))
        return str(value), reason.display if reason else ""

    def plain(self, value: str | int) -> tuple[str, str]:
        """Return what speaks for itself."""
        return str(value), ""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One way to sort facts, and how its values are called."""

    heading: str
    of: Callable[[Words, Fact], str | int]
    word: Callable[[Words, str | int], tuple[str, str]] = Words.plain
    is_named: bool = False


DIMENSIONS: Final[Mapping[str, Dimension]] = {
    "campus": Dimension("接诊院区", lambda _, one: one.campus, Words.campus, is_named=True),
    "source": Dimension("来源院区", lambda _, one: one.source, Words.campus, is_named=True),
    "department": Dimension("科室", lambda _, one: one.department),
    "doctor": Dimension("医生", lambda _, one: one.doctor),
    "item": Dimension("项目", lambda _, one: one.item, Words.item, is_named=True),
    "category": Dimension("类别", lambda words, one: words.category(one.item)),
    "reason": Dimension("不互认原因", lambda _, one: one.reason, Words.reason, is_named=True),
    "day": Dimension("日期", lambda _, one: day(one.day)),
    "month": Dimension("月份", lambda _, one: day(one.day)[:7]),
}
"""By what statistics may be sorted."""
