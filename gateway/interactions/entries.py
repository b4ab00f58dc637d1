"""The entries of a batch or transaction, read before anything is done.

https://hl7.org/fhir/R4/bundle.html
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import parse_qsl, unquote

import msgspec

from gateway.errors import (
    InvalidRequestError,
    InvalidResourceError,
    NotSupportedError,
    TooLargeError,
)
from gateway.fhir.codec import decode, encode
from gateway.fhir.definitions import TYPE_IDS
from gateway.interactions.door import Door
from gateway.interactions.matching import criteria
from gateway.interactions.preconditions import Preconditions
from gateway.interactions.prepare import inspect
from gateway.interactions.update import ID

MAX_ENTRIES: Final = 5_000
WRITES: Final = ("DELETE", "POST", "PUT", "PATCH")
"""In the order in which a transaction does them (http.html#trules)."""
READS: Final = frozenset({"GET", "HEAD"})
NAMED: Final = frozenset({"DELETE", "PATCH", "PUT"})
"""What is done to one resource: by its id, or by criteria."""
FOLLOWING: Final = re.compile(r"|\*|_history(/[^/]+)?")
"""What may follow an id in a read, beside the type of a search in its compartment."""


Text = Annotated[str, msgspec.Meta(min_length=1)]
"""What is there is not empty: an empty ifMatch would ask for nothing."""


class _Request(msgspec.Struct):
    method: Text = ""
    url: str = ""  # an empty one leads nowhere, as others do
    ifMatch: Text = ""  # noqa: N815 - R4's names
    ifNoneExist: Text = ""  # noqa: N815
    ifNoneMatch: Text = ""  # noqa: N815
    ifModifiedSince: Text = ""  # noqa: N815


class Sent(msgspec.Struct):
    """One entry as it came."""

    fullUrl: Text = ""  # noqa: N815
    request: _Request | None = None
    resource: msgspec.Raw = msgspec.Raw()


class SentBundle(msgspec.Struct):
    """A bundle as it came."""

    resourceType: Literal["Bundle"]  # noqa: N815
    type: Text = ""
    entry: list[Sent] = []


class _PlainRequest(_Request, forbid_unknown_fields=True):
    pass


class _PlainSent(Sent, forbid_unknown_fields=True):
    request: _PlainRequest | None = None


class _PlainBundle(SentBundle, forbid_unknown_fields=True):
    """A bundle that has nothing but what its requests need: all that hardly any lacks."""

    id: Text = ""
    entry: list[_PlainSent] = []  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of a bundle. `id` is empty for a create, and where criteria name the resource.

    `query` holds criteria or a search's parameters, `if_none_exist` those of a conditional create.
    """

    index: int
    method: str
    type: str
    id: str
    rest: str  # what follows the id: _history, _history/3, Observation, *
    query: Sequence[tuple[str, str]]
    given: Preconditions
    if_none_exist: Sequence[tuple[str, str]]
    if_modified_since: str
    full_url: str
    body: bytes

    @property
    def place(self) -> str:
        """Where it stands in the bundle."""
        return f"Bundle.entry[{self.index}]"

    @property
    def criteria(self) -> Sequence[tuple[str, str]]:
        """What the resource that is written is found by, where no id names it."""
        if self.method == "POST":
            return self.if_none_exist
        return () if self.id else self.query


def parse(body: bytes) -> SentBundle:
    """Return a bundle's type and its entries."""
    try:
        found: SentBundle = msgspec.json.decode(body, type=_PlainBundle)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = _looked_at(body)
    if found.type not in {"batch", "transaction"}:
        raise InvalidRequestError(
            "Bundle.type must be batch or transaction.", expression="Bundle.type"
        )
    if len(found.entry) > MAX_ENTRIES:
        raise TooLargeError(
            f"A bundle has at most {MAX_ENTRIES} entries.", expression="Bundle.entry"
        )
    return found


def _looked_at(body: bytes) -> SentBundle:
    """Return a bundle with more members than are needed, if R4 has them; else say what is wrong."""
    whole = decode(body)
    entries = whole.get("entry")
    if isinstance(entries, list):
        # The resources of a batch stand alone: each is looked at with its request.
        whole["entry"] = [
            {name: value for name, value in one.items() if name != "resource"}
            if isinstance(one, dict)
            else one
            for one in entries
        ]
    inspect(encode(whole), "Bundle")
    try:
        return msgspec.json.decode(body, type=SentBundle)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidResourceError("The body is not a Bundle.", expression="Bundle") from error


def read_entry(door: Door, index: int, sent: Sent) -> Entry:
    """Return one request of a bundle; an error names it."""
    place = f"Bundle.entry[{index}]"
    request = sent.request
    if request is None or request.method not in {*WRITES, *READS}:
        raise InvalidRequestError("The entry has no request to do.", expression=f"{place}.request")
    method = request.method
    where = f"{place}.request.url"
    type_, id_, rest, query = _parts(door, request.url, where)
    if method in READS:
        _check_read(type_, id_, rest, query, where)
    else:
        _check_write(method, type_, id_, rest, query, where)
    if method in {"PUT", "POST", "PATCH"} and not bytes(sent.resource):
        raise InvalidRequestError("The entry has no resource.", expression=f"{place}.resource")
    if request.ifMatch and method in {"POST", *READS}:
        raise InvalidRequestError(
            f"ifMatch does not go with {method}.", expression=f"{place}.request.ifMatch"
        )
    _check_full_url(door, sent.fullUrl, method, f"{type_}/{id_}", f"{place}.fullUrl")
    wanted = f"{place}.request.ifNoneExist"
    if request.ifNoneExist and method != "POST":
        raise InvalidRequestError("ifNoneExist goes with POST.", expression=wanted)
    sought: Sequence[tuple[str, str]] = ()
    if request.ifNoneExist:
        sought = criteria(request.ifNoneExist, wanted, type_, door.base)
    return Entry(
        index=index,
        method=method,
        type=type_,
        id=id_,
        rest=rest,
        query=_query(query, where),
        given=Preconditions(request.ifMatch, request.ifNoneMatch),
        if_none_exist=sought,
        if_modified_since=request.ifModifiedSince,
        full_url=sent.fullUrl,
        body=bytes(sent.resource),
    )


def _parts(door: Door, url: str, place: str) -> tuple[str, str, str, str]:
    """Return type, id, what follows it, and the query of an address; "" where it has none."""
    address, _, query = url.removeprefix(door.base).lstrip("/").partition("?")
    address = unquote(address)
    if address == "metadata" or "/$" in f"/{address}":
        raise NotSupportedError(
            "Operations and metadata are not offered in a bundle.", expression=place
        )
    type_, _, rest = address.partition("/")
    id_, _, rest = rest.partition("/")
    return type_, id_, rest, query


def _check_read(type_: str, id_: str, rest: str, query: str, place: str) -> None:
    """Pass the address of a read, a search of whatever kind or a history."""
    if type_ not in {"", "_history", *TYPE_IDS}:
        raise InvalidRequestError("The url names no R4 resource type.", expression=place)
    if type_ not in TYPE_IDS:
        leads = not id_ and bool(type_ or query)
    elif not id_ or id_ == "_history":
        leads = not rest
    else:
        leads = bool(ID.fullmatch(id_)) and bool(rest in TYPE_IDS or FOLLOWING.fullmatch(rest))
    if not leads:
        raise InvalidRequestError("The url leads nowhere.", expression=place)


def _check_write(  # noqa: PLR0913, PLR0917 - an address has these parts
    method: str, type_: str, id_: str, rest: str, query: str, place: str
) -> None:
    """Pass an address that the method can have: Type for a POST, Type/id or criteria for others."""
    if type_ not in TYPE_IDS:
        raise InvalidRequestError("The url names no R4 resource type.", expression=place)
    if method == "POST" and (id_ or rest or query):
        raise NotSupportedError("POST takes a type alone.", expression=place)
    if method in NAMED and (rest or bool(id_) == bool(query)):
        raise NotSupportedError(f"{method} takes Type/id or Type?criteria.", expression=place)
    if method in NAMED and id_ and not ID.fullmatch(id_):
        raise NotSupportedError(f"{method} takes Type/id or Type?criteria.", expression=place)


def _check_full_url(door: Door, full_url: str, method: str, name: str, place: str) -> None:
    """Pass a fullUrl that names no other resource of this server than is written.

    References to that one would be led to this one (bundle.html: it does not disagree with the id).
    """
    own = f"{door.base}/"
    if method not in {"PUT", "PATCH"} or name.endswith("/") or not full_url.startswith(own):
        return
    if full_url.removeprefix(own).partition("/_history/")[0] != name:
        raise InvalidRequestError(
            "fullUrl names another resource of this server than request.url.", expression=place
        )


def _query(text: str, place: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidRequestError("The url's query is not UTF-8.", expression=place) from error
