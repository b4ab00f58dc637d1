"""A CDS client written from CDS Hooks 2.0.1 alone: it knows nothing of the service but its address.

https://cds-hooks.hl7.org/2.0/. It discovers the services, fills in their prefetch templates from
a record of its own, checks each answer against the specification, and gives feedback.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

TOKEN = re.compile(r"\{\{context\.(\w+)\}\}")
INDICATORS = {"info", "warning", "critical"}
ACTIONS = {"create", "update", "delete"}
CARD = {
    *("uuid", "summary", "detail", "indicator", "source", "suggestions"),
    *("selectionBehavior", "overrideReasons", "links", "extension"),
}

Json = dict[str, Any]


class HooksClient:
    """An order entry. `record` maps relative FHIR requests to what its own server would answer."""

    def __init__(self, http: httpx.AsyncClient, base: str, record: Mapping[str, Any]) -> None:
        self._http = http
        self._base = base
        self._record = record

    async def services(self) -> list[Json]:
        """Discover, without showing who asks."""
        answer = await self._http.get(f"{self._base}/cds-services", headers={"Authorization": ""})
        assert answer.status_code == 200, answer.text
        found = answer.json()["services"]
        assert isinstance(found, list)
        for service in found:
            assert {"hook", "description", "id"} <= service.keys()
            assert all(isinstance(one, str) for one in service.get("prefetch", {}).values())
        return found  # type: ignore[no-any-return]

    async def service(self, hook: str) -> Json:
        """The one service of a hook."""
        (found,) = [one for one in await self.services() if one["hook"] == hook]
        return found

    async def call(self, hook: str, context: Json, **more: Any) -> list[Json]:
        """Fire a hook and return its cards."""
        answer = await self.send(hook, context, **more)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body.keys() <= {"cards", "systemActions", "extension"}
        for card in body["cards"]:
            check_card(card)
        return body["cards"]  # type: ignore[no-any-return]

    async def send(self, hook: str, context: Json, **more: Any) -> httpx.Response:
        """Fire a hook; `prefetch` in `more` goes before the record."""
        service = await self.service(hook)
        body = {
            "hook": hook,
            "hookInstance": str(uuid.uuid4()),
            "context": context,
            "prefetch": self.prefetch(service, context),
            **more,
        }
        return await self._http.post(
            f"{self._base}/cds-services/{service['id']}",
            json={name: value for name, value in body.items() if value not in (None, {})},
        )

    def prefetch(self, service: Json, context: Json) -> Json:
        """What the templates of a service come to; a key without its token is left out."""
        found: Json = {}
        for key, template in service.get("prefetch", {}).items():
            names = TOKEN.findall(template)
            if all(context.get(name) for name in names):
                request = TOKEN.sub(lambda one: _text(context[one[1]]), template)
                found[key] = self._record.get(request)
        return found

    async def feedback(self, hook: str, *pieces: Json) -> httpx.Response:
        """Tell what became of cards."""
        service = await self.service(hook)
        now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        return await self._http.post(
            f"{self._base}/cds-services/{service['id']}/feedback",
            json={"feedback": [{"outcomeTimestamp": now, **piece} for piece in pieces]},
        )


def _text(value: Any) -> str:
    return ",".join(value) if isinstance(value, Sequence) and not isinstance(value, str) else value


def check_card(card: Json) -> None:
    """Every rule of the section "Card Attributes" and those below it."""
    check_filled(card, "card")
    assert card.keys() <= CARD
    assert len(card["summary"]) < 140
    assert card["indicator"] in INDICATORS
    assert card["source"]["label"]
    if "topic" in card["source"]:
        assert {"system", "code"} <= card["source"]["topic"].keys()
    if "suggestions" in card:
        assert card["selectionBehavior"] in {"at-most-one", "any"}
        for suggestion in card["suggestions"]:
            check_suggestion(suggestion)
    for reason in card.get("overrideReasons", ()):
        assert {"system", "code", "display"} <= reason.keys()
    for link in card.get("links", ()):
        assert link["type"] in {"absolute", "smart"}
        assert link["label"]
        assert link["url"].startswith("http")
        assert link["type"] == "smart" or "appContext" not in link


def check_suggestion(suggestion: Json) -> None:
    assert suggestion["label"]
    for action in suggestion["actions"]:
        assert action["type"] in ACTIONS
        assert action["description"]
        if action["type"] == "delete":
            assert isinstance(action["resourceId"], str)
            assert "resource" not in action
        else:
            assert action["resource"]["resourceType"]


def check_filled(value: Any, place: str) -> None:
    """Nothing is null or empty ("Null and empty JSON elements")."""
    assert value is not None, place
    if isinstance(value, dict | list | str):
        assert value, place
    if isinstance(value, dict):
        for name, one in value.items():
            check_filled(one, f"{place}.{name}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            check_filled(one, f"{place}[{index}]")
