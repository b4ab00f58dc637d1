"""What a row of hostile calls is, and what the rows are made of."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = {"Content-Type": "application/fhir+json"}
XML = {"Content-Type": "application/fhir+xml"}
PATCH = {"Content-Type": "application/json-patch+json"}
LIMIT = 32 * 1024 * 1024
MANY = 10_000


@dataclass(frozen=True)
class Row:
    """One call. `code` is that of the first issue, `place` what its expression begins with."""

    name: str
    status: int
    code: str
    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    place: str = ""


def put(name: str, body: bytes | dict[str, Any], code: str = "structure", place: str = "") -> Row:
    """A resource that breaks something."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    type_ = "Observation" if b"Observation" in content[:60] else "Patient"
    return Row(name, 400, code, "PUT", f"/{type_}/h1", content, JSON, place)


def get(name: str, path: str, code: str = "invalid", status: int = 400, place: str = "") -> Row:
    return Row(name, status, code, "GET", path, place=place)


def patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "h1", **more}


def observation(**more: Any) -> dict[str, Any]:
    base = {"resourceType": "Observation", "id": "h1", "status": "final", "code": {"text": "x"}}
    return {**base, **more}


def raw(value: str) -> bytes:
    """An Observation whose number is written so."""
    body = json.dumps(observation(valueQuantity={"value": 0}))
    return body.replace('"value": 0', f'"value": {value}').encode()


def nested(depth: int, begin: bytes, end: bytes) -> bytes:
    return begin * depth + end * depth


def bundled(levels: int) -> dict[str, Any]:
    inner: dict[str, Any] = patient()
    for _ in range(levels):
        inner = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}]}
    return inner


def transaction(*entries: Any) -> bytes:
    return json.dumps(
        {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
    ).encode()


def entry(method: str, url: str, resource: Any = None, **more: Any) -> dict[str, Any]:
    found = {"request": {"method": method, "url": url}, **more}
    return found | ({"resource": resource} if resource else {})


def bundle(name: str, code: str, place: str, *entries: Any, status: int = 400) -> Row:
    return Row(name, status, code, "POST", "", transaction(*entries), JSON, place)


def bomb(size: int) -> bytes:
    pack = zlib.compressobj(9, wbits=31)
    head = b'{"resourceType":"Patient","id":"h1","x":"'
    return b"".join([pack.compress(head), *[pack.compress(b"a" * size)], pack.flush()])


PACKED = {**JSON, "Content-Encoding": "gzip"}
WHOLE = json.dumps(patient()).encode()
NAMESPACE = b'<Patient xmlns="http://hl7.org/fhir">'
ENTITIES = b"".join(
    b'<!ENTITY e%d "%b">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 12)
)


def xml(name: str, body: bytes, code: str = "structure") -> Row:
    return Row(name, 400, code, "PUT", "/Patient/h1", body, XML)


def hostile_steps(count: int) -> bytes:
    """Copies of copies: each step doubles what there is."""
    first = [{"op": "add", "path": "/extension", "value": [{"url": "urn:x", "valueString": "a"}]}]
    more = [{"op": "copy", "from": "/extension", "path": "/extension/0/extension"}] * count
    return json.dumps(first + more).encode()
