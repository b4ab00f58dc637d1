"""Which formats a call asks for and sends: JSON, under its three names.

https://hl7.org/fhir/R4/http.html#mime-type
"""

from functools import lru_cache
from typing import Final

from gateway.errors import NotAcceptableError, UnsupportedMediaError

JSON: Final = frozenset({"application/fhir+json", "application/json", "text/json"})
ANY: Final = frozenset({"*/*", "application/*", "text/*"})
FORM: Final = "application/x-www-form-urlencoded"
VERSIONS: Final = frozenset({"4.0", "4.0.1"})
NAMES: Final = JSON | {"json"}
"""What `_format` may say."""


@lru_cache(maxsize=256)
def refuse_accept(accept: bytes) -> None:
    """Raise where an Accept header leaves no room for JSON."""
    if not takes_json(accept):
        raise NotAcceptableError(_only("Accept", accept), expression="Accept")


def takes_json(accept: bytes) -> bool:
    """Return whether an Accept header leaves room for JSON."""
    for offer in accept.decode("latin-1").split(","):
        name, parameters = _media(offer)
        is_welcome = _quality(parameters) > 0 and _version(parameters) in VERSIONS
        if (name in JSON or name in ANY or not name) and is_welcome:
            return True
    return False


def takes(accept: bytes, kind: str) -> bool:
    """Return whether an Accept header names a media type, or all of its family."""
    own = _media(kind)[0]
    for offer in accept.decode("latin-1").split(","):
        name, parameters = _media(offer)
        if name in {own, own.partition("/")[0] + "/*"} and _quality(parameters) > 0:
            return True
    return False


def refuse_format(name: str) -> None:
    """Raise where `_format`, which goes before Accept, asks for something else than JSON."""
    # A plus sign that nobody escaped has become a space.
    media, parameters = _media(name.replace(" ", "+") if "/" in name else name)
    if media not in NAMES or _version(parameters) not in VERSIONS:
        raise NotAcceptableError(_only("_format", name.encode()), expression="_format")


@lru_cache(maxsize=256)
def refuse_content(content_type: bytes) -> None:
    """Raise where a resource comes in another format than JSON in UTF-8."""
    name, parameters = _media(content_type.decode("latin-1"))
    charset = parameters.get("charset", "utf-8").lower()
    if name not in JSON or charset not in {"utf-8", "utf8"} or _version(parameters) not in VERSIONS:
        raise UnsupportedMediaError(_only("Content-Type", content_type), expression="Content-Type")


@lru_cache(maxsize=64)
def media(content_type: bytes) -> str:
    """Return the media type of a Content-Type header."""
    return _media(content_type.decode("latin-1"))[0]


@lru_cache(maxsize=64)
def refuse_form(content_type: bytes) -> None:
    """Raise where a search comes in something else than a form."""
    if _media(content_type.decode("latin-1"))[0] != FORM:
        raise UnsupportedMediaError(
            f"A search by POST is sent as {FORM}.", expression="Content-Type"
        )


def _media(text: str) -> tuple[str, dict[str, str]]:
    name, *rest = text.split(";")
    pairs = (part.partition("=") for part in rest)
    return name.strip().lower(), {
        key.strip().lower(): value.strip().strip('"') for key, _, value in pairs
    }


def _version(parameters: dict[str, str]) -> str:
    return parameters.get("fhirversion", "4.0")


def _quality(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 0.0


def _only(place: str, asked: bytes) -> str:
    kind = "XML" if b"xml" in asked.lower() else "this format"
    return f"{place}: {kind} is not supported; JSON is: application/fhir+json, FHIR version 4.0."
