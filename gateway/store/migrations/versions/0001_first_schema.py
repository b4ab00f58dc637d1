"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table and index."""
    op.create_table(
        "alert",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first", BIG, nullable=False),
        sa.Column("last", BIG, nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.Column("closed", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "alert_open",
        "alert",
        ["kind", "place"],
        unique=True,
        sqlite_where=sa.text("closed IS NULL"),
        postgresql_where=sa.text("closed IS NULL"),
    )
    op.create_table(
        "audience",
        sa.Column("key", BIG, autoincrement=False, nullable=False),
        sa.Column("campus", BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "campus"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit",
        sa.Column("seq", BIG, autoincrement=False, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("token", BIG, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "business_key",
        sa.Column("type", BIG, autoincrement=False, nullable=False),
        sa.Column("term", BIG, autoincrement=False, nullable=False),
        sa.Column("campus", BIG, autoincrement=False, nullable=False),
        sa.Column("key", BIG, nullable=False),
        sa.PrimaryKeyConstraint("type", "term", "campus"),
        sqlite_with_rowid=False,
    )
    op.create_index("business_key_of", "business_key", ["key"], unique=False)
    op.create_table(
        "campus",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("charset", sa.Text(), nullable=False),
        sa.Column("senders", sa.Text(), nullable=False),
        sa.Column("peers", sa.Text(), nullable=False),
        sa.Column("ae_titles", sa.Text(), nullable=False),
        sa.Column("active", BIG, nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "certain",
        sa.Column("patient", BIG, autoincrement=False, nullable=False),
        sa.Column("holder", BIG, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("patient", "holder"),
        sqlite_with_rowid=False,
    )
    op.create_index("certain_holder", "certain", ["holder", "patient"], unique=False)
    op.create_table(
        "channel",
        sa.Column("id", BIG, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("first_seen", BIG, nullable=False),
        sa.Column("last_seen", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campus", "name", name="channel_name"),
    )
    op.create_table(
        "clinical",
        sa.Column("patient", BIG, autoincrement=False, nullable=False),
        sa.Column("type", BIG, autoincrement=False, nullable=False),
        sa.Column("code", BIG, autoincrement=False, nullable=False),
        sa.Column("lo", BIG, autoincrement=False, nullable=False),
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.Column("hi", BIG, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.PrimaryKeyConstraint("patient", "type", "code", "lo", "row"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("received", BIG, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("channel", BIG, nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("namespace", sa.Text(), nullable=False),
        sa.Column("control", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("finished", BIG, nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("inbox_hash", "inbox", ["hash"], unique=False)
    op.create_index(
        "inbox_held",
        "inbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 2"),
        postgresql_where=sa.text("state = 2"),
    )
    op.create_index(
        "inbox_waiting",
        "inbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 0"),
        postgresql_where=sa.text("state = 0"),
    )
    op.create_table(
        "key",
        sa.Column("id", BIG, nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("fhir_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("type", "fhir_id", name="key_name"),
    )
    op.create_table(
        "outbox",
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.Column("key", BIG, nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("op", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row"),
    )
    op.create_table(
        "refusal",
        sa.Column("minute", BIG, autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.PrimaryKeyConstraint("minute", "address"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "res",
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.Column("key", BIG, nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("dead", BIG, nullable=True),
        sa.Column("op", sa.SmallInteger(), nullable=False),
        sa.Column("label", sa.SmallInteger(), nullable=False),
        sa.Column("codec", sa.SmallInteger(), nullable=False),
        sa.Column("hole", BIG, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("row"),
        sa.UniqueConstraint("key", "version", name="res_version"),
    )
    op.create_index(
        "res_dead",
        "res",
        ["dead"],
        unique=False,
        sqlite_where=sa.text("dead IS NOT NULL AND keys IS NOT NULL"),
        postgresql_where=sa.text("dead IS NOT NULL AND keys IS NOT NULL"),
    )
    op.create_index(
        "res_head",
        "res",
        ["key"],
        unique=True,
        sqlite_where=sa.text("dead IS NULL"),
        postgresql_where=sa.text("dead IS NULL"),
    )
    op.create_index("res_type", "res", ["type", "row"], unique=False)
    op.create_table(
        "session",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("token", BIG, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.Column("expires", BIG, nullable=False),
        sa.PrimaryKeyConstraint("hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "sp_date",
        sa.Column("param", BIG, autoincrement=False, nullable=False),
        sa.Column("lo", BIG, autoincrement=False, nullable=False),
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.Column("hi", BIG, autoincrement=False, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.PrimaryKeyConstraint("param", "lo", "row", "hi"),
        sqlite_with_rowid=False,
    )
    op.create_index("sp_date_hi", "sp_date", ["param", "hi"], unique=False)
    op.create_index("sp_date_row", "sp_date", ["row", "param"], unique=False)
    op.create_table(
        "sp_reference",
        sa.Column("param", BIG, autoincrement=False, nullable=False),
        sa.Column("value", BIG, autoincrement=False, nullable=False),
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.PrimaryKeyConstraint("param", "value", "row"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sp_string",
        sa.Column("param", BIG, autoincrement=False, nullable=False),
        sa.Column("value", BIG, autoincrement=False, nullable=False),
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.PrimaryKeyConstraint("param", "value", "row"),
        sqlite_with_rowid=False,
    )
    op.create_index("sp_string_row", "sp_string", ["row", "param"], unique=False)
    op.create_table(
        "sp_token",
        sa.Column("param", BIG, autoincrement=False, nullable=False),
        sa.Column("value", BIG, autoincrement=False, nullable=False),
        sa.Column("row", BIG, autoincrement=False, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.PrimaryKeyConstraint("param", "value", "row"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "system",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("uri"),
    )
    op.create_table(
        "term",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("system", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", "system", name="term_name"),
    )
    op.create_index("term_system", "term", ["system"], unique=False)
    op.create_table(
        "ticket",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ticket_at", "ticket", ["at"], unique=False)
    op.create_table(
        "token",
        sa.Column("id", BIG, nullable=False),
        sa.Column("campus", BIG, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created", BIG, nullable=False),
        sa.Column("revoked", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "word",
        sa.Column("id", BIG, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("text"),
    )
    op.create_index("word_folded", "word", ["folded"], unique=False)
