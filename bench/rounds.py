"""Gateway and yardstick in turns, so that a slow minute of the machine hits both."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from statistics import mean, median
from typing import Any

from bench.load import Load, get, load
from bench.running import Gateway, bare

CONNECTIONS = 16
SECONDS = 3.0
ROUNDS = 5
SAMPLE = 40


@dataclass(frozen=True)
class Pace:
    """How many call, for how long, how often."""

    connections: int = CONNECTIONS
    seconds: float = SECONDS
    rounds: int = ROUNDS


PACE = Pace()


def rounds(gateway: Gateway, paths: Sequence[str], pace: Pace = PACE) -> tuple[Load, Load]:
    """Return the round with the median ratio: the gateway's load and the yardstick's."""
    tokens = list(gateway.tokens.values())
    requests = [get(path, tokens[at % len(tokens)]) for at, path in enumerate(paths)]
    plain = [get(path) for path in paths]
    with bare(_usual(gateway, paths)) as (port, process):

        def measured(which: int, own: Sequence[bytes], seconds: float, server: int) -> Load:
            many = pace.connections
            return load(which, own, connections=many, seconds=seconds, server=server)

        measured(gateway.port, requests, 1, 0)
        measured(port, plain, 1, 0)
        found = [
            (
                measured(gateway.port, requests, pace.seconds, gateway.process),
                measured(port, plain, pace.seconds, process),
            )
            for _ in range(pace.rounds)
        ]
    assert not any(one.failed for pair in found for one in pair), "some were refused"
    middle = median(own.rate / other.rate for own, other in found)
    return min(found, key=lambda pair: abs(pair[0].rate / pair[1].rate - middle))


def figures(own: Load, other: Load) -> dict[str, Any]:
    """Return what a report says of both besides their rates.

    `cpu_ratio` compares what an answer takes of the processors: others on the machine disturb it
    less than the rates.
    """
    return {
        "p50_ms": round(own.p50, 2),
        "p99_ms": round(own.p99, 2),
        "cpu_us": round(own.cpu_us),
        "baseline_cpu_us": round(other.cpu_us),
        "cpu_ratio": round(other.cpu_us / own.cpu_us, 3),
    }


def _usual(gateway: Gateway, paths: Sequence[str]) -> bytes:
    """Return the answer of the most usual length."""
    token = next(iter(gateway.tokens.values()))
    some = Random(1).sample(paths, min(SAMPLE, len(paths)))  # noqa: S311 - of a benchmark
    answers = [gateway.ask("GET", path, token=token) for path in some]
    middle = mean(len(one) for one in answers)
    return min(answers, key=lambda one: abs(len(one) - middle))
