"""Read by id: random ids, several tokens, access check and audit on.

python -m bench.read
"""

from bench.goals import goal
from bench.rounds import figures, rounds
from bench.running import gateway, report
from bench.sample import fill, observations


def main() -> None:
    """Print one line of JSON: reads a second, and what a bare route does."""
    with gateway() as running:
        paths = [f"/fhir/Observation/{id_}" for id_ in observations(fill(running))]
        own, other = rounds(running, paths)
    report("read", own.rate, other.rate, **goal("read"), **figures(own, other))


if __name__ == "__main__":
    main()
