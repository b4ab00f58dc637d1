"""A failed round takes back 10,000 marks in the background, while others read.

python -m bench.recall

The figure is the seconds until the last result is seen to, at the end of which everybody who relied
on one has a Task; the ratio is the rate of reads beside it to that before and after.
"""

import json
import time
from collections.abc import Iterator
from statistics import mean
from typing import Any, Final

from bench.load import Load, get, load
from bench.running import ADMINISTRATOR, Gateway, gateway, report

FLOOR: Final = 0.75
"""Of the rate of reads: recall slows them by a quarter at most."""
MOST_SECONDS: Final = 60.0
PATIENTS: Final = 1_000
VALUES: Final = 10
RELIED: Final = 200
"""Patients at whose visit somebody recognised a result."""
PART: Final = 100
CONNECTIONS: Final = 16
SECONDS: Final = 3.0
POTASSIUM: Final = "2823-3"
ITEM: Final = "LAB.K"
ROUND: Final = {
    "campus": "B",
    "scheme": "eqa",
    "organisation": "bench",
    "scope": "national",
    "item": ITEM,
    "starts": "2020-01-01",
    "ends": "2199-12-31",
}


def main() -> None:
    """Print one line of JSON."""
    with gateway() as running:
        running.add_campuses("A", "B")
        _evidence(running, {**ROUND, "round": "1", "passed": True})
        ids = _fill(running)
        _rely(running)
        paths = [f"/fhir/Observation/{id_}" for id_ in ids]
        requests = [get(path, running.tokens["B"]) for path in paths]
        load(running.port, requests, connections=CONNECTIONS, seconds=1)
        before = _read(running, requests)
        beside, seconds = _recall(running, requests)
        after = _read(running, requests)
        tasks = _tasks(running)
    rate = mean(one.rate for one in beside)
    plain = mean((before.rate, after.rate))
    report(
        "recall",
        rate,
        plain,
        floor=FLOOR,
        aim=1.0,
        seconds=round(seconds, 1),
        seconds_floor=MOST_SECONDS,
        results=len(ids),
        tasks=tasks,
        p99_ms=round(max(one.p99 for one in beside), 2),
        p99_ms_alone=round(before.p99, 2),
    )


def _read(running: Gateway, requests: list[bytes]) -> Load:
    return load(running.port, requests, connections=CONNECTIONS, seconds=SECONDS)


def _recall(running: Gateway, requests: list[bytes]) -> tuple[list[Load], float]:
    """Return the loads beside the recall, and how long it took."""
    start = time.perf_counter()
    _evidence(running, {**ROUND, "round": "2", "passed": False})
    found = []
    while not _is_done(running):
        found.append(load(running.port, requests, connections=CONNECTIONS, seconds=0.5))
        assert not found[-1].failed, "some were refused"
        assert time.perf_counter() - start < 10 * MOST_SECONDS, "it does not end"
    return found, time.perf_counter() - start


def _is_done(running: Gateway) -> bool:
    rows = json.loads(running.ask("GET", "/recognition/quality", token=ADMINISTRATOR))["evidence"]
    return all("seenThrough" in row for row in rows)


def _evidence(running: Gateway, row: dict[str, Any]) -> None:
    body = json.dumps({"evidence": [row]}).encode()
    running.ask("POST", "/recognition/quality", token=ADMINISTRATOR, body=body)


def _fill(running: Gateway) -> list[str]:
    """Store patients and results; return the ids of the results."""
    token = running.tokens["B"]
    entries = [
        {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for one in _resources()
    ]
    for at in range(0, len(entries), PART):
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries[at : at + PART]}
        running.ask("POST", "/fhir", token=token, body=json.dumps(bundle).encode())
    return [f"p{number}-{at}" for number in range(PATIENTS) for at in range(VALUES)]


def _resources() -> Iterator[dict[str, Any]]:
    now = time.time()
    for number in range(PATIENTS):
        pid = {"system": "urn:hutong:B:pid", "value": str(number)}
        yield {"resourceType": "Patient", "id": f"p{number}", "identifier": [pid]}
        for at in range(VALUES):
            drawn = time.gmtime(now - 3600 * (at + 1))
            yield {
                "resourceType": "Observation",
                "id": f"p{number}-{at}",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": POTASSIUM}]},
                "subject": {"reference": f"Patient/p{number}"},
                "effectiveDateTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", drawn),
                "valueQuantity": {
                    "value": 4.2,
                    "unit": "mmol/L",
                    "system": "http://unitsofmeasure.org",
                    "code": "mmol/L",
                },
            }


def _rely(running: Gateway) -> None:
    token = running.tokens["B"]
    for number in range(RELIED):
        question = {
            "patient": {"system": "urn:hutong:B:pid", "value": str(number)},
            "orders": [{"system": "http://loinc.org", "code": POTASSIUM}],
            "encounterClass": "AMB",
        }
        body = json.dumps(question).encode()
        answer = json.loads(running.ask("POST", "/recognition/check", token=token, body=body))
        (decision,) = answer["decisions"]
        said = json.dumps({"outcome": "recognised", "actor": "bench"}).encode()
        path = f"/recognition/decisions/{decision['id']}/answer"
        running.ask("POST", path, token=token, body=said)


def _tasks(running: Gateway) -> int:
    path = "/fhir/Task?code=recognition-recall&_summary=count"
    bundle = json.loads(running.ask("GET", path, token=running.tokens["B"]))
    return int(bundle["total"])


if __name__ == "__main__":
    main()
