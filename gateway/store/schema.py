"""The tables: one schema for SQLite and PostgreSQL (DESIGN §3, "One schema" and "Indexes").

Everything in a key is an integer. `row` is a version's moment in microseconds, made unique and
increasing by the writer, so the order of rows is the order of `lastUpdated`. The `sp_` tables are
clustered on (param, value, row) and lead to `res`; `clinical` on (patient, type, code, date, row).
"""

from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from gateway.store.columns import BIG, metadata
from gateway.store.columns import key as _key
from gateway.store.columns import number as _int
from gateway.store.columns import real as _real
from gateway.store.columns import words as _text
from gateway.store.records import LONG

# What the gateway is set to.

setting = Table("setting", metadata, Column("name", Text, primary_key=True), _text("value"))
campus = Table(
    "campus",
    metadata,
    _key("id"),
    Column("code", Text, nullable=False, unique=True),
    _text("name"),
    _text("mark"),
    _text("zone"),
    _text("charset"),
    _text("senders"),  # JSON list of MSH-4 names
    _text("peers"),  # JSON list of CIDR ranges
    _text("ae_titles"),  # JSON list
    _int("active"),
    _int("created"),
    Column("rate", Text, nullable=False, server_default=""),  # such as 50/s; "" for no limit
)
channel = Table(
    "channel",
    metadata,
    Column("id", BIG, primary_key=True),
    _int("campus"),
    _text("name"),
    _text("options"),  # JSON object
    _int("first_seen"),
    _int("last_seen"),
    UniqueConstraint("campus", "name", name="channel_name"),
)
token = Table(
    "token",
    metadata,
    Column("id", BIG, primary_key=True),
    _int("campus"),
    _text("name"),
    Column("hash", LargeBinary, nullable=False, unique=True),
    _text("scopes"),  # space separated
    _int("created"),
    _int("revoked", null=True),
)
session = Table(
    "session",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    _int("token"),
    _text("person"),
    _int("created"),
    _int("expires"),
    sqlite_with_rowid=False,
)

# Names that became integers.

key = Table(
    "key",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("type", SmallInteger, nullable=False),  # 0: an address outside
    _text("fhir_id"),
    UniqueConstraint("type", "fhir_id", name="key_name"),
)
system = Table(
    "system",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("uri", Text, nullable=False, unique=True),
)
term = Table(
    "term",
    metadata,
    Column("id", BIG, primary_key=True),
    _text("code"),
    _int("system"),
    UniqueConstraint("code", "system", name="term_name"),
)
Index("term_system", term.c.system)  # the named query: every code of a system (`system|`)
word = Table(
    "word",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("text", Text, nullable=False, unique=True),
    _text("folded"),
)
Index("word_folded", word.c.folded)

# Versions. `dead` is the row of the version that followed; `keys` lists a version's own index
# rows, so that they can be taken out (and sorted by) without knowing how they were made.

res = Table(
    "res",
    metadata,
    _key("row"),
    _int("key"),
    Column("type", SmallInteger, nullable=False),
    _int("campus"),
    _int("version"),
    _int("dead", null=True),
    Column("op", SmallInteger, nullable=False),
    Column("label", SmallInteger, nullable=False),
    Column("codec", SmallInteger, nullable=False),
    _int("hole"),
    Column("digest", LargeBinary, nullable=False),
    Column("keys", LargeBinary, nullable=True),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("key", "version", name="res_version"),
)
Index("res_type", res.c.type, res.c.row)
Index(
    "res_head",
    res.c.key,
    unique=True,
    sqlite_where=res.c.dead.is_(None),
    postgresql_where=res.c.dead.is_(None),
)
Index(
    "res_dead",
    res.c.dead,
    sqlite_where=text("dead IS NOT NULL AND keys IS NOT NULL"),
    postgresql_where=text("dead IS NOT NULL AND keys IS NOT NULL"),
)
audience = Table("audience", metadata, _key("key"), _key("campus"), sqlite_with_rowid=False)
business_key = Table(
    "business_key",
    metadata,
    _key("type"),
    _key("term"),
    _key("campus"),
    _int("key"),
    sqlite_with_rowid=False,
)
Index("business_key_of", business_key.c.key)
certain = Table("certain", metadata, _key("patient"), _key("holder"), sqlite_with_rowid=False)
Index("certain_holder", certain.c.holder, certain.c.patient)

# Index tables.

sp_token = Table(
    "sp_token",
    metadata,
    _key("param"),
    _key("value"),
    _key("row"),
    _int("campus"),
    sqlite_with_rowid=False,
)
sp_reference = Table(
    "sp_reference",
    metadata,
    _key("param"),
    _key("value"),
    _key("row"),
    _int("campus"),
    sqlite_with_rowid=False,
)
# The named query: a reference as a filter, and what many versions refer to (chains, `_has`).
Index("sp_reference_row", sp_reference.c.row, sp_reference.c.param)
sp_string = Table(
    "sp_string",
    metadata,
    _key("param"),
    _key("value"),
    _key("row"),
    _int("campus"),
    sqlite_with_rowid=False,
)
sp_date = Table(
    "sp_date",
    metadata,
    _key("param"),
    _key("lo"),
    _key("row"),
    _key("hi"),
    _int("campus"),
    sqlite_with_rowid=False,
)
# The named queries: "after" over periods that are long (others begin near their end, and lie in the
# order of their beginning); a date or string as a filter beside another driver.
_LONG = text(f"hi > lo + {LONG}")
Index("sp_date_long", sp_date.c.param, sp_date.c.hi, sqlite_where=_LONG, postgresql_where=_LONG)
Index("sp_date_row", sp_date.c.row, sp_date.c.param)
Index("sp_string_row", sp_string.c.row, sp_string.c.param)
clinical = Table(
    "clinical",
    metadata,
    _key("patient"),
    _key("type"),
    _key("code"),  # a term, or 0: one row a resource whatever its codes
    _key("lo"),  # minus the tick, so that newest comes first in both databases
    _key("row"),
    _int("hi"),
    _int("campus"),
    sqlite_with_rowid=False,
)

