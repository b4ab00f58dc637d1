"""Evidence for tests, as it would be imported."""

import os

import msgspec

from gateway.recognition.quality.files import Known, read
from gateway.store.records import Batch

CODES = {"A": 1, "B": 2, "C": 3}
KNOWN = Known(CODES, {"LAB.K", "LAB.NA", "CT.CHEST.PLAIN", "ECG.12"})
ROUND = {
    "campus": "B",
    "scheme": "eqa",
    "organisation": "国家卫健委临检中心",
    "scope": "national",
    "item": "LAB.K",
    "round": "2026-1",
    "starts": "2026-01-01",
    "ends": "2026-06-30",
    "passed": True,
}


def body(*rows):
    return msgspec.json.encode({"evidence": [ROUND | row for row in rows]})


async def take(county, *rows, ago=2_000_000):
    """Import evidence, long enough ago that every process knows it."""
    statements = read(body(*rows), KNOWN, county.clock() - ago)
    await county.store.submit(
        Batch(os.urandom(16), statements=statements, notices=[("config", "")])
    )
