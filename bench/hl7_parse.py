"""How long it takes to read an ORU of 35 segments, beside a bare split of the same text.

Prints one JSON line; times are microseconds a message, the median of several rounds.
"""

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from adapters.base import Receipt
from adapters.hl7v2 import OBX, Builder, parse
from adapters.hl7v2.ack import ack
from adapters.hl7v2.framing import FrameReader, frame

ROUNDS: Final = 15
MESSAGES: Final = 300
ITEMS: Final = 30


def oru() -> bytes:
    """Return a blood count and chemistry of 30 items, as a LIS writes it."""
    header = {3: "LIS", 4: "B", 5: "HUTONG", 6: "A", 7: "20261122083000", 9: ("ORU", "R01")}
    patient = {
        1: "1",
        3: [("B0012345", "", "", ("B",), "MR"), ("331827199003074470", "", "", ("CHN",), "NI")],
        5: ("张", "三丰"),
        7: "19900307",
        8: "M",
        11: (("人民路 1 号",), "", "某县", "某省", "300000", "CHN"),
    }
    request = {
        1: "1",
        2: ("ORD77", "A"),
        3: ("R2026112200077", "B"),
        4: ("CBC+BIO", "血常规及生化全套", "L"),
        7: "20261122080000",
        14: "20261122081500",
        16: ("0077", "李", "医生"),
        22: "20261122083000",
        25: "F",
    }
    observations = [("OBX", _observation(number)) for number in range(1, ITEMS + 1)]
    return Builder().message(
        ("MSH", {**header, 10: "M1", 11: "P", 12: "2.5.1", 18: "UNICODE UTF-8"}),
        ("PID", patient),
        ("PV1", {1: "1", 2: "I", 3: ("内科", "3", "12"), 19: "V20261122001"}),
        ("ORC", {1: "RE", 2: ("ORD77", "A"), 3: ("R2026112200077", "B"), 5: "CM"}),
        ("OBR", request),
        *observations,
    )


def _observation(number: int) -> dict[int, str | tuple[str, ...]]:
    return {
        1: str(number),
        2: "NM",
        3: (
            f"ITEM{number:02}",
            "白细胞计数",
            "L",
            "6690-2",
            "Leukocytes [#/volume] in Blood",
            "LN",
        ),
        5: f"{number}.10",
        6: ("10*9/L", "", "UCUM"),
        7: "3.5-9.5",
        8: "N" if number % 5 else "H",
        11: "F",
        14: "20261122080000",
        15: ("B", "某县人民医院检验科", "L"),
        16: ("0012", "王", "检验"),
        17: ("AUTO", "流式细胞法", "L"),
    }


def median(work: Callable[[], object]) -> float:
    """Return microseconds a call."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(MESSAGES):
            work()
        rounds.append((time.perf_counter() - start) / MESSAGES * 1e6)
    return round(statistics.median(rounds), 1)


def split_only(body: bytes) -> list[list[str]]:
    """Return what the least conceivable parser would."""
    return [line.split("|") for line in body.decode().split("\r")]


def observations(body: bytes) -> list[OBX]:
    """Return the OBX of a message as records."""
    return [segment.read(OBX) for segment in parse(body).segments if segment.name == "OBX"]


def main() -> None:
    """Measure and print."""
    body = oru()
    block, receipt, at = frame(body), Receipt("AA"), datetime(2026, 11, 22, tzinfo=UTC)
    assert len(parse(body).segments) == ITEMS + 5
    assert observations(body)[4].interpretation_codes[0].identifier == "H"
    baseline = median(lambda: split_only(body))
    parsed, read = median(lambda: parse(body)), median(lambda: observations(body))
    result = {
        "bench": "hl7_parse",
        "bytes": len(body),
        "segments": ITEMS + 5,
        "baseline_split_us": baseline,
        "parse_us": parsed,
        "parse_and_obx_us": read,
        "frame_us": median(lambda: FrameReader(max_bytes=len(block)).feed(block)),
        "ack_us": median(lambda: ack(body, receipt, at)),
        "parse_to_baseline": round(parsed / baseline, 2),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