# Numbers, quantities, composites: as written (`unit` 0; `label` and `written` say in what) and in
# base units (`unit` their dimension). A composite has the code of its first part in `value`.
sp_quantity = Table(
    "sp_quantity",
    metadata,
    _key("param"),
    _key("value"),
    _key("unit"),
    _real("lo"),
    _key("row"),
    _real("hi"),
    _key("label"),
    _key("written"),
    _real("also"),
    _int("campus"),
    sqlite_with_rowid=False,
)
Index("sp_quantity_row", sp_quantity.c.row, sp_quantity.c.param)
sp_uri = Table(
    "sp_uri",
    metadata,
    _key("param"),
    _key("value"),  # a system
    _key("row"),
    _int("campus"),
    sqlite_with_rowid=False,
)
sp_text = Table(
    "sp_text",
    metadata,
    _key("param"),
    _key("value"),  # a passage
    _key("row"),
    _int("campus"),
    sqlite_with_rowid=False,
)
passage = Table(
    "passage",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    _text("folded"),
)
sound = Table(
    "sound",
    metadata,
    Column("sound", Text, primary_key=True),
    _key("word"),
    sqlite_with_rowid=False,
)
# Which parameters a version has a value for, a bit each; a version without it awaits its reindex.
indexed = Table("indexed", metadata, _key("row"), _int("present"))

# What happened.

outbox = Table(
    "outbox",
    metadata,
    _key("row"),
    _int("key"),
    Column("type", SmallInteger, nullable=False),
    _int("campus"),
    Column("op", SmallInteger, nullable=False),
)
ticket = Table(
    "ticket",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    _int("at"),
    Column("reply", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
Index("ticket_at", ticket.c.at)
audit = Table(
    "audit",
    metadata,
    _key("seq"),
    _int("at"),
    _int("campus"),
    _int("token"),
    Column("body", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
refusal = Table(
    "refusal",
    metadata,
    _key("minute"),
    Column("address", Text, primary_key=True),
    _int("count"),
    sqlite_with_rowid=False,
)
inbox = Table(
    "inbox",
    metadata,
    Column("id", BIG, primary_key=True),
    _int("received"),
    _int("campus"),
    _int("channel"),
    _text("format"),
    _text("namespace"),  # the CODE of its identifiers; open/<sender> for an unverified source
    _text("control"),
    Column("hash", LargeBinary, nullable=False),
    Column("state", SmallInteger, nullable=False),  # 0 waits, 1 done, 2 quarantined, 3 discarded
    _int("attempts"),
    _text("reason"),
    _text("account"),  # JSON
    _int("finished", null=True),
    Column("raw", LargeBinary, nullable=False),
)
Index(
    "inbox_waiting", inbox.c.id, sqlite_where=text("state = 0"), postgresql_where=text("state = 0")
)
Index("inbox_held", inbox.c.id, sqlite_where=text("state = 2"), postgresql_where=text("state = 2"))
Index("inbox_hash", inbox.c.hash)
alert = Table(
    "alert",
    metadata,
    Column("id", BIG, primary_key=True),
    _text("kind"),
    _text("place"),  # what it is about: one open alert a kind and place
    _int("campus"),
    _text("text"),
    _int("first"),
    _int("last"),
    _int("count"),
    _int("closed", null=True),
)
Index(
    "alert_open",
    alert.c.kind,
    alert.c.place,
    unique=True,
    sqlite_where=text("closed IS NULL"),
    postgresql_where=text("closed IS NULL"),
)

# Imaging: every DICOM object that was taken, and which of its study is told already.

dicom_object = Table(
    "object",
    metadata,
    Column("id", BIG, primary_key=True),
    _text("sop"),
    _text("study"),
    _text("series"),
    _int("campus"),
    _text("channel"),
    _text("namespace"),  # as of the inbox
    _int("received"),
    Column("state", SmallInteger, nullable=False),  # 0 current, 1 further version, 2 held
    Column("digest", LargeBinary, nullable=False),
    _int("size"),
    Column("header", LargeBinary, nullable=False),
)
Index(
    "object_sop",
    dicom_object.c.sop,
    unique=True,
    sqlite_where=text("state = 0"),
    postgresql_where=text("state = 0"),
)
Index("object_study", dicom_object.c.study, dicom_object.c.id)
Index("object_digest", dicom_object.c.digest)
study = Table(
    "study",
    metadata,
    Column("uid", Text, primary_key=True),
    _int("last"),  # the newest object
    _int("told"),  # the newest object that the resource tells of
    _int("settled"),
    sqlite_with_rowid=False,
)
Index(
    "study_open",
    study.c.last,
    sqlite_where=text("settled = 0"),
    postgresql_where=text("settled = 0"),
)
