"""What a Subscription asks for, taken apart; what cannot be given is refused by place.

https://hl7.org/fhir/R4/subscription.html,
https://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition-backport-subscription.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from gateway.errors import UnprocessableError
from gateway.events import topics
from gateway.fhir.dates import interval
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.matching import RESULTS

BACKPORT: Final = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-"
HOOK: Final = "rest-hook"
JSON: Final = "application/fhir+json"
XML: Final = "application/fhir+xml"
PAYLOADS: Final = {JSON: JSON, "application/json": JSON, XML: XML, "application/xml": XML}
CONTENTS: Final = ("empty", "id-only", "full-resource")
SHAPING: Final = RESULTS - {"_campus", "_linked"}
"""Parameters that find nothing."""

SECONDS: Final = 10
LONGEST: Final = 60
"""Seconds that an attempt takes at most, whatever a Subscription asks for."""
MOST: Final = 100
"""Events of one notification."""
HEADERS: Final = 20
HEADER_BYTES: Final = 8_192
FILTERS: Final = 20
PARAMS: Final = 30

_HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\t]*)")
OWN_HEADERS: Final = frozenset(
    {
        *("connection", "content-encoding", "content-length", "content-type", "expect", "host"),
        *("keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""Headers that say how the message is sent, which is the gateway's to say."""

Content = Literal["", "empty", "id-only", "full-resource"]
Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One Subscription. `topic` "" is R4's own: every change of what `criteria` find.

    `content` "" is R4's own too: no body, or the resource itself where there is a `payload`.
    """

    topic: str
    criteria: tuple[tuple[str, Params], ...]
    content: Content
    payload: str
    endpoint: str
    headers: tuple[tuple[str, str], ...]
    heartbeat: int
    timeout: int
    most: int
    end: int | None


def wanted(resource: Mapping[str, Any], zone: ZoneInfo) -> Wanted:
    """Return what a Subscription that breaks no rule of R4 asks for; UnprocessableError."""
    channel = resource.get("channel", {})
    if channel.get("type") != HOOK or any(_extensions(channel.get("_type"), "channel-type")):
        raise _refused("Of channels rest-hook is supported.", "channel.type")
    endpoint = channel.get("endpoint", "")
    if not _is_address(endpoint):
        raise _refused("A rest-hook has an endpoint, an http or https address.", "channel.endpoint")
    criteria = resource.get("criteria", "")
    topic = topics.named(criteria)
    if topic == "":
        known = ", ".join(topics.canonical(one) for one in topics.TYPES)
        raise _refused(f"This topic is not known. There are: {known}.", "criteria")
    payload = _payload(channel)
    return Wanted(
        topic=topic or "",
        criteria=_filters(resource, topic) if topic else (_criteria(criteria),),
        content=_content(channel, payload, topic),
        payload=payload,
        endpoint=endpoint,
        headers=tuple(_headers(channel)),
        heartbeat=_number(channel, "heartbeat-period", 0),
        timeout=min(_number(channel, "timeout", SECONDS) or SECONDS, LONGEST),
        most=min(_number(channel, "max-count", 1) or 1, MOST),
        end=interval(resource["end"], zone)[0] // 10 if "end" in resource else None,
    )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _refused(text: str, place: str) -> UnprocessableError:
    return UnprocessableError(text, expression=f"Subscription.{place}")


def _criteria(text: str, place: str = "criteria") -> tuple[str, Params]:
    """Return the type and the parameters of a search such as `Observation?code=718-7`."""
    type_, _, query = text.partition("?")
    if type_ not in TYPE_IDS:
        raise _refused("Criteria are a search such as Observation?code=718-7.", place)
    try:
        params = tuple(parse_qsl(query, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError as error:
        raise _refused("The criteria are not UTF-8.", place) from error
    if len(params) > PARAMS:
        raise _refused(f"Criteria have at most {PARAMS} parameters.", place)
    if any(name.partition(":")[0] in SHAPING for name, _ in params):
        raise _refused("Criteria hold what finds a resource, not what shapes an answer.", place)
    return type_, params


def _filters(resource: Mapping[str, Any], topic: str) -> tuple[tuple[str, Params], ...]:
    """Return for each type of a topic what narrows it; a type that no filter names is left out."""
    types = topics.TYPES[topic]
    place = "criteria.extension"
    found: dict[str, Params] = {}
    values = list(_extensions(resource.get("_criteria"), "filter-criteria"))
    if len(values) > FILTERS:
        raise _refused(f"A subscription has at most {FILTERS} filters.", place)
    for value in values:
        type_, params = _criteria(value if isinstance(value, str) else "", place)
        if type_ not in types:
            raise _refused(f"This topic is about {' and '.join(types)}.", place)
        found[type_] = (*found.get(type_, ()), *params)
    return tuple(found.items()) if found else tuple((type_, ()) for type_ in types)


def _payload(channel: Mapping[str, Any]) -> str:
    if "payload" not in channel:
        return ""
    payload = PAYLOADS.get(channel["payload"].partition(";")[0].strip().lower())
    if payload is None:
        raise _refused(f"A payload is {JSON} or {XML}.", "channel.payload")
    return payload


def _content(channel: Mapping[str, Any], payload: str, topic: str | None) -> Content:
    """Return how much a notification holds; a topic's that does not say holds the least."""
    for value in _extensions(channel.get("_payload"), "payload-content"):
        if value not in CONTENTS:
            raise _refused(f"Content is {', '.join(CONTENTS)}.", "channel.payload.extension")
        return value  # type: ignore[no-any-return]
    if not topic:
        return ""
    return "id-only" if payload else "empty"


def _headers(channel: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    lines = [line for line in channel.get("header", ()) if line is not None]
    if len(lines) > HEADERS or sum(map(len, lines)) > HEADER_BYTES:
        raise _refused(
            f"A channel has at most {HEADERS} header lines of {HEADER_BYTES} bytes together.",
            "channel.header",
        )
    for index, line in enumerate(lines):
        found = _HEADER.fullmatch(line)
        if not found or found[1].lower() in OWN_HEADERS:
            # The line is not shown: it may hold a secret.
            raise _refused(
                "A header line is 'Name: value' and says nothing about how the message is sent.",
                f"channel.header[{index}]",
            )
        yield found[1], found[2].strip()


def _number(channel: Mapping[str, Any], name: str, default: int) -> int:
    for value in _extensions(channel, name):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise _refused(f"The extension {name} holds a number.", "channel.extension")
        return value
    return default


def _extensions(element: Mapping[str, Any] | None, name: str) -> Iterator[Any]:
    """Yield the values of an element's extensions of a name of the backport."""
    for one in (element or {}).get("extension", ()):
        if one.get("url") == f"{BACKPORT}{name}":
            yield next((value for key, value in one.items() if key.startswith("value")), None)
