"""Which formats a call asks for and sends: JSON and XML, under their names.

https://hl7.org/fhir/R4/http.html#mime-type
"""

from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Final

from gateway.errors import NotAcceptableError, UnsupportedMediaError

JSON: Final = frozenset({"application/fhir+json", "application/json", "text/json"})
ANY: Final = frozenset({"*/*", "application/*", "text/*"})
FORM: Final = "application/x-www-form-urlencoded"
VERSIONS: Final = frozenset({"4.0", "4.0.1"})
FHIR_XML: Final = "application/fhir+xml"
XML: Final = frozenset({FHIR_XML, "application/xml", "text/xml", "application/xml+fhir"})
NAMES: Final = JSON | XML | {"json", "xml"}
"""What `_format` may say."""


@lru_cache(maxsize=256)
def wants_xml(accept: bytes) -> bool:
    """Return whether an Accept header would rather have XML; raise where it takes neither."""
    best, is_xml = 0.0, False
    for offer in accept.decode("latin-1").split(","):
        name, parameters = _media(offer)
        if _version(parameters) in VERSIONS and (name in XML or name in JSON | ANY or not name):
            weight = _quality(parameters)
            if weight > best:
                best, is_xml = weight, name in XML
    if not best:
        raise NotAcceptableError(_only("Accept"), expression="Accept")
    return is_xml


def takes_json(accept: bytes) -> bool:
    """Return whether an Accept header leaves room for JSON."""
    for offer in accept.decode("latin-1").split(","):
        name, parameters = _media(offer)
        is_welcome = _quality(parameters) > 0 and _version(parameters) in VERSIONS
        if (name in JSON or name in ANY or not name) and is_welcome:
            return True
    return False


@lru_cache(maxsize=256)
def takes_content(accept: bytes, kind: str) -> bool:
    """Return whether an Accept header would rather have a media type than FHIR's formats.

    https://hl7.org/fhir/R4/binary.html#rest: what is not asked for as FHIR is given as what it is.
    """
    own = _media(kind)[0]
    fhir = _weight(accept, JSON | {FHIR_XML})
    named = _weight(accept, {own} - JSON - {FHIR_XML})
    family = _weight(accept, {f"{own.partition('/')[0]}/*", "*/*", ""})
    return named >= fhir if named else family > fhir


def _weight(accept: bytes, names: AbstractSet[str]) -> float:
    """Return the best weight that an Accept header gives to one of these."""
    offers = map(_media, accept.decode("latin-1").split(","))
    return max((_quality(parameters) for name, parameters in offers if name in names), default=0.0)


def names_xml(name: str) -> bool:
    """Return whether `_format`, which goes before Accept, asks for XML; raise for other formats."""
    # A plus sign that nobody escaped has become a space.
    kind, parameters = _media(name.replace(" ", "+") if "/" in name else name)
    if kind not in NAMES or _version(parameters) not in VERSIONS:
        raise NotAcceptableError(_only("_format"), expression="_format")
    return kind in XML or kind == "xml"


@lru_cache(maxsize=256)
def is_xml(content_type: bytes) -> bool:
    """Return whether a resource comes as XML, not JSON; raise where it is neither, or not UTF-8."""
    name, parameters = _media(content_type.decode("latin-1"))
    charset = parameters.get("charset", "utf-8").lower()
    is_known = name in JSON | XML and _version(parameters) in VERSIONS
    if not is_known or charset not in {"utf-8", "utf8"}:
        raise UnsupportedMediaError(_only("Content-Type"), expression="Content-Type")
    return name in XML


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


def _only(place: str) -> str:
    return (
        f"{place}: this format is not supported; application/fhir+json and application/fhir+xml"
        " are, FHIR version 4.0, in UTF-8."
    )
