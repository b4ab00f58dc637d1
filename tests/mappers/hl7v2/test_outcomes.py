"""The public sample messages come out as the table says that was written before the mappers.

The table is tests/outcomes/hl7v2.tsv, its rules docs/reference/hl7v2-mapping.md. Each message
meets an empty store: no order is found, and the number that a merge takes away is not known.
"""

import csv
from collections import Counter
from pathlib import Path

import pytest

from adapters.hl7v2 import parse, split
from mappers.base import Mapped, Source
from mappers.hl7v2 import event_of, to_fhir
from tests import tools

TABLE = Path(__file__).parents[2] / "outcomes" / "hl7v2.tsv"
with TABLE.open(encoding="utf-8") as lines:
    ROWS = list(csv.DictReader(lines, delimiter="\t"))

SOURCE = Source("B", "Asia/Shanghai")


def made_on_an_empty_store(mapped: Mapped) -> dict[str, int]:
    keys = {draft.key for draft in mapped.drafts}
    keys |= {link.own.key for link in mapped.orders if link.own}
    keys |= {merge.prior for merge in mapped.merges}
    made = Counter(key.type for key in keys)
    if mapped.provenance:
        made["Provenance"] += 1
    return dict(made)


def outcome(mapped: Mapped) -> dict[str, object]:
    account = mapped.account
    obx = [skip.reason for skip in account.skips if skip.place.startswith("OBX[")]
    return {
        "outcome": "quarantined" if mapped.quarantine else "stored",
        "reason": mapped.quarantine.code if mapped.quarantine else "",
        "resources": made_on_an_empty_store(mapped),
        "obx": account.received.get("OBX", 0),
        "observations": account.facts.get("Observation", 0),
        "skips": dict(Counter(obx)),
    }


def counts(text: str) -> dict[str, int]:
    return {name: int(count) for name, count in (part.rsplit(":", 1) for part in text.split())}


def expected(row: dict[str, str]) -> dict[str, object]:
    return {
        "outcome": row["outcome"],
        "reason": row["reason"],
        "resources": counts(row["resources"]),
        "obx": int(row["obx"]),
        "observations": int(row["observations"]),
        "skips": counts(row["skips"]),
    }


@pytest.mark.needs("shared data")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['file']}#{row['message']}")
def test_sample_message_comes_out_as_the_table_says(row):
    body = (tools.SHARED / "data" / "hl7v2" / row["file"]).read_bytes()
    message = parse(split(body)[int(row["message"]) - 1])
    mapped = to_fhir(message, SOURCE)
    assert mapped.event == row["type"] == event_of(message)
    assert outcome(mapped) == expected(row)
    assert mapped.quarantine or mapped.account.balanced()


@pytest.mark.needs("shared data")
def test_table_names_every_sample_message_of_a_supported_type():
    found = []
    for folder in ("linuxforhealth", "microsoft-FHIR-Converter", "hl7apy", "python-hl7"):
        for path in sorted((tools.SHARED / "data" / "hl7v2" / folder).rglob("*.hl7")):
            for number, body in enumerate(split(path.read_bytes()), 1):
                if b"|ORU" in body or b"|ORM" in body or b"|ADT" in body:
                    name = str(path.relative_to(tools.SHARED / "data" / "hl7v2"))
                    if event_of(parse(body)):
                        found.append((name, str(number)))
    assert sorted(found) == sorted((row["file"], row["message"]) for row in ROWS)


def test_at_most_one_in_twenty_well_formed_messages_is_not_stored():
    well_formed = [row for row in ROWS if row["well-formed"] == "yes"]
    lost = [row for row in well_formed if row["outcome"] != "stored"]
    assert len(lost) <= len(well_formed) // 20
    assert len(well_formed) > 150
