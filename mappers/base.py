"""What a mapper gets and gives: the source, drafts of resources, and the account of a message.

A draft has no id: its key settles it, in ingest. A reference to another draft holds its key,
`{"reference": str(key)}`. A number goes out digit for digit, as `msgspec.Raw`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

Resource = dict[str, Any]
"""A FHIR resource or element as JSON."""


TOGETHER = "together"
"""Option: report numbers that are known to cover several reports, a line each."""
ALONE = "alone"
"""Option: keys of such reports that are known by the number alone."""


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who speaks, and how its channel is set."""

    campus: str
    """CODE, the namespace of its identifiers: `urn:hutong:<CODE>:pid`."""
    zone: str
    """IANA zone of times without one."""
    authorities: Mapping[str, str] = {}
    """Name of an assigning authority or sending facility -> CODE, for EI.2-4 and CX.4."""
    orders_from: str = ""
    """CODE that placer numbers without a namespace belong to."""
    options: Mapping[str, str] = {}
    """Options of the channel: `qc`, `status`, `ca`, `report-key`, `section`, `comment`, `tags`."""


class Key(msgspec.Struct, frozen=True, omit_defaults=True):
    """Business key of a resource, within the campus that writes it."""

    type: str
    system: str
    value: str

    def __str__(self) -> str:  # type: ignore[explicit-override] # typing has it from 3.12 on
        """Return it as a conditional reference."""
        return f"{self.type}?identifier={self.system}|{self.value}"


class Draft(msgspec.Struct, frozen=True, omit_defaults=True):
    """One resource to write.

    A Patient, Encounter or Specimen is told in part: an element it does not have stays as it is
    stored, identifiers add up. Other types are told whole.
    """

    key: Key
    resource: Resource
    clock: str
    """When the fact was so: UTC, always `2026-11-22T00:30:15.000000Z`, so text compares as time."""
    rank: int
    """Which of two facts of one clock holds: the higher one."""
    mode: str = "write"
    """`write`; `finalise`: only the status of what is stored changes, and the message waits in
    quarantine if nothing is; `fill`: make it if absent, else leave what is stored alone."""
    erase: tuple[str, ...] = ()
    """Elements the sender said to delete (HL7's null); `identifier|<system>` for the numbers of
    one system."""


class OrderLink(msgspec.Struct, frozen=True, omit_defaults=True):
    """What answers an order (DiagnosticReport or ServiceRequest) and the number it names."""

    report: Key
    campus: str
    """CODE whose number it is, "" for the sender's own."""
    number: str
    """"" where none is named: then only the sender's own order can be meant."""
    own: Draft | None = None
    """The order to make where none is found."""
    item: str = ""
    """OBR-4 code: one number may cover several orders, the further ones as `<number>/<item>`."""


class Merge(msgspec.Struct, frozen=True, omit_defaults=True):
    """One patient number that gave way to another."""

    prior: Key
    survivor: Key


class Skip(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of the message that becomes nothing, by name."""

    place: str
    reason: str


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something worth knowing about a place of the message; never its value."""

    code: str
    place: str
    severity: str = "warning"
    """`warning` raises an alert, `information` does not."""


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """Parts in = facts out + named skips."""

    received: Mapping[str, int] = {}
    """Segments of the message by name."""
    facts: Mapping[str, int] = {}
    """Drafts by type."""
    skips: tuple[Skip, ...] = ()

    def balanced(self) -> bool:
        """Return whether every OBX is an Observation or a named skip."""
        skipped = sum(skip.place.startswith("OBX[") for skip in self.skips)
        return self.received.get("OBX", 0) == self.facts.get("Observation", 0) + skipped


class Mapped(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one message says, or why it cannot be taken."""

    event: str
    drafts: tuple[Draft, ...] = ()
    orders: tuple[OrderLink, ...] = ()
    merges: tuple[Merge, ...] = ()
    account: Account = Account()
    notes: tuple[Note, ...] = ()
    quarantine: Note | None = None
    provenance: Resource | None = None
    """Who said it; ingest adds target, recorded and the raw message."""
