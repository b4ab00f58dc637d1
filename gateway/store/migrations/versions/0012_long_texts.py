"""On PostgreSQL texts are indexed by their beginning: for more an entry of an index has no room.

https://www.postgresql.org/docs/current/btree-implementation.html
"""

from alembic import op

revision = "0012"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index beginnings, where the database is PostgreSQL."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX word_folded")
        op.execute("CREATE INDEX word_folded ON word (left(folded, 400))")
