"""Brings a data folder's schema to the newest revision (https://alembic.sqlalchemy.org)."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from gateway.store.connection import DATABASE, to_write
from gateway.store.service import lock

HEAD: Final = "0013"
MIGRATIONS: Final = Path(__file__).with_name("migrations")


def revision(folder: Path) -> str:
    """Return the revision that a folder's database is at, "" where there is none."""
    if not (folder / DATABASE).exists():
        return ""
    connection = sqlite3.connect(f"{(folder / DATABASE).resolve().as_uri()}?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return ""
    finally:
        connection.close()
    return str(row[0]) if row else ""


def migrate(folder: Path) -> None:
    """Apply what is missing, under the writer's lock; nothing if the schema is current."""
    folder.mkdir(parents=True, exist_ok=True)
    if revision(folder) == HEAD:
        return
    held = lock(folder)
    try:
        to_write(folder).close()  # sets the journal mode once and for all
        upgrade(f"sqlite:///{folder / DATABASE}")
    finally:
        os.close(held)


def upgrade(url: str, connected: Callable[[], Any] | None = None) -> None:
    """Apply to a database what its schema lacks, in one transaction."""
    # Imported here: half a second that a start on a current schema does not spend.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import create_engine  # noqa: PLC0415

    engine = create_engine(url, **({"creator": connected} if connected else {}))
    try:
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
