"""What is kept of a decision: its row, and the facts and trace that replay it (§2.9, case 19)."""

import zlib
from typing import Any, Final

import msgspec

from gateway.recognition.decide.decision import people_hash, reminder_id
from gateway.recognition.decide.model import Facts
from gateway.recognition.model import Decision, Request
from gateway.store.records import Statement

LEVEL: Final = 1
"""Facts repeat themselves: the quickest compression takes most of it."""


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a decision: what was asked, the facts, what was decided on them."""

    request: Request
    facts: Facts
    decision: Decision


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Kept).decode


def pack(kept: Kept) -> bytes:
    """Return the bytes to store."""
    return zlib.compress(_encode(kept), LEVEL)


def unpack(body: bytes) -> Kept:
    """Return what was kept."""
    return _decode(zlib.decompress(body))


def statement(request: Request, facts: Facts, decision: Decision) -> Statement:
    """Return the statement that keeps a decision; one that is there already stays."""
    about, result = facts.circumstances, decision.result
    name, _, version = result.reference.partition("/_history/") if result else ("", "", "")
    kept = Kept(msgspec.structs.replace(request, orders=()), facts, decision)
    values: tuple[Any, ...] = (
        decision.id,
        reminder_id(facts, result.reference if result else ""),
        about.now,
        about.campus,
        people_hash(about.people),
        about.own[0],
        decision.item,
        decision.outcome,
        decision.reason.code,
        name or None,
        int(version) if version else None,
        result.campus if result else None,
        about.placed,
        request.department,
        request.doctor,
        decision.valid_until,
        decision.catalogue,
        decision.price,
        pack(kept),
    )
    return "decision_add", values
