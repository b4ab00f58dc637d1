"""Decisions as they are told outside of FHIR: the JSON of the façade.

DESIGN §4, "façade"; the same names as the parts of $recognize.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from gateway.api.hooks.words import UNKNOWN
from gateway.api.hooks.words import say as say_words
from gateway.api.language import Language
from gateway.interactions.door import Door
from gateway.recognition.books import Books
from gateway.recognition.decide.words import reason_words, say
from gateway.recognition.model import Answer, Asked, Coverage, Decision, Result, Verdict
from gateway.store.body import instant
from mappers.names import CATALOGUE_ITEM, RECOGNITION_REASON

Json = dict[str, Any]

NOT_IDENTIFIED: Final = "not-identified"


def reason(code: str, language: Language) -> Json:
    """Return a reason of a decision as a coding."""
    words = say_words(UNKNOWN, language) if code == NOT_IDENTIFIED else reason_words(code, language)
    return {"system": RECOGNITION_REASON, "code": code, "display": words}


def item_name(books: Books, one: Decision, language: Language) -> str:
    """Return what the catalogue of a decision calls its item, "" where it is of none."""
    book = books.version(one.catalogue) if language == "en" else None
    item = book.item(one.item) if book else None
    return (item.name_en if item else "") or one.item_name


def unchecked(orders: Iterable[Asked], language: Language) -> list[Json]:
    """Return what is said of each order where nobody was identified: nothing that could be used."""
    return [
        {
            **({"order": one.ref} if one.ref else {}),
            "outcome": "not-eligible",
            "reason": reason(NOT_IDENTIFIED, language),
            "rules": [{"id": "ID", "verdict": "unknown", "evidence": []}],
        }
        for one in orders
    ]


class Telling:
    """Puts decisions into JSON, in one language."""

    def __init__(self, door: Door, books: Books, language: Language) -> None:
        self._door = door
        self._books = books
        self._language = language

    def answer(self, answer: Answer, orders: Sequence[Asked]) -> Json:
        """Return a whole answer, one decision an order."""
        decisions = (
            [self.decision(one) for one in answer.decisions]
            if answer.identified
            else unchecked(orders, self._language)
        )
        return {
            "identified": answer.identified,
            "decisions": decisions,
            "coverage": coverage(answer.coverage),
        }

    def decision(self, one: Decision) -> Json:
        """Return one decision; what is not known has no key."""
        found = {
            "id": one.id,
            "order": one.asked.ref,
            "outcome": one.outcome,
            "reason": reason(one.reason.code, self._language),
            "item": self._item(one),
            "result": self._result(one.result) if one.result else None,
            "validUntil": instant(one.valid_until) if one.valid_until is not None else None,
            "own": one.own,
            "rules": self._rules(one.rules),
            "residual": [
                {"system": code.system, "code": code.code, "display": name}
                for code, name in zip(one.residual, _names(one), strict=True)
            ],
            "others": [
                {**self._result(result), "rules": self._rules(rules)}
                for result, rules in one.others
            ],
            "catalogue": one.catalogue,
        }
        return {key: value for key, value in found.items() if value not in (None, "", [])}

    def _item(self, one: Decision) -> Json | None:
        if not one.item:
            return None
        name = item_name(self._books, one, self._language)
        return {"system": CATALOGUE_ITEM, "code": one.item, "display": name}

    def _result(self, one: Result) -> Json:
        campus = self._door.directory.campus_by_id(one.campus)
        found = {
            "reference": one.reference,
            "campus": one.code,
            "campusName": campus.name if campus else "",
            "title": one.title,
            "at": instant(one.anchor) if one.anchor is not None else "",
            "atIs": one.anchor_kind,
            "mark": one.mark,
            "values": [
                {"name": name, "value": value, **({"unit": unit} if unit else {})}
                for name, value, unit in one.values
            ],
        }
        return {key: value for key, value in found.items() if value not in ("", [])}

    def _rules(self, rules: Iterable[Verdict]) -> list[Json]:
        return [
            {
                "id": one.id,
                "verdict": one.verdict,
                "evidence": [say(each, self._language) for each in one.evidence],
            }
            for one in rules
        ]


def _names(one: Decision) -> list[str]:
    """Return a name for each code of the residual."""
    codes = [code.code for code in one.residual]
    return [*one.residual_names, *codes[len(one.residual_names) :]]


def coverage(one: Coverage) -> Json:
    """Return which campuses an answer covers, and which of them are silent since when."""
    return {
        "included": list(one.included),
        "silent": [
            {"campus": each.code, "name": each.name, "since": instant(each.since)}
            for each in one.silent
        ],
    }
