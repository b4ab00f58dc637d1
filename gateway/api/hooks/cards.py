"""Cards: what is said of each ordered item that has a prior result.

https://cds-hooks.hl7.org/2.0/#cds-service-response. Advice, never a veto: whoever reads it decides.
"""

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.api.hooks import words
from gateway.api.hooks.links import links
from gateway.api.hooks.words import say
from gateway.api.language import Language
from gateway.interactions.door import Door
from gateway.recognition.books import Books
from gateway.recognition.catalogue.model import Item
from gateway.recognition.decide.words import reason_words
from gateway.recognition.decide.words import say as evidence_words
from gateway.recognition.ledger.model import OFFERED
from gateway.recognition.model import Coverage, Decision, Result
from gateway.recognition.reasons import offered
from gateway.recognition.service import Summary
from mappers.names import CATALOGUE_ITEM, NON_RECOGNITION_REASON

Card = dict[str, Any]

MAX_SUMMARY: Final = 139
"""The specification: fewer than 140 characters."""
INDICATORS: Final = {
    "shall-recognise": "warning",
    "may-recognise": "info",
    "reread": "warning",
    "reference-only": "info",
    "context-critical": "critical",
}
"""Outcomes of which there is a card; the others have nothing to show."""
URGENCY: Final = ("critical", "warning", "info")
VALUES: Final = 12
"""How many measurements a card shows."""
ADDRESS: Final = re.compile(r"(: ?| )?\b[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}(/_history/\d+)?")
TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)")
MARKUP: Final = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Deck:
    """Makes the cards of one answer. `root` is the address of the pages."""

    door: Door
    books: Books
    root: str
    language: Language

    # Of ordered items.

    def of_decision(self, decision: Decision) -> Card | None:
        """Return the card of an ordered item, None where there is nothing to show."""
        result = decision.result
        if decision.outcome not in INDICATORS:
            return None
        item = self._item(decision)
        if result is None:
            return self._waiting(decision, self._name(decision, item))
        name = self._name(decision, item)
        card: Card = {
            "uuid": decision.id,
            "summary": self._summary(decision, result, name),
            "indicator": INDICATORS[decision.outcome],
            "detail": self._detail(decision, result),
            "source": self._source(decision, name),
            "links": links(self.door, self.root, decision, self.language),
            "overrideReasons": self._reasons(decision, item),
            "extension": {
                "hutong": {
                    "decision": decision.id,
                    "outcome": decision.outcome,
                    "result": result.reference,
                }
            },
        }
        # The specification allows no empty arrays.
        return {key: value for key, value in card.items() if value != []}

    def _waiting(self, decision: Decision, name: str) -> Card:
        """Return the card of an item whose critical value is open, though no result is left."""
        card = self._info(self._told(name, self._say(words.OUTCOMES[decision.outcome])), "")
        hutong = {"decision": decision.id, "outcome": decision.outcome}
        return {
            **card,
            "uuid": decision.id,
            "indicator": INDICATORS[decision.outcome],
            "detail": self._rules(decision),
            "source": self._source(decision, name),
            "extension": {"hutong": hutong},
        }

    def _item(self, decision: Decision) -> Item | None:
        book = self.books.version(decision.catalogue)
        return book.item(decision.item) if book else None

    def _name(self, decision: Decision, item: Item | None) -> str:
        english = item.name_en if item and self.language == "en" else ""
        return english or decision.item_name or decision.asked.text or decision.item

    def _summary(self, decision: Decision, result: Result, name: str) -> str:
        """Return one sentence: `胸部CT平扫：可互认（县医院 11-18，至12-18，市HR）`."""
        said = self._say(words.OUTCOMES[decision.outcome])
        if decision.outcome == "reference-only":
            said += f"{self._comma}{reason_words(decision.reason.code, self.language)}"
        when = self._day(result.anchor)
        until = decision.valid_until
        facts = [f"{self._campus(result)} {when}".strip()]
        if until is not None and decision.outcome != "reference-only":
            facts.append(f"{self._say(words.UNTIL)}{self._day(until)}")
        if result.mark:
            facts.append(result.mark)
        about = self._comma.join(facts)
        return self._told(name, f"{said}{f' ({about})' if self._en else f'（{about}）'}")

    def _told(self, name: str, said: str) -> str:
        tail = f"{': ' if self._en else '：'}{said}"
        if len(tail) > MAX_SUMMARY // 2:
            tail = f"{tail[: MAX_SUMMARY // 2]}…"
        room = MAX_SUMMARY - len(tail)
        return (name if len(name) <= room else f"{name[: room - 1]}…") + tail

    def _detail(self, decision: Decision, result: Result) -> str:
        """Return the rules as a table of GitHub's Markdown, then values and what is left to do."""
        lines = [self._rules(decision)]
        values = [plain(" ".join(filter(None, one))) for one in result.values[:VALUES]]
        if values:
            lines += ["", f"**{self._say(words.RESULT)}**: {'; '.join(values)}"]
        if rest := rest_of(decision):
            named = ", ".join(plain(name) for name in rest)
            lines += ["", f"**{self._say(words.RESIDUAL)}**: {named}"]
        return "\n".join(lines)

    def _rules(self, decision: Decision) -> str:
        heads = [self._say(head) for head in words.TABLE]
        lines = [_row(heads), _row(["---"] * len(heads))]
        for rule in decision.rules:
            evidence = "; ".join(_shown(one, self.language) for one in rule.evidence)
            verdict = self._say(words.VERDICTS[rule.verdict])
            lines.append(_row([self._say(words.RULES[rule.id]), verdict, evidence]))
        return "\n".join(lines)

    def _source(self, decision: Decision, name: str) -> dict[str, Any]:
        topic = {"system": CATALOGUE_ITEM, "code": decision.item, "display": name}
        return {
            "label": self._say(words.SOURCE),
            "url": f"{self.root}/",
            **({"topic": topic} if decision.item else {}),
        }

    def _reasons(self, decision: Decision, item: Item | None) -> list[dict[str, str]]:
        if decision.outcome not in OFFERED:
            return []
        return _offered(item.category if item else "", self.language)

    # Of the whole.

    def unknown(self) -> Card:
        """Return the one card where nobody was checked."""
        detail = self._say(words.UNKNOWN_DETAIL)
        return self._info(self._say(words.UNKNOWN), detail)

    def unread(self) -> Card:
        """Return the one card where the client does not have the orders that it names."""
        return self._info(self._say(words.UNREAD), self._say(words.UNKNOWN_DETAIL))

    def without_catalogue(self) -> Card:
        """Return the card where nothing could be judged because no catalogue is in force."""
        return self._info(self._say(words.NO_CATALOGUE), self._say(words.NO_CATALOGUE_DETAIL))

    def silence(self, coverage: Coverage) -> list[Card]:
        """Return a card on the campuses that have fallen silent, none if all are heard."""
        if not coverage.silent:
            return []
        told = self._say(words.SILENT).format(count=len(coverage.silent))
        lines = (
            self._say(words.SINCE).format(name=plain(one.name), at=self._moment(one.since))
            for one in coverage.silent
        )
        return [self._info(told, "\n".join(f"- {line}" for line in lines))]

    def summary(self, found: Summary) -> list[Card]:
        """Return the card on what a patient has; none if there is nothing and all are heard."""
        counts = [
            f"{self._say(words.CATEGORIES.get(category, (category, category)))} {count}"
            for category, count in sorted(found.usable.items())
            if count
        ]
        if not counts and not found.critical:
            return self.silence(found.coverage)
        told = self._say(words.SUMMARY).format(counts=self._comma.join(counts))
        parts = [told if counts else self._say(words.NONE_USABLE)]
        if found.critical:
            parts.insert(0, self._say(words.CRITICAL).format(count=found.critical))
        detail = "\n\n".join(card["detail"] for card in self.silence(found.coverage))
        card = self._info(self._comma.join(parts)[:MAX_SUMMARY], detail)
        if found.critical:
            card["indicator"] = "critical"
        if found.patients:
            address = f"{self.root}/patients/{found.patients[0]}"
            label = self._say(words.TIMELINE)
            card["links"] = [{"label": label, "url": address, "type": "absolute"}]
        return [card]

    def _info(self, summary: str, detail: str) -> Card:
        card: Card = {
            "summary": summary,
            "indicator": "info",
            "source": {"label": self._say(words.SOURCE), "url": f"{self.root}/"},
        }
        return {**card, "detail": detail} if detail else card

    # Words.

    @property
    def _en(self) -> bool:
        return self.language == "en"

    @property
    def _comma(self) -> str:
        return ", " if self._en else "，"

    def _say(self, pair: words.Pair) -> str:
        return say(pair, self.language)

    def _campus(self, result: Result) -> str:
        campus = self.door.directory.campus_by_id(result.campus)
        return campus.name if campus else result.code

    def _day(self, us: int | None) -> str:
        """Return month and day, with the year where it is another one."""
        if us is None:
            return ""
        day, today = (_local(one, self.door.zone) for one in (us, self.door.clock()))
        return f"{day:%m-%d}" if day.year == today.year else f"{day:%Y-%m-%d}"

    def _moment(self, us: int) -> str:
        return f"{_local(us, self.door.zone):%Y-%m-%d %H:%M}"


