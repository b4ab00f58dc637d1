"""What search finds of a value, by its data type.

https://hl7.org/fhir/R4/search.html#ptypes
"""

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.fhir.dates import MAX_TICK, MIN_TICK
from gateway.fhir.dates import interval as span
from gateway.fhir.definitions import TYPE_IDS
from gateway.fhir.measures import Measure, interval, money, number, quantity

Value = Mapping[str, Any]
Token = tuple[int, str, str]
Reference = tuple[int, str, str]
Date = tuple[int, int, int]
String = tuple[int, str]
Uri = tuple[int, str]
Said = tuple[int, str]
"""What stands beside a code in words, for `:text`."""

# The citizen's number has two systems in use; the index knows one.
CITIZEN_ID: Final = "urn:oid:2.16.156.10011.1.3"
SYSTEM_ALIASES: Final[Mapping[str, str]] = {"urn:oid:2.16.840.1.113883.2.23.1.19.1": CITIZEN_ID}

_NAME_PARTS = ("family", "given", "text", "prefix", "suffix")
_ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")

_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")

# One message repeats its dates in each of its results.
_interval = functools.lru_cache(maxsize=4096)(span)


def code(value: str, param: int, tokens: list[Token]) -> None:
    """Add a code, an id, a string or a URI, which have no system."""
    tokens.append((param, "", value))


def boolean(value: object, param: int, tokens: list[Token]) -> None:
    """Add true or false."""
    tokens.append((param, "", "true" if value else "false"))


def coding(value: Value, param: int, tokens: list[Token], said: list[Said]) -> None:
    """Add a code with its system, and its display."""
    if found := value.get("code"):
        tokens.append((param, value.get("system", ""), found))
    if words := value.get("display"):
        said.append((param, words))


def concept(value: Value, param: int, tokens: list[Token], said: list[Said]) -> None:
    """Add each code of a CodeableConcept, the displays and the text."""
    for each in value.get("coding", ()):
        if found := each.get("code"):
            tokens.append((param, each.get("system", ""), found))
        if words := each.get("display"):
            said.append((param, words))
    if words := value.get("text"):
        said.append((param, words))


def identifier(
    value: Value, param: int, tokens: list[Token], said: list[Said], measures: list[Measure]
) -> None:
    """Add a number with its system, the citizen's number under its one system; its type."""
    kind = value.get("type", {})
    if found := value.get("value"):
        system = value.get("system", "")
        tokens.append((param, SYSTEM_ALIASES.get(system, system), found))
        for each in kind.get("coding", ()):
            if code := each.get("code"):
                first, second = (-1, each.get("system", ""), code), (-1, "", found)
                measures.append(Measure(param, 0, 0, first=first, second=second))
    if words := kind.get("text"):
        said.append((param, words))


def contact(value: Value, param: int, tokens: list[Token]) -> None:
    """Add a telephone number or an address of mail; `system` is their kind, no name space."""
    if found := value.get("value"):
        tokens.append((param, "", found))


def reference(
    value: Value, param: int, references: list[Reference], base: str, tokens: list[Token]
) -> None:
    """Add what a literal reference points to, unless that is contained; and its identifier."""
    identified(value, param, tokens)
    literal: str = value.get("reference", "")
    if not literal or literal[0] == "#":
        return
    name, _, rest = literal.partition("/")
    if rest and name in TYPE_IDS:
        # What follows the id is a version; the index knows the resource.
        references.append((param, name, rest.partition("/")[0]))
        return
    if base and literal.startswith(base):
        inner = {"reference": literal[len(base) :].lstrip("/")}
        reference(inner, param, references, "", tokens)
        return
    references.append((param, "", literal.partition("/_history/")[0]))


def leads(value: Value, target: str, base: str) -> bool:
    """Return whether a reference says that it leads to a type, by its address or its `type`."""
    literal = value.get("reference", "")
    if not literal:
        return bool(value.get("type") == target)
    if base and literal.startswith(base):
        literal = literal[len(base) :].lstrip("/")
    return bool(literal.startswith(f"{target}/") or f"/{target}/" in literal)


def identified(value: Value, param: int, tokens: list[Token]) -> None:
    """Add the identifier by which a reference names what it leads to."""
    named = value.get("identifier")
    if named and (found := named.get("value")):
        system = named.get("system", "")
        tokens.append((param, SYSTEM_ALIASES.get(system, system), found))


def canonical(value: str, param: int, references: list[Reference]) -> None:
    """Add a canonical URL, with its version and without, as it may be asked for."""
    references.append((param, "", value))
    url, bar, _ = value.partition("|")
    if bar:
        references.append((param, "", url))


