"""Checks a data folder: what must hold after any kill, read in one snapshot beside the gateway.

Everything is streamed. Index rows are compared with what their versions say by sums in a fixed
number of buckets, so memory does not grow with the store; only where a sum differs are rows
looked at one by one.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from gateway.fhir.definitions import TYPE_IDS, TYPE_NAMES
from gateway.store.body import fill, unpack
from gateway.store.janitor import decode_keys
from gateway.store.objects import OBJECTS
from gateway.store.records import DELETED
from gateway.store.snapshot import Snapshot, open_snapshot
from gateway.store.writer import GENESIS

BUCKETS: Final = 1 << 20
SUSPECTS: Final = 1000
"""Buckets that are looked into; whoever has more to mend mends these first."""
SHOWN: Final = 100

Entry = tuple[Any, ...]
"""A table's number, then the columns of an index row that its version must say the same of."""

INDEX: Final = {
    "sp_token": "SELECT 1, param, value, row, campus FROM sp_token",
    "sp_reference": "SELECT 2, param, value, row, campus FROM sp_reference",
    "sp_string": "SELECT 3, param, value, row, campus FROM sp_string",
    "sp_date": "SELECT 4, param, lo, row, campus, hi FROM sp_date",
    "clinical": "SELECT 5, patient, code, row, campus, lo, type FROM clinical",
    "sp_quantity": """
        SELECT 6, param, value, row, campus, unit, lo, hi, label, written, also FROM sp_quantity""",
    "sp_uri": "SELECT 7, param, value, row, campus FROM sp_uri",
    "sp_text": "SELECT 8, param, value, row, campus FROM sp_text",
    "sp_present": "SELECT 9, param, 0, row FROM sp_present",
    "sp_position": "SELECT 10, param, 0, row, campus, z, x, y FROM sp_position",
}
TABLES: Final = tuple(INDEX)
ROW: Final = 3

VERSIONS: Final = """
    SELECT r.row, r.key, r.type, r.campus, r.version, r.dead, r.op, r.hole, r.codec, r.digest,
           r.keys IS NULL, r.body, k.fhir_id, k.type
    FROM res r LEFT JOIN key k ON k.id = r.key ORDER BY r.key, r.version"""
KEYS: Final = "SELECT row, type, campus, keys FROM res WHERE keys IS NOT NULL"
AUDIT: Final = """
    SELECT seq, at, campus, token, CAST(body AS BLOB), CAST(hash AS BLOB) FROM audit ORDER BY seq"""
INBOX: Final = """
    SELECT i.id, i.state, i.reason, i.account, i.finished, c.id, h.id
    FROM inbox i LEFT JOIN campus c ON c.id = i.campus
    LEFT JOIN channel h ON h.id = i.channel AND h.campus = i.campus"""

