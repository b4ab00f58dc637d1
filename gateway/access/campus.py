"""A campus and its channels, as they were set."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from gateway.bus.allowance import Allowance, allowance

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

OPTIONS: Final[Mapping[str, str]] = {
    "ack": "received",
    "mode": "original",
    "orders-from": "",
    "qc": "",
    "charset": "",
    "silent-after": "",
    "status": "",
    "ca": "",
    "report-key": "",
    "section": "",
    "comment": "",
}
"""The options of a channel, with what holds where nothing was set."""


@dataclass(frozen=True, slots=True)
class Campus:
    """One member. `namespace` is its code, but `open/…` for a sender that nobody vouches for."""

    id: int
    code: str
    name: str
    mark: str
    zone: str
    charset: str
    senders: tuple[str, ...]
    networks: tuple[Network, ...]
    tls_names: tuple[str, ...]
    ae_titles: tuple[str, ...]
    active: bool
    namespace: str
    created: int = 0
    rate: str = ""

    @property
    def verified(self) -> bool:
        """Whether the sender is known to be this campus."""
        return self.namespace == self.code

    @property
    def peers(self) -> tuple[str, ...]:
        """The addresses and TLS names that speak for it, as they were given."""
        return (*map(str, self.networks), *self.tls_names)

    @property
    def allowance(self) -> Allowance | None:
        """How often its systems may ask; None for as often as they like."""
        return allowance(self.id, self.rate)

    def covers(self, address: Address | None) -> bool:
        """Return whether one of its networks holds the address."""
        return address is not None and any(address in network for network in self.networks)

    def speaks_from(self, address: Address | None, tls_name: str) -> bool:
        """Return whether its name may come from there: a TLS name where both sides have one."""
        if tls_name and self.tls_names:
            return tls_name in self.tls_names
        if self.networks or self.tls_names:
            return self.covers(address)
        return True


@dataclass(frozen=True, slots=True)
class Channel:
    """One sending application of a campus. `id` is 0 before its first message."""

    id: int
    campus: int
    name: str
    options: Mapping[str, str]
    first_seen: int = 0
    last_seen: int = 0


def campus_of(row: tuple[Any, ...]) -> Campus:
    """Return the campus of one row of the statement `campuses`."""
    id_, code, name, mark, zone, charset, senders, peers, ae_titles, active, created, rate = row
    networks, tls_names = split_peers(json.loads(peers))
    return Campus(
        id=id_,
        code=code,
        name=name,
        mark=mark,
        zone=zone,
        charset=charset,
        senders=tuple(json.loads(senders)),
        networks=networks,
        tls_names=tls_names,
        ae_titles=tuple(json.loads(ae_titles)),
        active=bool(active),
        namespace=code,
        created=created,
        rate=rate,
    )


def split_peers(peers: list[str]) -> tuple[tuple[Network, ...], tuple[str, ...]]:
    """Return the networks among the peers, and the other ones: names of TLS clients."""
    networks: list[Network] = []
    names: list[str] = []
    for peer in peers:
        try:
            networks.append(ip_network(peer))
        except ValueError:
            names.append(peer)
    return tuple(networks), tuple(names)


def channel_of(row: tuple[Any, ...], default_charset: str) -> Channel:
    """Return the channel of one row of the statement `channels`."""
    id_, campus, name, options, first_seen, last_seen = row
    merged = options_of(json.loads(options), default_charset)
    return Channel(id_, campus, name, merged, first_seen, last_seen)


def options_of(given: Mapping[str, str], default_charset: str) -> dict[str, str]:
    """Return all options of a channel: what was set, the campus's charset, the defaults."""
    return {**OPTIONS, "charset": default_charset, **given}


def address_of(peer: str) -> Address | None:
    """Return the address of a peer, with or without a port; IPv4 in IPv6 as IPv4."""
    host = peer.partition("]")[0].removeprefix("[").partition("%")[0]
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
