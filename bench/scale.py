"""Every query of queries.json at one size: loaded, its hits checked, its speed beside a bare route.

python -m bench.scale SIZE [NAME...]
python -m bench.scale SIZE --url http://127.0.0.1:8080/fhir [--token TOKEN] [NAME...]

Without an address a gateway is started and filled through its own door; with one the server there,
which `bench.fill` has filled, is asked, and there is no yardstick. One line of JSON a query.
"""

import argparse
import json
from pathlib import Path

import psycopg

from bench.asking import Server, ask
from bench.fill import Target
from bench.fill import load as fill
from bench.goals import goal_of_query
from bench.load import get, load
from bench.queries import Query, label, queries
from bench.rounds import Pace, figures, rounds
from bench.running import Gateway, gateway, report
from fixtures.population import CAMPUSES

PACE = Pace(seconds=1.0, rounds=3)
ALONE_SECONDS = 1.0


def main() -> None:
    """Print one line of JSON a query."""
    parser = argparse.ArgumentParser()
    parser.add_argument("size", type=int)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--url")
    parser.add_argument("--token", default="")
    given = parser.parse_args()
    asked = [one for one in queries() if one.hits[label(given.size)]["own"]["hits"]]
    asked = [one for one in asked if one.name in given.names or not given.names]
    if given.url:
        for query in asked:
            _of_server(Server(given.url, (given.token,)), query, given.size)
        return
    with gateway() as running:
        running.add_campuses(*CAMPUSES)
        _loaded(running, given.size)
        for query in asked:
            _of_gateway(running, query, given.size)


def _loaded(running: Gateway, size: int) -> None:
    loaded = fill(Target(running.environment, running.tokens), size)
    part = min(size // 2, 100_000)
    first, last = loaded.rate_between(0, part), loaded.rate_between(size - part, size)
    report(
        "load",
        loaded.rate,
        first,
        floor=0.7,
        aim=1.0,
        first=round(first),
        last=round(last),
        bytes_each=round(_bytes(running) / size),
        pss_mb=round(pss_bytes(running.process) / 1e6),
    )


def _of_gateway(running: Gateway, query: Query, size: int) -> None:
    server = Server(f"http://127.0.0.1:{running.port}/fhir", tuple(running.tokens.values()))
    found = ask(server, query, size, knows_links=True)
    assert found.is_right, (query.name, found)
    paths = [server.path(address) for address in query.addresses(size)]
    own, other = rounds(running, paths, PACE)
    requests = [get(path, server.tokens[0]) for path in paths]
    alone = load(running.port, requests, connections=1, seconds=ALONE_SECONDS)
    report(
        f"{query.name} {label(size)}",
        own.rate,
        other.rate,
        **goal_of_query(query.name),
        hits=found.hits,
        alone_p50_ms=round(alone.p50, 2),
        alone_p99_ms=round(alone.p99, 2),
        **figures(own, other),
    )


def _of_server(server: Server, query: Query, size: int) -> None:
    found = ask(server, query, size, knows_links=False)
    paths = [server.path(address) for address in query.addresses(size)]
    requests = [get(path, server.tokens[at % len(server.tokens)]) for at, path in enumerate(paths)]
    own = load(
        (server.host, server.port),
        requests,
        connections=PACE.connections,
        seconds=PACE.seconds * PACE.rounds,
    )
    line = {"benchmark": f"{query.name} {label(size)}", "figure": round(own.rate, 1)}
    line |= {"p50_ms": round(own.p50, 2), "p99_ms": round(own.p99, 2), "failed": own.failed}
    line |= {"hits": found.hits, "expected": found.expected_hits, "right": found.is_right}
    print(json.dumps(line), flush=True)


def _bytes(running: Gateway) -> int:
    """Return what the database takes."""
    if url := running.environment.get("HUTONG_DATABASE_URL"):
        with psycopg.connect(url) as connection:
            found = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(found[0]) if found else 0
    files = (running.folder / "data").glob("hutong.sqlite*")
    return sum(one.stat().st_size for one in files)


def pss_bytes(process: int) -> int:
    """Return the memory of a process and its children, what they share counted once (proc(5))."""
    total, todo = 0, [process]
    while todo:
        pid = todo.pop()
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
        for task in Path(f"/proc/{pid}/task").iterdir():
            todo += [int(one) for one in (task / "children").read_text().split()]
    return total


if __name__ == "__main__":
    main()
