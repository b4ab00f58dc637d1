"""Alembic's environment: the connection is given by `gateway.store.migrate.upgrade`."""

from typing import Any

from alembic import context
from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles

from gateway.store.tables import metadata


@compiles(Text, "postgresql")
def _by_its_bytes(*_: Any, **__: Any) -> str:
    """Return the type of every text column: it compares as on SQLite, whatever the database's."""
    return 'TEXT COLLATE "C"'


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
