"""What the gateway is set to: campuses, channels and tokens, held in memory.

Read anew when a "config" notice arrived or half a second has passed, so that a change counts
within one second even where the notice was lost (DESIGN §4, "campuses").
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final, Protocol
from urllib.parse import quote

from gateway.access.actor import Actor, administrator
from gateway.access.campus import (
    Address,
    Campus,
    Channel,
    address_of,
    campus_of,
    channel_of,
    options_of,
)
from gateway.access.scopes import Scopes
from gateway.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError

STALE_AFTER: Final = 0.5
BOOTSTRAP: Final = "bootstrap"


class UnknownSenderError(ForbiddenError):
    """Nobody of this name may speak from there.

    `reason` is `unknown-sender`, `unknown-station` or `wrong-address`.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Settings(Protocol):
    """The part of a store that the directory reads."""

    def fetch(self, name: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the rows of a named read statement."""

    def subscribe(self, topic: str, listener: Callable[[str, str], None]) -> None:
        """Call the listener with each notice of a topic."""


class Directory:
    """Answers for campuses, channels and tokens; `open_campus` is HUTONG_OPEN_CAMPUS."""

    def __init__(
        self,
        store: Settings,
        *,
        bootstrap_token: str = "",
        open_campus: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._open_campus = open_campus
        self._clock = clock
        self._bootstrap = _hash(bootstrap_token) if bootstrap_token else None
        self._due = 0.0
        self._rows: tuple[list[Any], ...] = ()
        self._tokens: dict[bytes, Actor] = {}
        self._by_number: dict[int, Actor] = {}
        self._by_code: dict[str, Campus] = {}
        self._by_id: dict[int, Campus] = {}
        self._by_sender: dict[str, list[Campus]] = {}
        self._channels: dict[tuple[int, str], Channel] = {}
        self._authorities: dict[str, str] = {}
        self._inactive: tuple[int, ...] = ()
        store.subscribe("config", self._changed)

    # Callers.

    def actor(self, bearer: str, *, person: str = "", campus: str = "") -> Actor:
        """Return who calls with a token; UnauthenticatedError, ForbiddenError, InvalidRequestError.

        `campus` is the one that an administrator's write names.
        """
        if self._clock() >= self._due:
            self._refresh()
        known = self._tokens.get(_hash(bearer))
        if known is None:
            raise UnauthenticatedError("The token is not known, or no longer valid.")
        return self._as(known, person, campus) if person or campus else known

    def actor_of_token(self, number: int, *, person: str = "", campus: str = "") -> Actor:
        """Return who calls in a session that was opened with a token; UnauthenticatedError."""
        if self._clock() >= self._due:
            self._refresh()
        known = self._by_number.get(number)
        if known is None:
            raise UnauthenticatedError("The token of this session is no longer valid.")
        return self._as(known, person, campus)

    def _as(self, known: Actor, person: str, campus: str) -> Actor:
        if campus in {"", known.code}:
            return replace(known, person=person)
        if not known.has("admin"):
            raise ForbiddenError("The token speaks for another campus.")
        named = self.campus(campus)
        if named is None:
            raise InvalidRequestError("The campus that the request names is not known.")
        return replace(known, person=person, campus=named.id, code=named.code)

    # Campuses.

    def campus(self, code: str) -> Campus | None:
        """Return the campus of a code, an inactive one too."""
        self._fresh()
        return self._by_code.get(code)

    def campus_by_id(self, number: int) -> Campus | None:
        """Return the campus of a number, an inactive one too."""
        self._fresh()
        return self._by_id.get(number)

    def code(self, number: int, otherwise: str = "") -> str:
        """Return the code of a campus; `otherwise` where the number is nobody's."""
        campus = self.campus_by_id(number)
        return campus.code if campus else otherwise

    def campuses(self) -> Sequence[Campus]:
        """Return all campuses in the order in which they were added."""
        self._fresh()
        return tuple(self._by_id.values())

    @property
    def inactive(self) -> tuple[int, ...]:
        """The numbers of the campuses whose sharing has ended."""
        self._fresh()
        return self._inactive

    @property
    def authorities(self) -> Mapping[str, str]:
        """Codes, names and sender names to the code of the one campus that has them."""
        self._fresh()
        return self._authorities

    # Senders.

    def sender(self, facility: str, peer: str, tls_name: str = "") -> Campus:
        """Return the campus that a message comes from; UnknownSenderError.

        `facility` is the sending facility as written, "" where the message names none.
        """
        self._fresh()
        address = address_of(peer)
        if not facility:
            return self._nameless(address, tls_name)
        claimed = self._by_sender.get(facility, ())
        bound = [campus for campus in claimed if campus.speaks_from(address, tls_name)]
        if len(bound) == 1:
            return bound[0]
        if bound:
            raise UnknownSenderError(
                "unknown-sender", "The sending facility is the name of several campuses here."
            )
        if claimed:
            raise UnknownSenderError(
                "wrong-address", "The sending facility may not speak from this address."
            )
        return self._open(facility, "The sending facility is not known here.")

    def station(self, ae_title: str, peer: str, tls_name: str = "") -> Campus:
        """Return the campus whose station calls itself so; UnknownSenderError."""
        self._fresh()
        address = address_of(peer)
        claimed = [
            campus
            for campus in self._by_id.values()
            if campus.active and ae_title in campus.ae_titles
        ]
        bound = [campus for campus in claimed if campus.speaks_from(address, tls_name)]
        if len(bound) == 1:
            return bound[0]
        if bound:
            raise UnknownSenderError(
                "unknown-station", "The AE title is that of several campuses here."
            )
        if claimed:
            raise UnknownSenderError(
                "wrong-address", "The AE title may not call from this address."
            )
        return self._open(ae_title, "The AE title is not known here.", "unknown-station")

    def _nameless(self, address: Address | None, tls_name: str) -> Campus:
        covering = [
            campus
            for campus in self._by_id.values()
            if campus.active
            and (campus.covers(address) or tls_name in campus.tls_names)
            and campus.speaks_from(address, tls_name)
        ]
        if len(covering) == 1:
            return covering[0]
        return self._open("-", "There is no sending facility, and the address is no one campus's.")

    def _open(self, name: str, refusal: str, reason: str = "unknown-sender") -> Campus:
        campus = self._by_code.get(self._open_campus)
        if campus is None or not campus.active:
            raise UnknownSenderError(reason, refusal)
        # It becomes part of a uri, which holds no space (https://hl7.org/fhir/R4/datatypes.html#uri).
        return replace(campus, namespace=f"open/{quote(name, safe='')}")

    def channel(self, campus: int, name: str) -> Channel:
        """Return a channel; with the defaults, and id 0, where it was not seen before."""
        self._fresh()
        known = self._channels.get((campus, name))
        if known is not None:
            return known
        owner = self._by_id.get(campus)
        return Channel(0, campus, name, options_of({}, owner.charset if owner else ""))

    def channels(self) -> Sequence[Channel]:
        """Return all channels."""
        self._fresh()
        return tuple(self._channels.values())

    # Keeping up.

    def _changed(self, _topic: str, _payload: str) -> None:
        self._due = 0.0

    def _fresh(self) -> None:
        if self._clock() >= self._due:
            self._refresh()

    def _refresh(self) -> None:
        now = self._clock()
        # Where the database is away it is asked again: what is not known yet is not unknown.
        rows = tuple(self._store.fetch(name) for name in ("campuses", "tokens", "channels"))
        self._due = now + STALE_AFTER
        if rows != self._rows:
            self._rows = rows
            campuses, tokens, channels = rows
            self._take_campuses([campus_of(row) for row in campuses])
            self._take_tokens(tokens)
            self._channels = {
                (row[1], row[2]): channel_of(row, self._by_id[row[1]].charset)
                for row in channels
                if row[1] in self._by_id
            }

    def _take_campuses(self, campuses: list[Campus]) -> None:
        self._by_id = {campus.id: campus for campus in campuses}
        self._by_code = {campus.code: campus for campus in campuses}
        self._inactive = tuple(campus.id for campus in campuses if not campus.active)
        self._by_sender = {}
        named: dict[str, set[str]] = {}
        for campus in campuses:
            names = {campus.code, *campus.senders}
            for name in names:
                if campus.active:
                    self._by_sender.setdefault(name, []).append(campus)
            for name in {*names, campus.name}:
                named.setdefault(name, set()).add(campus.code)
        # A name that two campuses share decides nothing; a code always does.
        self._authorities = {name: codes.pop() for name, codes in named.items() if len(codes) == 1}
        self._authorities |= {code: code for code in self._by_code}

    def _take_tokens(self, tokens: list[Any]) -> None:
        self._tokens = {}
        self._by_number = {}
        for number, campus, name, hashed, scopes, _, revoked in tokens:
            owner = self._by_id.get(campus)
            if revoked is None and owner is not None and owner.active:
                actor = Actor(
                    *(number, owner.id, owner.code, Scopes.parse(scopes)),
                    name=name,
                    allowance=owner.allowance,
                )
                self._tokens[hashed] = self._by_number[number] = actor
        if self._bootstrap is not None:
            actor = administrator(name=BOOTSTRAP)
            self._tokens[self._bootstrap] = self._by_number[actor.token] = actor


def _hash(bearer: str) -> bytes:
    return sha256(bearer.encode(errors="replace")).digest()