def uri(value: str, param: int, uris: list[Uri]) -> None:
    """Add an address as it is written."""
    uris.append((param, value))


def versioned(value: str, param: int, uris: list[Uri]) -> None:
    """Add a canonical address with its version and without."""
    uris.append((param, value))
    url, bar, _ = value.partition("|")
    if bar:
        uris.append((param, url))


def attachment(value: Value, param: int, uris: list[Uri]) -> None:
    """Add where an Attachment lies."""
    if found := value.get("url"):
        uris.append((param, found))


def resource(value: Value, param: int, references: list[Reference]) -> None:
    """Add a resource that stands here itself, by its id."""
    if found := value.get("id"):
        references.append((param, value["resourceType"], found))


def moment(value: str, param: int, dates: list[Date], zone: ZoneInfo) -> None:
    """Add the time that a date, dateTime or instant covers."""
    dates.append((param, *_interval(value, zone)))


def period(value: Value, param: int, dates: list[Date], zone: ZoneInfo) -> None:
    """Add the time from the beginning of the start to the end of the end, open where one lacks."""
    start, end = value.get("start"), value.get("end")
    if start or end:
        low = _interval(start, zone)[0] if start else MIN_TICK
        dates.append((param, low, _interval(end, zone)[1] if end else MAX_TICK))


def timing(value: Value, param: int, dates: list[Date], zone: ZoneInfo) -> None:
    """Add the outer limits of the events and of the bounds."""
    found: list[Date] = []
    for event in value.get("event", ()):
        if event:
            moment(event, param, found, zone)
    period(value.get("repeat", {}).get("boundsPeriod", {}), param, found, zone)
    if found:
        dates.append((param, min(low for _, low, _ in found), max(high for *_, high in found)))


def text(value: str, param: int, strings: list[String]) -> None:
    """Add a text as it is written."""
    strings.append((param, value))


def name(value: Value, param: int, strings: list[String]) -> None:
    """Add each part of a name, and a Chinese one in one piece, as it is written and asked for."""
    _parts(value, _NAME_PARTS, param, strings)
    family, given = value.get("family"), value.get("given")
    if family and given and "text" not in value and _CHINESE.match(family):
        strings.append((param, family + "".join(each for each in given if each is not None)))


def address(value: Value, param: int, strings: list[String]) -> None:
    """Add each part of an address."""
    _parts(value, _ADDRESS_PARTS, param, strings)


def _parts(value: Value, keys: tuple[str, ...], param: int, strings: list[String]) -> None:
    for key in keys:
        found = value.get(key)
        if isinstance(found, str):
            strings.append((param, found))
        elif found:
            strings.extend((param, each) for each in found if each is not None)


Leaf = Callable[..., None]
# (kind of parameter, data type) -> how its values are found. What is not here cannot be searched
# by that kind: an Age or a free text as a date, the SampledData of a quantity, an Attachment.
LEAVES: Final[Mapping[tuple[str, str], Leaf]] = {
    ("token", "CodeableConcept"): concept,
    ("token", "Coding"): coding,
    ("token", "ContactPoint"): contact,
    ("token", "Identifier"): identifier,
    ("token", "boolean"): boolean,
    ("token", "code"): code,
    ("token", "id"): code,
    ("token", "string"): code,
    ("token", "uri"): code,
    ("reference", "Reference"): reference,
    ("reference", "Resource"): resource,
    ("reference", "canonical"): canonical,
    ("reference", "uri"): canonical,
    ("date", "Period"): period,
    ("date", "Timing"): timing,
    ("date", "date"): moment,
    ("date", "dateTime"): moment,
    ("date", "instant"): moment,
    ("string", "Address"): address,
    ("string", "HumanName"): name,
    ("string", "markdown"): text,
    ("string", "string"): text,
    ("number", "Range"): interval,
    ("number", "decimal"): number,
    ("number", "integer"): number,
    ("number", "positiveInt"): number,
    ("number", "unsignedInt"): number,
    ("quantity", "Age"): quantity,
    ("quantity", "Count"): quantity,
    ("quantity", "Distance"): quantity,
    ("quantity", "Duration"): quantity,
    ("quantity", "Money"): money,
    ("quantity", "Quantity"): quantity,
    ("quantity", "Range"): interval,
    ("quantity", "SimpleQuantity"): quantity,
    ("uri", "Attachment"): attachment,
    ("uri", "canonical"): versioned,
    ("uri", "oid"): uri,
    ("uri", "uri"): uri,
    ("uri", "url"): uri,
    ("uri", "uuid"): uri,
}
