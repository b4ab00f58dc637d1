"""Batches that have nothing to do with each other, and what stands in their way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.store.long_names import short
from gateway.store.new_rows import SETTING
from gateway.store.postgres.connection import Bigints, Words
from gateway.store.postgres.names import Asked
from gateway.store.records import Batch, Stale, StaleError, Write
from gateway.store.statements import STATEMENTS

STANDING: Final = """
    SELECT k.type, k.fhir_id, r.row, r.version FROM unnest(?, ?) AS a(type, id)
    JOIN key k ON k.type = a.type AND k.fhir_id = a.id
    JOIN res r ON r.key = k.id AND r.dead IS NULL"""
CLAIMED: Final = """
    SELECT b.type, s.uri, t.code, b.campus, k.type, k.fhir_id
    FROM unnest(?, ?, ?) AS a(type, uri, code)
    JOIN system s ON s.uri = a.uri
    JOIN term t ON t.code = a.code AND t.system = s.id
    JOIN business_key b ON b.type = a.type AND b.term = t.id
    JOIN key k ON k.id = b.key"""

SET: Final = frozenset({"setting_make", "setting_put"})
"""What changes a setting that others rest on."""

Name = tuple[int, str]
Claim = tuple[int, str, str]
Holders = dict[Claim, set[tuple[int, Name]]]
"""Which resources of which campus have a business key."""


@dataclass(slots=True)
class Part:
    """Some batches, the versions that their writes follow, and who has what they claim."""

    batches: Sequence[Batch]
    standing: dict[Name, tuple[int, int]] = field(default_factory=dict)
    holders: Holders = field(default_factory=dict)

    def asked(self) -> list[Asked]:
        """Return what is asked before any of them is written."""
        writes = [write for batch in self.batches for write in batch.writes]
        names = {(write.type, write.id) for write in writes}
        names |= {(type_, id_) for batch in self.batches for type_, id_, _ in batch.versions}
        asked: list[Asked] = []
        if names:
            types, ids = zip(*sorted(names), strict=True)
            asked.append((STANDING, (Bigints(types), Words(ids))))
        if claims := {name for write in writes for name in claimed(write)}:
            types, uris, codes = zip(*sorted(claims), strict=True)
            asked.append((CLAIMED, (Bigints(types), Words(uris), Words(codes))))
        return asked

    def take(self, rows: Sequence[list[Any]]) -> None:
        """Take the answers."""
        for found in rows:
            for row in found:
                if len(row) == len(("type", "id", "row", "version")):
                    self.standing[row[0], row[1]] = row[2], row[3]
                else:
                    self.holders.setdefault(row[:3], set()).add((row[3], row[4:]))


def parts(batches: Sequence[Batch]) -> Iterator[list[Batch]]:
    """Yield the batches in order, parted where one may rest on what one before it does."""
    part: list[Batch] = []
    touched: set[object] = set()
    for batch in batches:
        names: set[object] = {(write.type, write.id) for write in batch.writes}
        names |= {name for write in batch.writes for name in claimed(write)}
        leans: set[object] = {(type_, id_) for type_, id_, _ in batch.versions}
        leans |= {(one.type, short(one.system), short(one.value)) for one in batch.requires}
        leans |= {(name, values) for name, values, _ in batch.unchanged if name == SETTING}
        looks = bool(batch.absent or batch.reindex or batch.strip)
        looks = looks or any(name != SETTING for name, *_ in batch.unchanged)
        if part and (looks or batch.ticket in touched or touched & (names | leans)):
            yield part
            part, touched = [], set()
        part.append(batch)
        touched |= {batch.ticket, *names}
        touched |= {(SETTING, values[:1]) for name, values in batch.statements if name in SET}
    if part:
        yield part


def checks(batch: Batch) -> list[Asked]:
    """Return the reads that a batch rests on."""
    keys: list[Asked] = [
        (STATEMENTS["by_business_key"], (one.type, one.campus, short(one.value), short(one.system)))
        for one in batch.requires
    ]
    return keys + [(STATEMENTS[name], values) for name, values, _ in batch.unchanged]


def claimed(write: Write) -> list[Claim]:
    """Return the business keys of a write, as they are interned."""
    return [(write.type, short(system), short(value)) for system, value in write.claims]


def check(batch: Batch, part: Part, answers: Sequence[list[Any]]) -> None:
    """Pass where everything stands as the batch was prepared on; StaleError."""
    firsts = [rows[0][0] if rows else None for rows in answers]
    for require, found in zip(batch.requires, firsts, strict=False):
        if (found or "") != require.id:
            raise StaleError(Stale("key", require.type, found or ""))
    for type_, id_, version in batch.versions:
        if part.standing.get((type_, id_), (0, 0))[1] != version:
            raise StaleError(Stale("version", type_, id_))
    for (_, _, seen), found in zip(batch.unchanged, firsts[len(batch.requires) :], strict=True):
        if found != seen:
            raise StaleError(Stale("read"))


def check_writes(batch: Batch, part: Part) -> None:
    """Pass where each write follows what it expects and claims what is free; StaleError."""
    names = {(write.type, write.id) for write in batch.writes}
    if len(names) < len(batch.writes):
        raise ValueError("a batch writes a resource once")
    holders: Holders = {}
    for write in batch.writes:
        for name in claimed(write):
            holders.setdefault(name, set(part.holders.get(name, ())))
    held: dict[Name, list[Claim]] = {}
    for name, its in holders.items():
        for _, own in its:
            held.setdefault(own, []).append(name)
    for index, write in enumerate(batch.writes):
        version = part.standing.get((write.type, write.id), (0, 0))[1]
        if write.expect is not None and write.expect != version:
            raise StaleError(Stale("version", write.type, write.id, index))
        _claim(write, index, holders, held)


def _claim(write: Write, index: int, holders: Holders, held: dict[Name, list[Claim]]) -> None:
    """Take the claims of a write, and let go of those that its resource had."""
    own = write.type, write.id
    claims = claimed(write)
    for claim in claims:
        for campus, name in sorted(holders[claim]):
            if name != own and (campus == write.campus or write.claims_for_all):
                raise StaleError(Stale("claim", *name, index))
    for claim in held.pop(own, ()):
        holders[claim] = {one for one in holders[claim] if one[1] != own}
    for claim in claims:
        holders[claim].add((write.campus, own))