RELATIONS: Final = {
    "a code in the index is not interned": """
        SELECT value FROM (SELECT DISTINCT value FROM sp_token) d
        WHERE value NOT IN (SELECT id FROM term)""",
    "a reference in the index is not interned": """
        SELECT value FROM (SELECT DISTINCT value FROM sp_reference) d
        WHERE value NOT IN (SELECT id FROM key)""",
    "a text in the index is not interned": """
        SELECT value FROM (SELECT DISTINCT value FROM sp_string) d
        WHERE value NOT IN (SELECT id FROM word)""",
    "a URI in the index is not interned": """
        SELECT value FROM (SELECT DISTINCT value FROM sp_uri) d
        WHERE value NOT IN (SELECT id FROM system)""",
    "a passage in the index is not interned": """
        SELECT value FROM (SELECT DISTINCT value FROM sp_text) d
        WHERE value NOT IN (SELECT id FROM passage)""",
    "a unit in the index is not interned": """
        SELECT unit FROM (SELECT DISTINCT unit FROM sp_quantity) d
        WHERE unit <> 0 AND unit NOT IN (SELECT id FROM term)""",
    "an indexed row has no index": """
        SELECT i.row FROM indexed i LEFT JOIN res r ON r.row = i.row WHERE r.keys IS NULL""",
    "a clinical row's patient is not interned": """
        SELECT patient FROM (SELECT DISTINCT patient FROM clinical) d
        WHERE patient NOT IN (SELECT id FROM key)""",
    "a clinical row's code is not interned": """
        SELECT code FROM (SELECT DISTINCT code FROM clinical) d
        WHERE code <> 0 AND code NOT IN (SELECT id FROM term)""",
    "a code's system is not interned": """
        SELECT id FROM term WHERE system NOT IN (SELECT id FROM system)""",
    "a business key's code is not interned": """
        SELECT term FROM business_key WHERE term NOT IN (SELECT id FROM term)""",
    "a business key leads to no living resource of its campus and type": """
        SELECT b.key FROM business_key b LEFT JOIN res r ON r.key = b.key AND r.dead IS NULL
        WHERE r.row IS NULL OR r.op = 2 OR r.campus <> b.campus OR r.type <> b.type""",
    "a link is held by no living resource": """
        SELECT c.holder FROM certain c LEFT JOIN res r ON r.key = c.holder AND r.dead IS NULL
        WHERE r.row IS NULL OR r.op = 2""",
    "a link's patient is not interned": """
        SELECT patient FROM certain WHERE patient NOT IN (SELECT id FROM key)""",
    "an audience is of no resource": """
        SELECT a.key FROM audience a LEFT JOIN res r ON r.key = a.key AND r.dead IS NULL
        WHERE r.row IS NULL""",
    "a version has no outbox row": """
        SELECT r.row FROM res r LEFT JOIN outbox o ON o.row = r.row
        WHERE o.row IS NULL AND r.row >= (SELECT min(row) FROM outbox)""",
    "an outbox row has no version": """
        SELECT o.row FROM outbox o LEFT JOIN res r ON r.row = o.row WHERE r.row IS NULL""",
    "a subscription is served of which no Subscription lives": f"""
        SELECT s.id FROM subscription s
        LEFT JOIN key k ON k.type = {TYPE_IDS["Subscription"]} AND k.fhir_id = s.id
        LEFT JOIN res r ON r.key = k.id AND r.dead IS NULL
        WHERE r.row IS NULL OR r.op = 2 OR r.campus <> s.campus""",
    "an event is of no subscription": """
        SELECT e.number FROM subscription_event e
        LEFT JOIN subscription s ON s.id = e.subscription
        WHERE s.id IS NULL OR e.number > s.number""",
    "a study does not know its newest object": """
        SELECT o.id FROM (SELECT study, max(id) AS id FROM object WHERE state = 0 GROUP BY study) o
        LEFT JOIN study s ON s.uid = o.study WHERE s.last IS NULL OR s.last < o.id""",
    "a token is of no campus": """
        SELECT id FROM token WHERE campus NOT IN (SELECT id FROM campus)""",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold. `place` names a row or resource, never what it says."""

    place: str
    text: str


@dataclass(slots=True)
class Report:
    """How much was read, and what does not hold: the first hundred, and how many in all."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    findings: list[Finding] = field(default_factory=list)
    total: int = 0

    def add(self, place: str, text: str) -> None:
        """Take a finding."""
        self.total += 1
        if len(self.findings) < SHOWN:
            self.findings.append(Finding(place, text))


Check = Callable[[Snapshot, Report], None]


class _Head(msgspec.Struct):
    resourceType: str  # noqa: N815 - FHIR's name
    id: str


class _Event(msgspec.Struct):
    at: int
    campus: int
    token: int


_head = msgspec.json.Decoder(_Head).decode
_event = msgspec.json.Decoder(_Event).decode


def verify(folder: Path, database: str = "") -> Report:
    """Return what was checked and what was found."""
    report = Report()
    snapshot = open_snapshot(folder, database)
    try:
        for check in CHECKS:
            _run(check, snapshot, report)
        _run(partial(_objects, folder / OBJECTS), snapshot, report)
    finally:
        snapshot.close()
    return report


def _run(check: Check, connection: Snapshot, report: Report) -> None:
    try:
        check(connection, report)
    except connection.troubles as error:
        report.add("database", f"cannot be read: {error}")
    except msgspec.DecodeError:
        report.add("database", "a list of index rows cannot be read")


def _pages(connection: Snapshot, report: Report) -> None:
    """The files themselves, as the database sees them."""
    for text in connection.damage():
        report.add("database", text)


def _versions(connection: Snapshot, report: Report) -> None:
    """Versions count from 1 and end in one that is current; each body is what was written."""
    key, number, dead = 0, 0, None
    place = ""
    for version in connection.execute(VERSIONS):
        report.counts["versions"] += 1
        if version[1] != key:
            if key and dead is not None:
                report.add(place, "no version is current")
            key, number, dead = version[1], 0, None
        place = _place(version)
        if version[4] != number + 1:
            report.add(place, f"version {number + 1} is missing")
        if number and dead != version[0]:
            report.add(place, "the version before does not end where this one begins")
        number, dead = version[4], version[5]
        for text in _body(version):
            report.add(place, text)
    if key and dead is not None:
        report.add(place, "no version is current")


def _place(version: Entry) -> str:
    type_ = TYPE_NAMES.get(version[2], str(version[2]))
    return f"{type_}/{version[12]}/_history/{version[4]}"


def _body(version: Entry) -> Iterator[str]:
    """Yield what is wrong with one version's own row."""
    row, _, type_, _, number, dead, op, hole, codec, digest, *rest = version
    unindexed, packed, fhir_id, key_type = rest
    if key_type != type_:
        yield "its name is not interned"
    if op == DELETED:
        return
    if unindexed and dead is None:
        yield "it has no list of index rows"
    try:
        body = unpack(codec, packed)
        head = _head(fill(body, hole, number, row))
    except Exception:  # noqa: BLE001 - whatever is wrong with the bytes, that is the finding
        yield "its body cannot be read"
        return
    if hashlib.blake2b(body, digest_size=16).digest() != digest:
        yield "its body is not what was written"
    if (head.resourceType, head.id) != (TYPE_NAMES.get(type_), fhir_id):
        yield "its body is another resource's"


def _index(connection: Snapshot, report: Report) -> None:
    """Every version that is searched has all its index rows, and no index row is left over."""
    sums = [0] * BUCKETS
    mask = BUCKETS - 1
    for row, type_, campus, keys in connection.execute(KEYS):
        total = 0
        for entry in _entries(row, type_, campus, keys):
            total ^= hash(entry)
        sums[row & mask] ^= total
    for statement in INDEX.values():
        for entry in connection.execute(statement):
            report.counts["index rows"] += 1
            sums[entry[ROW] & mask] ^= hash(entry)
    suspects = [number for number, total in enumerate(sums) if total]
    if suspects:
        _compare(connection, report, frozenset(suspects[:SUSPECTS]))
    if len(suspects) > SUSPECTS:
        report.add("indexes", f"{len(suspects) - SUSPECTS} more groups of rows differ")


def _entries(row: int, type_: int, campus: int, keys: bytes) -> Iterable[Entry]:
    """Return the index rows that a version says it has."""
    said = decode_keys(keys)
    return {
        *((1, param, value, row, campus) for param, value in said.tokens),
        *((2, param, value, row, campus) for param, value in said.references),
        *((3, param, value, row, campus) for param, value in said.strings),
        *((4, param, lo, row, campus, hi) for param, lo, hi in said.dates),
        *((5, patient, code, row, campus, lo, type_) for patient, code, lo in said.clinical),
        *((6, *one[:2], row, campus, *one[2:]) for one in said.quantities),
        *((7, param, value, row, campus) for param, value in said.uris),
        *((8, param, value, row, campus) for param, value in said.texts),
        *((9, param, 0, row) for param in said.holds),
        *((10, one[0], 0, row, campus, *one[1:]) for one in said.positions),
    }


def _compare(connection: Snapshot, report: Report, suspects: frozenset[int]) -> None:
    """Find the rows that differ in the buckets whose sums do."""
    mask = BUCKETS - 1
    said: set[Entry] = set()
    for row, type_, campus, keys in connection.execute(KEYS):
        if row & mask in suspects:
            said.update(_entries(row, type_, campus, keys))
    for statement in INDEX.values():
        for entry in connection.execute(statement):
            if entry[ROW] & mask not in suspects:
                continue
            if entry in said:
                said.discard(entry)
            else:
                report.add(_row(entry), "an index row is left over")
    for entry in sorted(said):
        report.add(_row(entry), "an index row is missing")


def _row(entry: Entry) -> str:
    return f"{TABLES[entry[0] - 1]} of row {entry[ROW]}"


def _relations(connection: Snapshot, report: Report) -> None:
    """Every integer that stands for a name leads to it; keys and links to what lives."""
    for text, statement in RELATIONS.items():
        for (number,) in connection.execute(statement):
            report.add(str(number), text)


def _objects(folder: Path, connection: Snapshot, report: Report) -> None:
    """Every DICOM object has its file."""
    for id_, digest, size in connection.execute("SELECT id, digest, size FROM object"):
        report.counts["objects"] += 1
        name = digest.hex()
        path = folder / name[:2] / name[2:4] / name
        if not path.is_file():
            report.add(f"object {id_}", "its file is missing")
        elif path.stat().st_size != size:
            report.add(f"object {id_}", "its file has another size")


def _audit(connection: Snapshot, report: Report) -> None:
    """The chain of the audit: no event changed, taken out or put in."""
    before = GENESIS
    number = 0
    for seq, at, campus, token, body, hashed in connection.execute(AUDIT):
        report.counts["audit events"] += 1
        number += 1
        if seq != number:
            report.add(f"audit {seq}", f"event {number} is missing")
            number = seq
        if hashlib.sha256(before + body).digest() != hashed:
            report.add(f"audit {seq}", "the chain is broken")
        if not _says(body, at, campus, token):
            report.add(f"audit {seq}", "its columns say something else than its body")
        before = hashed


def _says(body: bytes, *columns: int) -> bool:
    try:
        event = _event(body)
    except msgspec.DecodeError:
        return False
    return (event.at, event.campus, event.token) == columns


def _inbox(connection: Snapshot, report: Report) -> None:
    """A message that is done with says when, one that is held says why."""
    for id_, state, reason, account, finished, campus, channel in connection.execute(INBOX):
        report.counts["messages"] += 1
        place = f"inbox {id_}"
        if state not in range(4):
            report.add(place, "its state is unknown")
        if state in {1, 2, 3} and finished is None:
            report.add(place, "it is finished at no time")
        if state in {2, 3} and not reason:
            report.add(place, "it is held for no reason")
        if campus is None or channel is None:
            report.add(place, "its campus or channel is not known")
        if account and not _is_json(account):
            report.add(place, "its account cannot be read")


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return True


CHECKS: Final[tuple[Check, ...]] = (
    _pages,
    _versions,
    _index,
    _relations,
    _audit,
    _inbox,
)
