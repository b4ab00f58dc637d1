"""One schema: what a migration makes is what the tables are declared to be."""

import shutil
import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from gateway.store.connection import DATABASE
from gateway.store.migrate import HEAD, migrate, revision
from gateway.store.opening import open_store
from gateway.store.statements import STATEMENTS
from gateway.store.tables import metadata
from tests.gateway.store.samples import rows


@pytest.fixture
def database():
    """What is tested here is SQLite's."""
    return ""


def test_migration_and_metadata_agree(folder):
    engine = create_engine(f"sqlite:///{folder / DATABASE}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_both_make_the_same_columns_keys_and_indexes(folder, tmp_path):
    """What autogenerate does not see: WITHOUT ROWID, conditions of indexes, order of columns."""
    engine = create_engine(f"sqlite:///{tmp_path / 'declared.sqlite'}")
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table))
            for index in table.indexes:
                connection.execute(CreateIndex(index))
    engine.dispose()
    declared, migrated = (
        _shape(path) for path in (tmp_path / "declared.sqlite", folder / DATABASE)
    )
    assert migrated.pop("alembic_version")
    assert migrated == declared


def _shape(path):
    connection = sqlite3.connect(path)
    try:
        tables = connection.execute(
            "SELECT name, wr FROM pragma_table_list"
            " WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        return {name: (without, _table(connection, name)) for name, without in tables}
    finally:
        connection.close()


def _table(connection, name):
    columns = connection.execute(
        'SELECT name, "notnull", pk, dflt_value FROM pragma_table_info(?)', (name,)
    ).fetchall()
    indexes = {}
    for index, unique, origin, partial in connection.execute(
        'SELECT name, "unique", origin, partial FROM pragma_index_list(?)', (name,)
    ).fetchall():
        key = connection.execute(
            "SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,)
        ).fetchall()
        condition = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = ?", (index,)
        ).fetchone()
        where = (condition[0] or "").partition(" WHERE ")[2] if condition else ""
        named = index if origin == "c" else tuple(key)
        indexes[named] = (unique, origin, partial, key, where)
    return columns, indexes


def test_a_folder_that_is_current_is_left_alone(folder):
    before = (folder / DATABASE).stat()
    migrate(folder)
    assert revision(folder) == HEAD
    assert (folder / DATABASE).stat().st_mtime_ns == before.st_mtime_ns


def test_a_folder_with_a_percent_sign_and_chinese_is_migrated(tmp_path, folder):
    strange = tmp_path / "数据 50%d"
    assert revision(strange) == ""
    migrate(strange)
    assert revision(strange) == HEAD
    shutil.rmtree(strange)
    assert revision(folder) == HEAD


async def test_a_deep_folder_has_a_socket_and_a_store(tmp_path):
    deep = tmp_path.joinpath(*["d" * 60] * 4)
    store = open_store(deep)
    assert store.fetch("inbox_depth") == [(0, None)]
    await store.close()


def test_every_named_statement_is_understood(folder):
    connection = sqlite3.connect(folder / DATABASE)
    for name, text in STATEMENTS.items():
        values = (1,) * text.count("?")
        assert connection.execute(f"EXPLAIN {text}", values).fetchall(), name
    connection.close()
    assert rows(folder, "SELECT count(*) FROM res") == [(0,)]
