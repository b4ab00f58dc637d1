"""An aECG file of 12 leads and 10 s: from the first byte sent to found by a search.

python -m bench.ecg
"""

import json
import os
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from bench.running import Gateway, gateway
from fixtures.ecg.aecg import Recorded, aecg
from fixtures.ecg.heart import record

FILES = 40
WARM = 5
LIMIT_MS = 300
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def main(settings: Mapping[str, str] | None = None) -> None:
    """Print one line of JSON: the median and the worst time, and what writing the bytes takes."""
    trace = record("sinus", 1)
    files = [
        aecg(
            Recorded(trace, AT + timedelta(minutes=at), f"P{at}", "测试", "F", "19580307")
        ).encode()
        for at in range(WARM + FILES)
    ]
    with gateway(**(settings or {})) as running:
        running.add_campuses("B")
        times = [_stored_and_found(running, f"P{at}", body) for at, body in enumerate(files)][WARM:]
        plain = [_written(running.folder, body) for body in files][WARM:]
    line = {
        "benchmark": "ecg",
        "unit": "ms",
        "figure": round(median(times), 1),
        "worst": round(max(times), 1),
        "baseline": round(median(plain), 1),
        "limit": LIMIT_MS,
        "bytes": len(files[0]),
        "cores": os.cpu_count(),
    }
    print(json.dumps(line))


def _stored_and_found(running: Gateway, number: str, body: bytes) -> float:
    token = running.tokens["B"]
    start = time.perf_counter()
    running.ask("POST", "/ingest/ecg", token=token, body=body)
    path = f"/fhir/DiagnosticReport?patient.identifier=urn:hutong:B:pid%7C{number}"
    found = running.ask("GET", path, token=token)
    took = (time.perf_counter() - start) * 1000
    assert b'"code":"11524-6"' in found, "the ECG is not found"
    return took


def _written(folder: Path, body: bytes) -> float:
    """Return how long the same bytes take to a file that lasts."""
    start = time.perf_counter()
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
