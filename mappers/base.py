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
    kinds: tuple[str, ...] = ("placer",)
    """Kinds of number that it may be, the likelier one first."""


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


RESULT_PARTS = {"OBX": "Observation"}
ECG_PARTS = ("lead", "measurement", "statement")


class Account(msgspec.Struct, frozen=True, omit_defaults=True):
    """Parts in = facts out + named skips."""

    received: Mapping[str, int] = {}
    """Segments of the message by name."""
    facts: Mapping[str, int] = {}
    """Drafts by type."""
    skips: tuple[Skip, ...] = ()

    def balanced(self) -> bool:
        """Return whether every part that tells a result is a fact or a named skip.

        Of an HL7 v2 message that is every OBX, of an ECG every lead, measurement and statement.
        """
        parts = {name: name for name in ECG_PARTS} if "lead" in self.received else RESULT_PARTS
        return all(
            self.received.get(part, 0)
            == self.facts.get(fact, 0) + sum(one.place.startswith(f"{part}[") for one in self.skips)
            for part, fact in parts.items()
        )


class Recording(msgspec.Struct, frozen=True, omit_defaults=True):
    """What tells an ECG from every other one, and so that two files hold the same."""

    hash: str
    """Of what was recorded, whatever the format."""
    start: str
    """UTC to the second, "" if the file does not say."""
    number: str
    """The patient number as written."""
    name: str
    """The name without separators."""
    birth_date: str


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
    recording: Recording | None = None
    """The ECG it holds: if that is stored already, its drafts are not."""
