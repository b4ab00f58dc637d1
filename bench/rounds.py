"""Gateway and yardstick in turns, so that a slow minute of the machine hits both."""

from collections.abc import Sequence
from statistics import median

from bench.load import Load, get, load
from bench.running import Gateway, bare

CONNECTIONS = 16
SECONDS = 3.0
ROUNDS = 5


def rounds(gateway: Gateway, paths: Sequence[str]) -> tuple[Load, Load]:
    """Return the round with the median ratio: the gateway's load and the yardstick's."""
    tokens = list(gateway.tokens.values())
    requests = [get(path, tokens[at % len(tokens)]) for at, path in enumerate(paths)]
    plain = [get(path) for path in paths]
    body = gateway.ask("GET", paths[0], token=tokens[0])
    with bare(body) as port:
        load(gateway.port, requests, connections=CONNECTIONS, seconds=1)
        load(port, plain, connections=CONNECTIONS, seconds=1)
        found = [
            (
                load(gateway.port, requests, connections=CONNECTIONS, seconds=SECONDS),
                load(port, plain, connections=CONNECTIONS, seconds=SECONDS),
            )
            for _ in range(ROUNDS)
        ]
    assert not any(one.failed for pair in found for one in pair), "some were refused"
    middle = median(own.rate / other.rate for own, other in found)
    return next(pair for pair in found if pair[0].rate / pair[1].rate == middle)
