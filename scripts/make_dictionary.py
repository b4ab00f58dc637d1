# ruff: noqa: INP001 - a program, not a package
"""Trains the dictionary with which bodies are compressed (RFC 8878, section 5).

Usage: scripts/make_dictionary.py NUMBER, once for each new codec: what was stored with a dictionary
can only be read with the same one. It learns from what the gateway's own simulators make, FHIR
resources as clients send them and as the mappers write them; LOINC codes and names are those of
fixtures/consortium/items.tsv (docs/reference/loinc-notice.md). Dictionary 1 is text, of deflate.
"""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import zstandard

from fixtures.population import humans, person, record

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "gateway" / "store" / "dictionary"
BYTES = 16 * 1024
LEVEL = 3
PEOPLE = 60
SEED = 20_261_122
"""Not that of the benchmarks."""
CASES = 8
"""How often each resource of a golden case is learned from: there are few, and all differ."""


def main(number: str) -> None:
    """Write the dictionary of a codec."""
    samples = [_at_rest(one) for one in (*_sent(), *(list(_mapped()) * CASES))]
    trained = zstandard.train_dictionary(BYTES, samples, level=LEVEL)
    (TARGET / f"{number}.zstd").write_bytes(trained.as_bytes())


def _sent() -> Iterator[dict[str, Any]]:
    for human in islice(humans(10_000, SEED), PEOPLE):
        yield person(human)
        for member in human.members:
            yield from record(human, member)


def _mapped() -> Iterator[dict[str, Any]]:
    for file in sorted(ROOT.glob("fixtures/*/*/expected.json")):
        expected = json.loads(file.read_text())
        found = expected.get("drafts", ())
        yield from (one["resource"] for one in found if isinstance(one, dict))


def _at_rest(resource: dict[str, Any]) -> bytes:
    """Return a body as it is stored: with the owner's campus, and a hole in `meta`."""
    kept = {name: one for name, one in resource.items() if name not in {"resourceType", "id"}}
    told = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    head = f'{{"resourceType":"{resource["resourceType"]}","id":"{resource.get("id", "")}"'
    meta = '"meta":{,"extension":[{"url":"urn:hutong:ext:campus","valueCode":"A"}]}'
    return f"{head},{meta},{told[1:]}".encode()


main(sys.argv[1])
