"""What PostgreSQL needs beside the schema; on SQLite there is nothing to do.

https://www.postgresql.org/docs/current/storage-toast.html
"""

from alembic import op

revision = "0010"
down_revision = "0006"
branch_labels = None
depends_on = None

PACKED = {
    "res": ("body", "keys"),
    "inbox": ("raw",),
    "object": ("header",),
}
"""Columns that are compressed when they come."""

# An object that is released from quarantine is numbered anew as the newest: a sequence would give
# that number again. Writers take turns, so the next number is what stands there and one.
NUMBER = """
CREATE FUNCTION next_object() RETURNS bigint LANGUAGE sql VOLATILE AS
    'SELECT coalesce(max(id), 0) + 1 FROM object'"""


def upgrade() -> None:
    """Set what is PostgreSQL's own."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, columns in PACKED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.execute(NUMBER)
    op.execute("ALTER TABLE object ALTER COLUMN id SET DEFAULT next_object()")
    # Led by the system alone it would be taken for a code in a system, too.
    op.execute("DROP INDEX term_system")
    op.execute("CREATE INDEX term_system ON term (system, code)")
