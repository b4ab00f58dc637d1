"""Where a test's data lie: in SQLite in its folder, or in a PostgreSQL database of its own.

A folder names its database in a file, so that whoever opens the folder, in another process too,
finds both. The server is one for all tests; a database is copied from one with the schema in it.
"""

import itertools
import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from gateway.store.connection import DATABASE
from gateway.store.opening import join_store, open_store
from gateway.store.postgres.connection import Connection
from gateway.store.postgres.migrate import migrate
from gateway.store.verify import verify

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""Marks what is SQLite's alone."""
ON_POSTGRESQL = pytest.mark.parametrize(
    "database",
    [pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))],
    indirect=True,
)
NAMED = "database.url"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
ACCOUNT = "postgres"
QUICK = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
SERVER = {
    "listen_addresses": "''",
    "max_connections": "100",
    "shared_buffers": "64MB",
    # It would look at a table between two of a test's writes, and change the plans of some runs.
    "autovacuum": "off",
}
TEMPLATE = "hutong_template"
EMPTY = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'
    LOOP PERFORM setval(name, 1, false); END LOOP;
END $$"""


def url_of(folder: Path) -> str:
    """Return the address of a folder's database, "" where it is the folder's own."""
    named = folder / NAMED
    return named.read_text() if named.exists() else ""


def name(folder: Path, url: str) -> None:
    """Say that the data of a folder lie in a database."""
    folder.mkdir(parents=True)
    (folder / NAMED).write_text(url)


def place(path: Path, schema: Path, url: str) -> Path:
    """Make a folder with an empty store: a copy of one with the schema, or a database."""
    if url:
        name(path, url)
    else:
        shutil.copytree(schema, path)
    return path


def check(folder: Path):
    """Return what `hutong verify` says of a folder."""
    return verify(folder, url_of(folder))


def rows(folder: Path, sql: str, values=()):
    """What stands in a folder's database, over a connection of the test's own."""
    url = url_of(folder)
    connection = Connection(url) if url else sqlite3.connect(folder / DATABASE)
    try:
        return connection.execute(sql, tuple(values)).fetchall()
    finally:
        connection.close()


def change(folder: Path, *statements) -> None:
    """Change what stands in a folder's database behind the gateway's back."""
    url = url_of(folder)
    if url:
        connection = Connection(url)
    else:
        connection = sqlite3.connect(folder / DATABASE, isolation_level=None)
    connection.execute("BEGIN")
    for sql, values in statements:
        connection.execute(sql, values)
    connection.execute("COMMIT")
    connection.close()


def opened(folder: Path):
    return open_store(folder, url_of(folder))


def joined(folder: Path):
    return join_store(folder, url_of(folder))


def _program(name: str) -> str:
    found = shutil.which(name)
    return found or str(PROGRAMS[-1] / name)


class Server:
    """A PostgreSQL of the tests' own, on a socket in a temporary folder."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self._settings = settings
        self._numbers = itertools.count(1)
        self._free: list[str] = []
        self._filled = False

    def make(self) -> None:
        """Make its files and start it; as another account where we are root, since it refuses."""
        if os.geteuid() == 0:
            account = pwd.getpwnam(ACCOUNT)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self.folder.chmod(0o700)
        initdb = [_program("initdb"), "--pgdata", str(self.data), "--username", "hutong"]
        self._run([*initdb, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"])
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        settings = {**SERVER, **self._settings, "unix_socket_directories": str(self.folder)}
        words = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = ["--log", str(self.folder / "log")]
        self._control("start", *log, "--options", words)

    def stop(self, how: str = "fast") -> None:
        self._control("stop", "--mode", how)

    def _control(self, *what: str) -> None:
        self._run([_program("pg_ctl"), "--pgdata", str(self.data), "--wait", "--silent", *what])

    def _run(self, command: list[str]) -> None:
        as_whom = ACCOUNT if os.geteuid() == 0 else None
        group = pwd.getpwnam(ACCOUNT).pw_gid if as_whom else None
        subprocess.run(
            command,
            check=True,
            user=as_whom,
            group=group,
            extra_groups=[] if as_whom else None,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )

    def url(self, name: str) -> str:
        return f"postgresql://hutong@/{name}?host={self.folder}"

    def database(self, template: str = "template0") -> str:
        """Return the address of a new database."""
        name = f"test{next(self._numbers)}"
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.split("/")[3].partition("?")[0]
        self.tell(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def tell(self, sql: str, database: str = "postgres"):
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            found = connection.execute(sql)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    @contextmanager
    def away(self, url: str) -> Iterator[None]:
        """Let a database take no connection, nor keep one, for the time of a block."""
        name = url.split("/")[3].partition("?")[0]
        self.tell(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        ended = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        try:
            self.tell(f"{ended} WHERE datname = '{name}'")
            yield
        finally:
            self.tell(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def take(self) -> str:
        """Return the address of a database with the schema and nothing else in it."""
        return self._free.pop() if self._free else self.made()

    def made(self) -> str:
        """Return the address of a new database with the schema, which is the caller's to drop."""
        if not self._filled:
            self.tell(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
            migrate(self.url(TEMPLATE))
            self._filled = True
        return self.database(TEMPLATE)

    def give_back(self, url: str) -> None:
        """Empty a database for the next test: a hundredth of the cost of a new one."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(EMPTY)
        self._free.append(url)


@contextmanager
def serving(**settings: str) -> Iterator[Server]:
    """Run a server for the time of a block."""
    # Its socket's path may not be long, and its account must be able to come to it.
    folder = Path(tempfile.mkdtemp(prefix="hutong-pg"))
    server = Server(folder, settings)
    try:
        server.make()
        yield server
        server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
