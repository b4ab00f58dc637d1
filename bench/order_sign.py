"""CDS Hooks order-sign with five items: random patients among 200,000 resources, four callers.

python -m bench.order_sign [HUMANS]
"""

import json
import os
import sys
import time
from statistics import median

from bench.load import load, post
from bench.running import bare, gateway, report
from bench.wards import ORDERED, fill, question

FLOOR, AIM = 100.0, 200.0
"""Requests a second."""
P95_MS = 50.0
HUMANS = 10_000
CALLERS = 4
ASKED = 2_000
SECONDS = 5.0
ROUNDS = 3
SETTLING = 30.0
PATH = "/cds-services/recognition-order-sign"


def main(humans: int) -> None:
    """Print one line of JSON: calls a second with p95, and what a bare route does."""
    with gateway() as running:
        fill(running, humans)
        # What follows from the filling, checkpoints and catching up, is no part of an order.
        os.sync()
        time.sleep(SETTLING)
        token = running.tokens["A"]
        bodies = [question(number * 7919 % humans) for number in range(ASKED)]
        answer = running.ask("POST", PATH, token=token, body=bodies[0])
        cards = json.loads(answer)["cards"]
        assert len(cards) == ORDERED - 1, f"{len(cards)} cards"
        own, other = [], []
        with bare(answer) as (port, _):
            for _ in range(ROUNDS):
                asked = [post(PATH, body, token) for body in bodies]
                own.append(load(running.port, asked, connections=CALLERS, seconds=SECONDS))
                other.append(load(port, asked, connections=CALLERS, seconds=SECONDS))
    assert not any(one.failed for one in (*own, *other)), "some were refused"
    rate = median(one.rate for one in own)
    middle = next(one for one in own if one.rate == rate)
    report(
        "order-sign",
        rate,
        median(one.rate for one in other),
        floor=FLOOR,
        aim=AIM,
        humans=humans,
        p50_ms=round(middle.p50, 1),
        p95_ms=round(middle.p95, 1),
        p95_floor_ms=P95_MS,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else HUMANS)