def in_order(cards: Iterable[Card]) -> list[Card]:
    """Return cards as they are read: what is most urgent first, else as it was ordered."""
    return sorted(cards, key=lambda card: URGENCY.index(card["indicator"]))


def rest_of(decision: Decision) -> Sequence[str]:
    """Return the names of what of a panel is still to be done."""
    codes = [code.code for code in decision.residual]
    names = list(decision.residual_names)
    return [*names, *codes[len(names) :]]


def suggestion_id(decision: str, kind: str) -> str:
    """Return the id of a suggestion, the same whenever the decision is shown."""
    return str(uuid.uuid5(uuid.UUID(decision), kind))


def plain(text: str) -> str:
    """Return a text as Markdown that shows it as it is: it may come from anybody's system."""
    return MARKUP.sub(r"\\\1", " ".join(text.split()))


@lru_cache(maxsize=8192)  # the same result is shown for each of an item's orders
def _shown(evidence: str, language: Language) -> str:
    """Return evidence for a reader's eyes: no addresses, times to the minute."""
    return plain(TIME.sub(r"\1 \2", ADDRESS.sub("", evidence_words(evidence, language))))


@cache
def _offered(category: str, language: Language) -> list[dict[str, str]]:
    """Return the reasons that fit an item of a category."""
    return [
        {"system": NON_RECOGNITION_REASON, "code": one.code, "display": one.named(language)}
        for one in offered(category)
    ]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _local(us: int, zone: ZoneInfo) -> datetime:
    return (EPOCH + timedelta(microseconds=us)).astimezone(zone)
