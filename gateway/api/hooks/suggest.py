"""What a card suggests for a draft: to cancel it, or to order only the rest of it.

https://cds-hooks.hl7.org/2.0/#suggestion. One suggestion holds all: a panel is never only deleted
where some of it is still to be done.
"""

from collections.abc import Sequence
from typing import Any, Final

from gateway.api.hooks import words
from gateway.api.hooks.cards import Card, rest_of, suggestion_id
from gateway.api.hooks.context import Draft
from gateway.api.hooks.words import say
from gateway.api.language import Language
from gateway.fhir.codec import decode_exact
from gateway.recognition.model import USABLE, Decision

OWN: Final = frozenset({"id", "identifier", "meta", "text", "code", "implicitRules", "requisition"})
"""What belongs to the order that is cancelled, not to the one in its place."""


def kind_of(decision: Decision) -> str:
    """Return what a card of this decision suggests, "" for nothing."""
    if decision.outcome not in USABLE:
        return ""
    return "replace" if decision.residual else "delete"


def suggest(card: Card, decision: Decision, drafts: Sequence[Draft], language: Language) -> Card:
    """Return the card with its suggestion, if the drafts can be named and one is due."""
    kind = kind_of(decision)
    if not kind or not all(draft.ref for draft in drafts):
        return card
    actions = [_deletion(draft, language) for draft in drafts]
    if kind == "replace":
        actions += _rest(decision, drafts[0], language)
    suggestion = {
        "label": say(words.REPLACE if kind == "replace" else words.CANCEL, language),
        "uuid": suggestion_id(decision.id, kind),
        "actions": actions,
    }
    return {**card, "suggestions": [suggestion], "selectionBehavior": "at-most-one"}


def _deletion(draft: Draft, language: Language) -> dict[str, Any]:
    named = draft.order.code.words if draft.order.code else ""
    return {
        "type": "delete",
        "description": say(words.DELETE, language) + (named or draft.ref),
        "resourceId": draft.ref,
    }


def _rest(decision: Decision, draft: Draft, language: Language) -> list[dict[str, Any]]:
    """Return an order for each analyte that is still to be done, else as the panel was ordered."""
    kept = {name: value for name, value in decode_exact(draft.body).items() if name not in OWN}
    names = rest_of(decision)
    return [
        {
            "type": "create",
            "description": say(words.CREATE, language) + name,
            "resource": {
                **kept,
                "status": "draft",
                "code": {
                    "coding": [{"system": code.system, "code": code.code, "display": name}],
                    "text": name,
                },
            },
        }
        for code, name in zip(decision.residual, names, strict=True)
    ]
