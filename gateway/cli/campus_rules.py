"""What a campus may be called and set to; each rule says in one line what is wrong."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.access.actor import CONSORTIUM_CODE
from gateway.access.campus import Campus, Network, split_peers
from gateway.bus.allowance import allowance
from gateway.cli.charset import codec
from gateway.cli.session import CommandError

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,31}", re.ASCII)
RESERVED: Final = frozenset({CONSORTIUM_CODE, "open", "cs", "vs", "ext", "task", "fc", "dicom"})
"""What stands at a campus's place in other `urn:hutong:` names."""

TLS_NAME: Final = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9.*_-]{1,253}", re.ASCII)
AE_TITLE: Final = re.compile(r"[!-\[\]-~][ -\[\]-~]{0,15}", re.ASCII)
"""PS3.5 §6.2, AE: up to 16 characters, no backslash."""

MARK: Final = 4
KINDS: Final = (
    "社区卫生服务中心",
    "社区卫生服务站",
    "中心卫生院",
    "人民医院",
    "妇幼保健院",
    "卫生院",
    "卫生室",
    "卫生所",
    "医院",
    "院区",
)
"""How names of hospitals end; what stands before tells them apart."""
PLACES: Final = re.compile(r"(?<=..)(镇|乡|村|街道|县|市|区)$")


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says of a campus; None where it says nothing."""

    name: str | None = None
    zone: str | None = None
    charset: str | None = None
    ae_titles: Sequence[str] | None = None
    senders: Sequence[str] | None = None
    peers: Sequence[str] | None = None
    mark: str | None = None
    active: bool | None = None
    rate: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A campus as it will be stored."""

    code: str
    name: str
    mark: str
    zone: str
    charset: str
    senders: tuple[str, ...]
    peers: tuple[str, ...]
    ae_titles: tuple[str, ...]
    active: bool
    rate: str = ""


def profile(code: str, given: Given, old: Profile, others: Sequence[Campus]) -> Profile:
    """Return the campus with what is given in the place of what was; CommandError."""
    name = old.name if given.name is None else given.name.strip()
    if not name or not name.isprintable():
        raise CommandError("--name must be a name.")
    made = Profile(
        code=code,
        name=name,
        mark=_mark(given.mark, name, old.mark, others) if given.mark is not None else old.mark,
        zone=old.zone if given.zone is None else zone(given.zone),
        charset=old.charset if given.charset is None else codec("--charset", given.charset),
        senders=old.senders if given.senders is None else _names("--sender", given.senders),
        peers=old.peers if given.peers is None else _peers(given.peers),
        ae_titles=old.ae_titles if given.ae_titles is None else _ae_titles(given.ae_titles),
        active=old.active if given.active is None else given.active,
        rate=old.rate if given.rate is None else _rate(given.rate.strip()),
    )
    _refuse_shared(made, others)
    return made


def new_code(code: str, taken: Iterable[str]) -> str:
    """Return the code of a new campus: part of its identifier systems, so it is for good."""
    if not CODE.fullmatch(code):
        raise CommandError("CODE is 1 to 32 ASCII letters, digits, dots and hyphens.")
    if code.casefold() in RESERVED:
        raise CommandError(f"CODE {code} stands for something else in the names urn:hutong:….")
    if code.casefold() in {one.casefold() for one in taken}:
        raise CommandError(f"There is a campus {code} already.")
    return code


def zone(name: str) -> str:
    """Return the name of a zone that exists."""
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise CommandError("--zone must be a zone such as Asia/Shanghai.") from error


def default_mark(name: str, taken: Iterable[str]) -> str:
    """Return a short name that is still free: what tells this name from those of its kind."""
    used = set(taken)
    kind = next((kind for kind in KINDS if name.endswith(kind) and name != kind), "")
    stem = name.removesuffix(kind)
    bare = PLACES.sub("", stem)
    initials = "".join(word[0] for word in name.split()) if name.isascii() else ""
    wanted = [initials[:MARK] if len(initials) > 1 else "", bare, stem, bare[:MARK], name[:MARK]]
    for mark in wanted:
        if 0 < len(mark) <= MARK and mark not in used:
            return mark
    start = (bare or name)[: MARK - 1]
    numbered = (f"{start[: MARK - len(str(n))]}{n}" for n in count(2))
    return next(mark for mark in numbered if mark not in used)


def _rate(text: str) -> str:
    if text and allowance(0, text) is None:
        raise CommandError("--rate is a number of requests, such as 50/s or 600/m.")
    return text


def _mark(given: str, name: str, old: str, others: Sequence[Campus]) -> str:
    taken = {campus.mark for campus in others}
    mark = given.strip()
    if not mark:
        return old or default_mark(name, taken)
    if len(mark) > MARK or not mark.isprintable():
        raise CommandError("--mark is 1 to 4 characters.")
    if mark in taken:
        raise CommandError(f"--mark {mark} is another campus's.")
    return mark


def _names(option: str, names: Sequence[str]) -> tuple[str, ...]:
    if not all(name.isprintable() for name in names):
        raise CommandError(f"{option} must be a name.")
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def _ae_titles(titles: Sequence[str]) -> tuple[str, ...]:
    names = _names("--ae-title", titles)
    if not all(AE_TITLE.fullmatch(title) for title in names):
        raise CommandError("--ae-title is 1 to 16 ASCII characters, no backslash.")
    return names


def _peers(peers: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_peer(peer.strip()) for peer in peers if peer.strip()))


def _peer(peer: str) -> str:
    try:
        return str(ip_network(peer))
    except ValueError as error:
        if "/" in peer or not TLS_NAME.fullmatch(peer):
            raise CommandError(
                f"--peer {peer} is no network such as 10.20.0.0/24, nor a TLS client's name."
            ) from error
    return peer


def _refuse_shared(made: Profile, others: Sequence[Campus]) -> None:
    """Raise where a sender name would be two campuses' and no address tells them apart."""
    networks, _ = split_peers(list(made.peers))
    for other in others:
        shared = {made.code, *made.senders} & {other.code, *other.senders}
        if shared and not _apart(networks, other.networks):
            raise CommandError(
                f"--sender {min(shared)} is also campus {other.code}'s:"
                " give both a --peer, in different networks."
            )


def _apart(ours: Sequence[Network], theirs: Sequence[Network]) -> bool:
    return (
        bool(ours)
        and bool(theirs)
        and not any(
            one.version == other.version and one.overlaps(other) for one in ours for other in theirs
        )
    )
