"""Of dates only the long ones are indexed by their end: the others begin near it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LONG = sa.text("hi > lo + 1728000000000")


def upgrade() -> None:
    """Put an index of few in the place of one of all."""
    op.drop_index("sp_date_hi", "sp_date")
    op.create_index(
        "sp_date_long", "sp_date", ["param", "hi"], sqlite_where=LONG, postgresql_where=LONG
    )
