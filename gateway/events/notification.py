"""What is sent: notification Bundles, the status of a subscription, R4's own plain requests.

https://hl7.org/fhir/uv/subscriptions-backport/notifications.html (R4: the status is a Parameters,
the first entry of a Bundle of type history), https://hl7.org/fhir/R4/subscription.html#2.46.7.1
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import msgspec

from gateway.events.follow import STATES
from gateway.events.guard import TYPE
from gateway.events.subscriber import Row
from gateway.events.topics import canonical
from gateway.events.wanted import JSON, XML, Content, Wanted
from gateway.fhir import xml
from gateway.fhir.codec import decode_exact, encode
from gateway.interactions.origin import request_of
from gateway.store.body import instant
from gateway.store.stored import Stored

PROFILES: Final = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition"
STATUS_PROFILE: Final = f"{PROFILES}/backport-subscription-status-r4"
BUNDLE_PROFILE: Final = f"{PROFILES}/backport-subscription-notification-r4"


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `stored` is None where the version may not, or no longer, be told."""

    number: int
    row: int
    stored: Stored | None

    def size(self, content: Content) -> int:
        """Return the bytes of its resource in a notification."""
        shown = content == "full-resource" and self.stored and not self.stored.deleted
        return len(self.stored.json()) if shown and self.stored else 0


@dataclass(frozen=True, slots=True)
class Message:
    """One HTTP request to a subscriber, but for its channel's headers.

    `number` is that of the event where the body does not tell it.
    """

    method: str
    url: str
    body: bytes = b""
    media: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes what one subscription is told. `base` is our own address, `now` in µs."""

    base: str
    now: int
    row: Row
    wanted: Wanted

    @property
    def name(self) -> str:
        """The address of the Subscription."""
        return f"{self.base}/{TYPE}/{self.row.id}"

    def status(self, kind: str, count: int, events: Sequence[Event] = ()) -> dict[str, Any]:
        """Return how the subscription stands; `count` are the events so far."""
        return self._status(kind, count, events, self.wanted.content)

    def bundle(
        self, kind: str, count: int, events: Sequence[Event] = (), content: Content = ""
    ) -> bytes:
        """Return a notification; `content` is the subscription's own unless another is given."""
        content = content or self.wanted.content or "id-only"
        status = self._status(kind, count, events, content)
        entries = [
            {
                "fullUrl": f"urn:uuid:{status['id']}",
                "resource": status,
                "request": {"method": "GET", "url": f"{self.name}/$status"},
                "response": {"status": "200"},
            }
        ]
        if content == "full-resource":
            entries += [self._entry(one.stored) for one in events if one.stored]
        return encode(
            {
                "resourceType": "Bundle",
                "id": str(uuid.uuid4()),
                "meta": {"profile": [BUNDLE_PROFILE]},
                "type": "history",
                "timestamp": instant(self.now),
                "entry": entries,
            }
        )

    def message(self, kind: str, count: int, events: Sequence[Event] = ()) -> Message:
        """Return the request that tells of events, or greets, or shows that we live."""
        media = self.wanted.payload or JSON
        body = self.bundle(kind, count, events)
        if media == XML:
            body = xml.encode(decode_exact(body))
        return Message("POST", self.wanted.endpoint, body, media)

    def plain(self, event: Event) -> Message:
        """Return R4's own request: no body, or the resource as it is put and deleted."""
        stored, number = event.stored, event.number
        if not self.wanted.payload or stored is None:
            return Message("POST", self.wanted.endpoint, number=number)
        url = _below(self.wanted.endpoint, f"{stored.type}/{stored.id}")
        if stored.deleted:
            return Message("DELETE", url, number=number)
        body = stored.json()
        if self.wanted.payload == XML:
            body = xml.encode(decode_exact(body))
        return Message("PUT", url, body, self.wanted.payload, number)

    def _status(
        self, kind: str, count: int, events: Iterable[Event], content: Content
    ) -> dict[str, Any]:
        parameters: list[dict[str, Any]] = [
            {"name": "subscription", "valueReference": {"reference": self.name}}
        ]
        if self.wanted.topic and content != "empty":
            topic = canonical(self.wanted.topic)
            parameters.append({"name": "topic", "valueCanonical": topic})
        parameters += [
            {"name": "status", "valueCode": STATES[self.row.state]},
            {"name": "type", "valueCode": kind},
            {"name": "events-since-subscription-start", "valueString": str(count)},
        ]
        parameters += [
            {"name": "notification-event", "part": self._event(one, content)} for one in events
        ]
        if self.row.error:
            error = {"name": "error", "valueCodeableConcept": {"text": self.row.error}}
            parameters.append(error)
        return {
            "resourceType": "Parameters",
            "id": str(uuid.uuid4()),
            "meta": {"profile": [STATUS_PROFILE]},
            "parameter": parameters,
        }

    def _event(self, event: Event, content: Content) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = [
            {"name": "event-number", "valueString": str(event.number)},
            {"name": "timestamp", "valueInstant": instant(event.row)},
        ]
        if event.stored and content != "empty":
            reference = {"reference": f"{self.base}/{event.stored.type}/{event.stored.id}"}
            parts.append({"name": "focus", "valueReference": reference})
        return parts

    def _entry(self, stored: Stored) -> dict[str, Any]:
        method, url, status = request_of(stored)
        entry: dict[str, Any] = {"fullUrl": f"{self.base}/{stored.type}/{stored.id}"}
        if not stored.deleted:
            entry["resource"] = msgspec.Raw(stored.json())
        entry["request"] = {"method": method, "url": url}
        entry["response"] = {
            "status": str(status),
            "etag": f'W/"{stored.version}"',
            "lastModified": instant(stored.row),
        }
        return entry


def _below(endpoint: str, path: str) -> str:
    """Return the address of a resource under an endpoint, which may have a query."""
    parts = urlsplit(endpoint)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{path}"))
