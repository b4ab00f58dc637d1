"""ORU ingest: from the first byte until the last result is searchable and the queue is empty.

    python bench/ingest.py

Eight connections, each sends its next message when the last is acknowledged. Beside it the rows
that came of it, inserted into SQLite with nothing around, a commit a message.
"""

import asyncio
import json
import re
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path

from bench.oru import ITEMS, oru, report_number
from bench.running import ADMINISTRATOR, Gateway, gateway, report

FLOOR, AIM = 50, 120
CONNECTIONS = 8
MESSAGES = 2_000
WARM_UP = 80
START, END = b"\x0b", b"\x1c\r"


def main() -> None:
    """Print one line of JSON: messages a second, and rows of as many inserted raw."""
    with gateway() as running:
        running.add_campuses("A", "B")
        asyncio.run(_send(running, range(MESSAGES, MESSAGES + WARM_UP)))
        _await_all(running, MESSAGES, WARM_UP)
        start = time.perf_counter()
        slowest = asyncio.run(_send(running, range(MESSAGES)))
        acknowledged = time.perf_counter() - start
        _await_all(running, 0, MESSAGES)
        took = time.perf_counter() - start
        _check(running)
        raw = _raw(running.folder / "data" / "hutong.sqlite")
    report(
        "ingest",
        MESSAGES / took,
        raw,
        floor=FLOOR,
        aim=AIM,
        acknowledged=round(MESSAGES / acknowledged, 1),
        slowest_ack_ms=round(slowest * 1000),
        ready_seconds=round(running.ready_seconds, 2),
    )


async def _send(running: Gateway, numbers: range) -> float:
    """Send messages; return how long the slowest acknowledgement took."""
    shares = [numbers[at::CONNECTIONS] for at in range(CONNECTIONS)]
    return max(await asyncio.gather(*(_connection(running, share) for share in shares)))


async def _connection(running: Gateway, numbers: range) -> float:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.mllp_port)
    slowest = 0.0
    for number in numbers:
        start = time.perf_counter()
        writer.write(START + oru(number) + END)
        answer = await reader.readuntil(END)
        assert b"\rMSA|AA|" in answer, answer
        slowest = max(slowest, time.perf_counter() - start)
    writer.close()
    return slowest


def _await_all(running: Gateway, first: int, count: int) -> None:
    """Return when the last message of each connection can be found and nothing waits."""
    last = list(range(first, first + count))[-CONNECTIONS:]
    while not all(_found(running, number) for number in last) or _waiting(running):
        time.sleep(0.01)


def _found(running: Gateway, number: int) -> bool:
    query = f"identifier=urn:hutong:B:report|{report_number(number)}&_summary=count"
    found = running.ask("GET", f"/fhir/DiagnosticReport?{query}", token=running.tokens["A"])
    return bool(json.loads(found)["total"])


def _waiting(running: Gateway) -> bool:
    figures = running.ask("GET", "/metrics", token=ADMINISTRATOR).decode()
    (waiting,) = re.findall(r"^hutong_inbox_waiting (\S+)$", figures, re.MULTILINE)
    return float(waiting) > 0


def _check(running: Gateway) -> None:
    """Every OBX is an Observation."""
    found = running.ask("GET", "/fhir/Observation?_summary=count", token=running.tokens["A"])
    assert json.loads(found)["total"] == (MESSAGES + WARM_UP) * len(ITEMS), found


def _raw(database: Path) -> float:
    """Return how many messages a second their bare rows take, a commit each."""
    source = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
    folder = Path(tempfile.mkdtemp(prefix="hutong-raw"))
    target = sqlite3.connect(folder / "raw.sqlite", isolation_level=None)
    target.execute("PRAGMA journal_mode = WAL")
    target.execute("PRAGMA synchronous = FULL")
    tables = {}
    made = """SELECT type, name, sql FROM sqlite_master
              WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"""
    for kind, name, sql in source.execute(made):
        target.execute(sql)
        if kind == "table":
            tables[name] = source.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
    messages = MESSAGES + WARM_UP
    start = time.perf_counter()
    for at in range(messages):
        target.execute("BEGIN")
        for name, rows in tables.items():
            share = rows[at * len(rows) // messages : (at + 1) * len(rows) // messages]
            if share:
                marks = ",".join("?" * len(share[0]))
                target.executemany(f'INSERT INTO "{name}" VALUES ({marks})', share)  # noqa: S608
        target.execute("COMMIT")
    took = time.perf_counter() - start
    target.close()
    shutil.rmtree(folder)
    return messages / took


if __name__ == "__main__":
    main()
