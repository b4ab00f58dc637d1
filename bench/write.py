"""Creates by sixteen callers, and transactions of 32: durable before the answer, audit on.

python -m bench.write

The yardstick is a bare route that reads as much JSON and returns the same bytes.
"""

import json
from collections.abc import Iterator
from itertools import islice
from statistics import median
from typing import Final

from bench.goals import goal
from bench.load import Load, load, post
from bench.rounds import figures
from bench.running import Gateway, bare, gateway, report
from fixtures.population import CAMPUSES, Resource, humans, record

CALLERS: Final = 16
BUNDLE_CALLERS: Final = 8
RESULTS: Final = 4_096
ENTRIES: Final = 32
SECONDS: Final = 3.0
ROUNDS: Final = 3


def main() -> None:
    """Print two lines of JSON: creates and transactions a second."""
    results = list(islice(_results(), RESULTS))
    with gateway() as running:
        running.add_campuses(*CAMPUSES)
        tokens = list(running.tokens.values())
        creates = [
            post(
                "/fhir/Observation",
                json.dumps(one, ensure_ascii=False).encode(),
                tokens[at % len(tokens)],
            )
            for at, one in enumerate(results)
        ]
        bundles = [
            post("/fhir", _bundle(results[at : at + ENTRIES]), tokens[at // ENTRIES % len(tokens)])
            for at in range(0, RESULTS, ENTRIES)
        ]
        _tell(running, "create", creates, CALLERS)
        _tell(running, "transaction", bundles, BUNDLE_CALLERS)


def _results() -> Iterator[Resource]:
    """Yield results without ids, of Patients that need not be there."""
    for human in humans(10 * RESULTS):
        for member in human.members:
            for one in record(human, member):
                if one["resourceType"] == "Observation":
                    yield {name: value for name, value in one.items() if name != "id"}


def _bundle(results: list[Resource]) -> bytes:
    request = {"method": "POST", "url": "Observation"}
    entries = [{"resource": one, "request": request} for one in results]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return json.dumps(bundle, ensure_ascii=False).encode()


def _tell(running: Gateway, name: str, requests: list[bytes], callers: int) -> None:
    with bare(b"{}") as (port, process):
        plain = [_to_service(one) for one in requests]
        found: list[tuple[Load, Load]] = []
        load(running.port, requests, connections=callers, seconds=1)
        for _ in range(ROUNDS):
            own = load(
                running.port,
                requests,
                connections=callers,
                seconds=SECONDS,
                server=running.process,
            )
            other = load(port, plain, connections=callers, seconds=1, server=process)
            found.append((own, other))
    assert not any(own.failed for own, _ in found), "some were refused"
    middle = median(own.rate for own, _ in found)
    own, other = next(pair for pair in found if pair[0].rate == middle)
    report(name, own.rate, other.rate, **goal(name), **figures(own, other))


def _to_service(request: bytes) -> bytes:
    """Return the same body sent to the yardstick's service."""
    _, _, rest = request.partition(b" HTTP/1.1\r\n")
    return b"POST /cds-services/1 HTTP/1.1\r\n" + rest


if __name__ == "__main__":
    main()
