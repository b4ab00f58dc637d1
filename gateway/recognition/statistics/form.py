"""The monthly form that hospitals owe their regulator: one line each (as in Liaoning, §2.8).

The class of a hospital is not known here: its column is left to be filled in.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.access.actor import Actor
from gateway.errors import ForbiddenError
from gateway.interactions.door import Door
from gateway.recognition.books import Book, Books
from gateway.recognition.statistics.facts import Fact, Period, day, facts
from gateway.store.records import CONSORTIUM

DAY: Final = 86_400_000_000
LABORATORY: Final = "laboratory"
MODALITIES: Final = {"DX": "dr", "CR": "dr", "DR": "dr", "MR": "mr", "CT": "ct"}
KINDS: Final = {"dr": "DR", "mr": "MR", "ct": "CT", LABORATORY: "临床检验"}
HEADINGS: Final = (
    "医疗机构代码 campus",
    "医疗机构名称 campusName",
    "机构类别 class",
    "参加国家级室间质评 nationalEqa",
    "国家级合格项目数 nationalEqaItems",
    "参加省级室间质评 provincialEqa",
    "省级合格项目数 provincialEqaItems",
    "影像质控合格 imagingQuality",
    "要求互认他院HR结果 recognisesOthers",
    *(
        heading
        for key, name in KINDS.items()
        for heading in (f"{name}互认数 {key}Recognised", f"{name}节约金额（元） {key}Saved")
    ),
    "调阅次数 viewed",
    "互认总数 recognised",
    "节约总金额（元） saved",
)
YES, NO = "是", "否"

Cell = str | int | float


@dataclass(slots=True)
class Line:
    """What is reported of one campus; `saved` is fen."""

    campus: int
    recognised: dict[str, int] = field(default_factory=dict)
    saved: dict[str, int] = field(default_factory=dict)
    viewed: int = 0
    evidence: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, fact: Fact, kind: str) -> None:
        """Count what happened."""
        if fact.kind == "viewed":
            self.viewed += fact.count
        elif fact.kind == "recognised":
            self.recognised[kind] = self.recognised.get(kind, 0) + fact.count
            self.saved[kind] = self.saved.get(kind, 0) + fact.saved


async def form(door: Door, catalogues: Books, actor: Actor, period: Period) -> list[Line]:
    """Return the lines of the actor's campus, or of all for an administrator."""
    if not actor.has("recognition"):
        raise ForbiddenError("The token's scopes do not allow recognition.")
    lines = {
        one.id: Line(one.id)
        for one in door.directory.campuses()
        if one.active and actor.campus in {CONSORTIUM, one.id}
    }
    book = catalogues.at(period.end - 1)
    for fact in await facts(door, period):
        if fact.campus in lines:
            lines[fact.campus].add(fact, kind_of(book, fact.item))
    days = day((period.end - 1) // DAY), day(period.start // DAY)
    for campus, scheme, scope, items in await door.store.scan("statistics_evidence", days):
        if campus in lines:
            lines[campus].evidence[scheme, scope] = items
    return list(lines.values())


def kind_of(book: Book | None, code: str) -> str:
    """Return the column of an item, "" for one that the form counts in its totals alone."""
    item = book.item(code) if book else None
    if item is None:
        return ""
    if item.category == "lab":
        return LABORATORY
    return next((MODALITIES[one] for one in item.modality if one in MODALITIES), "")


def cells(door: Door, lines: Iterable[Line]) -> Iterator[list[Cell]]:
    """Yield the form's lines."""
    for one in lines:
        campus = door.directory.campus_by_id(one.campus)
        national, provincial = (
            one.evidence.get(("eqa", "national")),
            one.evidence.get(("eqa", "province")),
        )
        images = any(scheme == "image-quality" for scheme, _ in one.evidence)
        yield [
            campus.code if campus else "",
            campus.name if campus else "",
            "",
            *_attended(national),
            *_attended(provincial),
            YES if images else NO,
            YES,  # of every member: the consortium's catalogue binds all
            *_by_kind(one),
            one.viewed,
            sum(one.recognised.values()),
            sum(one.saved.values()) / 100,
        ]


def _attended(items: int | None) -> tuple[Cell, Cell]:
    return (YES if items else NO), items or 0


def _by_kind(one: Line) -> Iterator[Cell]:
    for kind in KINDS:
        yield one.recognised.get(kind, 0)
        yield one.saved.get(kind, 0) / 100


def keyed(headings: Iterable[str], line: Iterable[Cell]) -> Mapping[str, Cell]:
    """Return a line by the keys of its headings."""
    return {heading.split()[-1]: cell for heading, cell in zip(headings, line, strict=True)}
