"""Bulk load by $import and $export of all of it, beside the bare rows inserted into SQLite.

    python -m bench.bulk [SIZE]

The invented consortium as NDJSON, a body a campus, Patients first. The baseline are the rows that
came of it, inserted with nothing around: as they came, a commit for as many resources as a portion
has, sorted as the store sorts them.
"""

import http.client
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import msgspec

from bench.goals import goal
from bench.people import patients, records
from bench.running import ADMINISTRATOR, Gateway, gateway, report
from bench.scale import pss_bytes
from fixtures.population import CAMPUSES
from gateway.bulk.portion import ROWS
from gateway.store.connection import to_write

SIZE = 100_000
LEAST_RATIO = 0.5
"""Of the bare rows; on PostgreSQL none are inserted beside."""
PAUSE = 0.05
ACCEPTED = 202


@dataclass(frozen=True)
class Body:
    """What a campus sends: lines of NDJSON, its Patients first."""

    file: IO[bytes]
    patients: int


@dataclass
class Progress:
    """When, in seconds since the start, how many lines of which body were done.

    Patients take longer than what is about them, the more so the more of the same human are known
    already: at first none, at last most. So that like is compared with like they are told apart.
    """

    start: float = field(default_factory=time.perf_counter)
    took: float = 0.0
    done: int = 0
    patients: list[tuple[float, int]] = field(default_factory=list)
    records: list[tuple[float, int]] = field(default_factory=list)
    """Steps: seconds and lines, one after the other."""

    def begin(self, body: Body) -> Callable[[int], None]:
        """Return what is told how many lines of a body are done."""
        last, begun = 0, self.took

        def tell(done: int) -> None:
            nonlocal last, begun
            now = time.perf_counter() - self.start
            if done > last:
                steps = self.records if last >= body.patients else self.patients
                steps.append((now - begun, done - last))
                self.done += done - last
                last, begun = done, now
            self.took = now

        return tell


def _pace(steps: Iterable[tuple[float, int]], part: int) -> float:
    """Return lines a second of the first so many."""
    took, done = 0.0, 0
    for seconds, lines in steps:
        took, done = took + seconds, done + lines
        if done >= part:
            break
    return done / took


def main(size: int) -> None:
    """Print one line of JSON: resources a second in, raw, and out."""
    with gateway() as running, _bodies(size) as bodies:
        running.add_campuses(*bodies)
        progress = Progress()
        for campus, body in bodies.items():
            _import(running, running.tokens[campus], body, progress)
        assert progress.done == size, progress.done
        memory = pss_bytes(running.process)
        out, exported = _export(running)
        shared = "HUTONG_DATABASE_URL" in running.environment
        raw = None if shared else _raw(running.folder / "data" / "hutong.sqlite", size)
    part = min(100_000, size // 4)
    first, last = _pace(progress.records, part), _pace(reversed(progress.records), part)
    report(
        "bulk",
        size / progress.took,
        raw,
        **goal("bulk"),
        ratio_floor=LEAST_RATIO,
        patients=round(_pace(progress.patients, size)),
        records=round(_pace(progress.records, size)),
        last_to_first=round(last / first, 2),
        pss_mb=round(memory / 1e6),
        export=round(out),
        exported=exported,
    )


@contextmanager
def _bodies(size: int) -> Iterator[dict[str, Body]]:
    """Give the lines of each campus."""
    with ExitStack() as stack:
        files: dict[str, IO[bytes]] = {
            campus: stack.enter_context(tempfile.TemporaryFile()) for campus in CAMPUSES
        }
        counts = dict.fromkeys(CAMPUSES, 0)
        for part in (patients(size), records(size)):
            for campus, resources in part:
                files[campus].writelines(msgspec.json.encode(one) + b"\n" for one in resources)
                counts[campus] += sum(one["resourceType"] == "Patient" for one in resources)
        yield {campus: Body(files[campus], counts[campus]) for campus in CAMPUSES}


def _import(running: Gateway, token: str, body: Body, progress: Progress) -> None:
    tell = progress.begin(body)
    length = str(body.file.seek(0, 2))
    body.file.seek(0)
    kind = {"Content-Type": "application/fhir+ndjson", "Content-Length": length}
    manifest = _job(running, token, ("POST", "/fhir/$import", body.file, kind), tell)
    (told,) = manifest["extension"]["imported"]
    assert not told["refused"], told
    tell(told["created"])


def _export(running: Gateway) -> tuple[float, int]:
    """Return resources a second, until the manifest names all files, and how many."""
    start = time.perf_counter()
    manifest = _job(running, ADMINISTRATOR, ("GET", "/fhir/$export", None, {}))
    took = time.perf_counter() - start
    count = sum(one["count"] for one in manifest["output"])
    return count / took, count


def _job(
    running: Gateway,
    token: str,
    request: tuple[str, str, Any, dict[str, str]],
    tell: Any = lambda _: None,
) -> Any:
    """Return the manifest of a job."""
    method, path, body, headers = request
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=600)
    headers = headers | {"Authorization": f"Bearer {token}", "Prefer": "respond-async"}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    assert answer.status == ACCEPTED, answer.read()
    answer.read()
    address = urlsplit(answer.headers["Content-Location"]).path
    while True:
        connection.request("GET", address, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == http.HTTPStatus.OK:
            connection.close()
            return json.loads(text)
        assert answer.status == ACCEPTED, text
        done = answer.headers["X-Progress"].split()[0]
        if done.isdigit():
            tell(int(done))
        time.sleep(PAUSE)


def _raw(database: Path, size: int) -> float:
    """Return how many resources a second their bare rows take, a commit a portion."""
    source = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    folder = Path(tempfile.mkdtemp(prefix="hutong-raw"))
    target = to_write(folder)
    tables: dict[str, Any] = {}
    made = """SELECT type, name, sql FROM sqlite_master
              WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"""
    for kind, name, sql in source.execute(made).fetchall():
        target.execute(sql)
        if kind == "table":
            ((count,),) = source.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608
            tables[name] = count, source.cursor().execute(_as_they_came(source, name))
    portions = max(size // ROWS, 1)
    took = 0.0
    for at in range(portions):
        shares = {
            name: sorted(rows.fetchmany((at + 1) * count // portions - at * count // portions))
            for name, (count, rows) in tables.items()
        }
        start = time.perf_counter()
        target.execute("BEGIN")
        for name, rows in shares.items():
            if rows:
                marks = ",".join("?" * len(rows[0]))
                target.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)  # noqa: S608
        target.execute("COMMIT")
        took += time.perf_counter() - start
    target.close()
    shutil.rmtree(folder)
    return size / took


def _as_they_came(source: sqlite3.Connection, table: str) -> str:
    """Return the statement that reads a table in the order in which its rows were written.

    In that of its key a clustered table would be written from one end to the other, which nothing
    that arrives ever is.
    """
    names = {name for _, name, *_ in source.execute(f'PRAGMA table_info("{table}")')}
    order = ' ORDER BY "row"' if "row" in names else ""
    return f'SELECT * FROM "{table}"{order}'  # noqa: S608


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZE)
